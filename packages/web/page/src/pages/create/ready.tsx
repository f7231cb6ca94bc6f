import { useSignal } from '@preact/signals'
import { Link } from 'wouter-preact'
import type { CreateResult } from '@aludel/engine'
import type { CreatePreview, CreateRequest } from '../../../../src/api/types'
import { post } from '../../api/client'
import { failureOf } from '../../api/failure'
import type { Failure } from '../../api/failure'
import { reload } from '../../api/resource'
import { tellOtherTabs } from '../../api/session'
import { findingsOfCreate } from '../../model/findings'
import { count } from '../../model/format'
import { Code, sqlText } from '../../ui/code'
import { Command } from '../../ui/copy'
import { ConfirmName, nameToType } from '../../ui/confirm-name'
import { Dialog } from '../../ui/dialog'
import { FailureNotice } from '../../ui/failure'
import { Tabs } from '../../ui/fields'
import { Findings } from '../../ui/findings'
import { Button, Effects, Notice } from '../../ui/parts'

type ReadyPreview = Extract<CreatePreview, { state: 'ready' }>

/** The revision as it would be written: what it does, its file, and the button that writes it. */
export function Ready({
  preview,
  request,
  onRestart,
}: {
  preview: ReadyPreview
  request: CreateRequest
  onRestart: () => void
}) {
  const { result, file } = preview
  const asking = useSignal(false)
  const busy = useSignal(false)
  const failure = useSignal<Failure | undefined>(undefined)
  const written = useSignal<CreateResult | undefined>(undefined)
  const needs = result.needs ?? []
  const findings = findingsOfCreate(result.findings ?? [])
  const mustConfirm = result.destroys.length > 0 || needs.length > 0

  const write = async (confirm?: string): Promise<void> => {
    busy.value = true
    failure.value = undefined
    try {
      written.value = await post<CreateResult>('/create', {
        ...request,
        revisionId: file.revision,
        ...(confirm === undefined ? {} : { confirm }),
      })
      asking.value = false
      reload('')
      tellOtherTabs()
    } catch (error) {
      failure.value = failureOf(error)
    }
    busy.value = false
  }
  if (written.value !== undefined) return <Written result={written.value} />
  return (
    <>
      <section class="card" aria-labelledby="ready">
        <div class="card__head">
          <h2 id="ready">{count(result.operations.length, 'operation')}</h2>
          <Button class="push" kind="quiet" size="small" icon="restore" onClick={onRestart}>
            Start over
          </Button>
        </div>
        <div class="card__body stack">
          <Effects icon="chevronRight" items={result.operations.map((operation) => operation.description)} />
          {result.destroys.length > 0 && (
            <section>
              <h3 class="create-title">What is lost</h3>
              <Effects icon="loss" tone="red" items={result.destroys} />
            </section>
          )}
          {needs.length > 0 && (
            <section>
              <h3 class="create-title">What the rows must meet</h3>
              <Effects
                icon="shield"
                tone="amber"
                items={needs.map((need) =>
                  need.rows === null || need.rows === 0 ? need.text : `${need.text}: ${count(need.rows, 'row')} do not`,
                )}
              />
            </section>
          )}
          {findings.length > 0 && (
            <section>
              <h3 class="create-title">What lint finds in it</h3>
              <Findings findings={findings} of="the revision" shared={{ direction: 'upgrade' }} />
            </section>
          )}
          {result.answers !== undefined && result.answers.length > 0 && (
            <section>
              <h3 class="create-title">Your answers</h3>
              <Effects icon="check" tone="green" items={result.answers.map((answer) => answer.text)} />
            </section>
          )}
          <FileAndSql preview={preview} />
        </div>
        <div class="card__foot row row--wrap">
          <Button
            kind="primary"
            icon="create"
            busy={busy.value && !asking.value}
            onClick={() => {
              if (mustConfirm) asking.value = true
              else void write()
            }}
          >
            Write the file{mustConfirm && ' …'}
          </Button>
          <span class="mono create-path">{file.path}</span>
        </div>
      </section>
      {failure.value !== undefined && !asking.value && <FailureNotice failure={failure.value} />}
      {asking.value && (
        <ConfirmWrite
          result={result}
          busy={busy.value}
          failure={failure.value}
          onWrite={(confirm) => void write(confirm)}
          onClose={() => {
            asking.value = false
          }}
        />
      )}
    </>
  )
}

