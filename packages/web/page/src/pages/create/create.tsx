import './create.css'
import { useSignal } from '@preact/signals'
import { Link } from 'wouter-preact'
import type { CreatePreview, CreateRequest } from '../../../../src/api/types'
import { post } from '../../api/client'
import { failureOf } from '../../api/failure'
import type { Failure } from '../../api/failure'
import { session } from '../../api/session'
import { Command } from '../../ui/copy'
import { FailureNotice } from '../../ui/failure'
import { Field } from '../../ui/fields'
import { PageHead } from '../../ui/page'
import { Button, Empty, Skeleton } from '../../ui/parts'
import { Questions } from './questions'
import { Ready } from './ready'

/** From changed entities to a revision: the questions as a form, and the file before it is written. */
export function Create(_props: object) {
  const message = useSignal('')
  const label = useSignal('')
  /** Answers that were given so far; undefined before the first comparison. */
  const request = useSignal<CreateRequest | undefined>(undefined)
  const preview = useSignal<CreatePreview | undefined>(undefined)
  const busy = useSignal(false)
  const failure = useSignal<Failure | undefined>(undefined)

  if (session.value?.allowCreate !== true) return <NotAllowed />

  const ask = async (next: CreateRequest): Promise<void> => {
    busy.value = true
    failure.value = undefined
    request.value = next
    try {
      preview.value = await post<CreatePreview>('/create/preview', next)
    } catch (error) {
      failure.value = failureOf(error)
    }
    busy.value = false
  }
  const start = (): void => {
    const text = message.value.trim()
    if (text === '' || busy.value) return
    preview.value = undefined
    void ask({ message: text, ...(label.value.trim() === '' ? {} : { branchLabel: label.value.trim() }) })
  }
  return (
    <>
      <PageHead title="Create">A revision for what has changed in the entities, proved before it is written.</PageHead>
      <form
        class="card create-form"
        onSubmit={(event) => {
          event.preventDefault()
          start()
        }}
      >
        <Field label="What has changed">
          {(parts) => (
            <input
              {...parts}
              class="input"
              autocomplete="off"
              maxLength={500}
              placeholder="add the channel of an order"
              value={message.value}
              onInput={(event) => {
                message.value = event.currentTarget.value
              }}
            />
          )}
        </Field>
        <Field label="Branch label (optional)">
          {(parts) => (
            <input
              {...parts}
              class="input"
              autocomplete="off"
              maxLength={200}
              value={label.value}
              onInput={(event) => {
                label.value = event.currentTarget.value
              }}
            />
          )}
        </Field>
        <Button
          type="submit"
          kind={preview.value === undefined ? 'primary' : undefined}
          busy={busy.value && preview.value === undefined}
          blocked={message.value.trim() === '' ? 'Say first what has changed' : undefined}
        >
          {preview.value === undefined ? 'Compare' : 'Compare again'}
        </Button>
      </form>
      {failure.value !== undefined && <FailureNotice failure={failure.value} />}
      <div role="status" class="stack">
        {busy.value && preview.value === undefined && (
          <div class="card card__body" aria-busy="true">
            <p class="muted">Replaying the revisions, and comparing the entities with them: this takes some seconds.</p>
            <br />
            <Skeleton widths={[60, 100, 80]} height="1.25rem" />
          </div>
        )}
        <Result
          preview={preview.value}
          request={request.value}
          busy={busy.value}
          onAnswer={(next) => void ask(next)}
          onRestart={start}
        />
      </div>
    </>
  )
}

function Result({
  preview,
  request,
  busy,
  onAnswer,
  onRestart,
}: {
  preview: CreatePreview | undefined
  request: CreateRequest | undefined
  busy: boolean
  onAnswer: (request: CreateRequest) => void
  onRestart: () => void
}) {
  if (preview === undefined || request === undefined) return null
  switch (preview.state) {
    case 'same':
      return (
        <div class="card">
          <Empty icon="checkCircle" title="There is nothing to write">
            The entities are as the revisions make them. Change an entity, then compare again.
          </Empty>
        </div>
      )
    case 'questions':
      return (
        <Questions
          key={JSON.stringify(preview.questions)}
          preview={preview}
          request={request}
          busy={busy}
          onAnswer={onAnswer}
          onRestart={onRestart}
        />
      )
    case 'ready':
      return <Ready key={preview.file.source} preview={preview} request={request} onRestart={onRestart} />
  }
}

function NotAllowed() {
  const readOnly = session.value?.readOnly === true
  return (
    <>
      <PageHead title="Create" />
      <div class="card">
        <Empty
          icon="lock"
          title={readOnly ? 'This server only shows' : 'Revisions are not written from this page here'}
          actions={<Link href="/history">Look at the history</Link>}
        >
          <p>Revisions are files of a project: write them where you develop, and commit them.</p>
          <div class="create-commands">
            <Command>aludel create "what has changed"</Command>
            {!readOnly && <Command>aludel web --allow-create</Command>}
          </div>
        </Empty>
      </div>
    </>
  )
}
