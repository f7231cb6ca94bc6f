import type { ComponentChildren } from 'preact'
import type { Failure } from '../api/failure'
import { sentence } from '../model/format'
import { Command } from './copy'
import { Button, Empty, Notice } from './parts'

/** An error as on the command line: what failed, and what to do. */
export function FailureNotice({ failure, actions }: { failure: Failure; actions?: ComponentChildren }) {
  return (
    <Notice tone="red" role="alert" title={sentence(failure.message)}>
      {failure.help !== undefined && <Help text={failure.help} />}
      <div class="row row--wrap">
        {actions}
        {failure.code !== 'NETWORK' && <code class="subtle">{failure.code}</code>}
      </div>
    </Notice>
  )
}

/** In place of what could not be read. */
export function FailurePanel({ failure, retry }: { failure: Failure; retry: () => void }) {
  return (
    <Empty
      icon={failure.code === 'NETWORK' ? 'offline' : 'warning'}
      title={sentence(failure.message)}
      actions={
        <Button icon="restore" onClick={retry}>
          Try again
        </Button>
      }
    >
      {failure.help !== undefined && <Help text={failure.help} />}
    </Empty>
  )
}

/** The help of an error: lines of text, with commands in backticks or on lines of their own. */
export function Help({ text }: { text: string }) {
  return (
    <div class="stack" style={{ '--stack-gap': 'var(--space-2)' }}>
      {text.split('\n').map((line, index) => {
        const command = /^\s*(?:\$ )?(aludel .*)$/.exec(line)?.[1]
        return command === undefined ? (
          <p key={index} class="notice__text">
            <Prose text={line} />
          </p>
        ) : (
          <Command key={index}>{command}</Command>
        )
      })}
    </div>
  )
}

/** A sentence in which what is between backticks is code. */
export function Prose({ text }: { text: string }) {
  return <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>
}