/** The file, and the statements of each database. */
function FileAndSql({ preview: { file, result } }: { preview: ReadyPreview }) {
  const shown = useSignal('file')
  const dialects = (['postgres', 'sqlite'] as const).flatMap((dialect) => {
    const sql = result.sql[dialect]
    return sql === undefined ? [] : [{ dialect, sql, label: dialect === 'postgres' ? 'PostgreSQL' : 'SQLite' }]
  })
  const chosen = dialects.find((it) => it.dialect === shown.value)
  return (
    <div class="create-text">
      <Tabs
        label="What to show"
        panel="create-text"
        value={shown.value}
        options={[
          { value: 'file', label: 'File' },
          ...dialects.map(({ dialect, label }) => ({ value: dialect, label })),
        ]}
        onChange={(value) => {
          shown.value = value
        }}
      />
      <div id="create-text" role="tabpanel" aria-labelledby={`create-text-${shown.value}`} class="stack">
        {chosen === undefined ? (
          <Code text={file.source} language="ts" label={file.path} />
        ) : (
          <>
            <Code text={sqlText(chosen.sql.up)} language="sql" label={`Upgrade on ${chosen.label}`} />
            <h3 class="create-title">Downgrade</h3>
            <Code text={sqlText(chosen.sql.down)} language="sql" label={`Downgrade on ${chosen.label}`} />
          </>
        )}
      </div>
    </div>
  )
}

function ConfirmWrite({
  result,
  busy,
  failure,
  onWrite,
  onClose,
}: {
  result: CreateResult
  busy: boolean
  failure: Failure | undefined
  onWrite: (confirm: string) => void
  onClose: () => void
}) {
  const typed = useSignal('')
  return (
    <Dialog
      title={
        result.destroys.length > 0
          ? 'Write a revision that loses data?'
          : 'Write a revision that asks something of the rows?'
      }
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind={result.destroys.length > 0 ? 'danger' : 'primary'}
            type="submit"
            form="confirm-write"
            busy={busy}
            blocked={typed.value === nameToType() ? undefined : 'The name is not typed yet'}
          >
            Write the file
          </Button>
        </>
      }
    >
      <form
        id="confirm-write"
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (typed.value === nameToType() && !busy) onWrite(typed.value)
        }}
      >
        <Effects icon="loss" tone="red" items={result.destroys} />
        <Effects icon="shield" tone="amber" items={(result.needs ?? []).map((need) => need.text)} />
        <p class="muted">Writing it loses nothing yet: an upgrade will, wherever it runs.</p>
        <ConfirmName value={typed.value} onInput={(value) => (typed.value = value)} />
        {failure !== undefined && <FailureNotice failure={failure} />}
      </form>
    </Dialog>
  )
}

function Written({ result }: { result: CreateResult }) {
  const files = [result.created, ...(result.more ?? [])].filter((file) => file !== null)
  return (
    <Notice tone="green" title={files.length === 1 ? 'Written' : `Written: ${count(files.length, 'file')}`}>
      {files.map((file) => (
        <p key={file.revision} class="notice__text">
          <Link href={`/history/${file.revision}`}>{file.revision}</Link> <span class="mono">{file.path}</span>
        </p>
      ))}
      <p class="notice__text">Read it, and commit it together with the entities.</p>
      <div class="row row--wrap">
        <Link class="button" href="/plan">
          Review upgrade
        </Link>
        {files[0] !== undefined && <Command>{`git add ${files.map((file) => file.path).join(' ')}`}</Command>}
      </div>
    </Notice>
  )
}
