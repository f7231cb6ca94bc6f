import './run.css'
import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { Run } from '../../../../src/api/types'
import { post } from '../../api/client'
import { failureOf } from '../../api/failure'
import type { Failure } from '../../api/failure'
import { follow } from '../../api/follow'
import { reload } from '../../api/resource'
import { session, tellOtherTabs } from '../../api/session'
import { count, sentence } from '../../model/format'
import { doneSteps, progressOf } from '../../model/run'
import type { RunView } from '../../model/run'
import { FailurePanel } from '../../ui/failure'
import { PageHead } from '../../ui/page'
import { Button, Empty, Notice, Progress, Skeleton, Tag } from '../../ui/parts'
import type { Tone } from '../../ui/parts'
import { toast } from '../../ui/toasts'
import { Now } from './activity'
import { Elapsed } from './elapsed'
import { Log } from './log'
import { Outcome } from './outcome'
import { RunSteps } from './steps'

const states: Record<Run['state'], { readonly text: string; readonly tone: Tone }> = {
  running: { text: 'running', tone: 'blue' },
  canceling: { text: 'canceling', tone: 'amber' },
  done: { text: 'done', tone: 'green' },
  failed: { text: 'failed', tone: 'red' },
  canceled: { text: 'canceled', tone: 'amber' },
}

/** A run while it goes on, and what it came to. It goes on without this page. */
export function RunPage({ params }: { params: { id: string } }) {
  const id = decodeURIComponent(params.id)
  const followed = useMemo(() => follow(id), [id])
  useEffect(() => followed.stop, [followed])
  const [run, view, error] = [followed.run.value, followed.view.value, followed.error.value]
  const ended = view?.ended
  // What the run has changed is read again, here and in other tabs.
  useEffect(() => {
    if (ended === undefined) return
    reload('')
    tellOtherTabs()
  }, [ended])
  if (error !== undefined) return <Unknown failure={error} />
  if (run === undefined || view === undefined) {
    return (
      <div aria-busy="true">
        <Skeleton widths={[40, 100, 100, 100]} height="1.75rem" />
      </div>
    )
  }
  return <Followed run={ended ?? run} view={view} interrupted={followed.interrupted.value} />
}

/** A server knows what it has done since it was started. */
function Unknown({ failure }: { failure: Failure }) {
  if (failure.status !== 404) {
    return (
      <>
        <PageHead title="Run" />
        <FailurePanel failure={failure} retry={() => location.reload()} />
      </>
    )
  }
  return (
    <>
      <PageHead title="Run" />
      <div class="card">
        <Empty
          icon="journal"
          title="This server does not know the run"
          actions={
            <>
              <Link class="button button--primary" href="/">
                See where the database is
              </Link>
              <Link class="button" href="/journal">
                Journal
              </Link>
            </>
          }
        >
          It was started before the server was. What it had finished is applied, and in the journal; an upgrade goes on
          with the rest.
        </Empty>
      </div>
    </>
  )
}

function Followed({ run, view, interrupted }: { run: Run; view: RunView; interrupted: boolean }) {
  const canceling = useSignal(run.state === 'canceling')
  const over = view.ended !== undefined
  const state = over ? run.state : canceling.value ? 'canceling' : 'running'
  const { text, tone } = states[state]
  const done = doneSteps(view.steps)
  const cancel = async (): Promise<void> => {
    canceling.value = true
    try {
      await post(`/runs/${encodeURIComponent(run.id)}/cancel`)
    } catch (error) {
      canceling.value = false
      toast(sentence(failureOf(error).message), 'warning')
    }
  }
  return (
    <>
      <PageHead
        title={sentence(run.title)}
        tab={
          over || view.steps.length === 0
            ? `${sentence(run.title)}: ${text}`
            : `${String(done)}/${String(view.steps.length)} ${run.title}`
        }
        actions={
          !over && (
            <Button
              icon="stop"
              busy={canceling.value}
              blocked={session.value?.readOnly === true ? 'This server only shows' : undefined}
              onClick={() => void cancel()}
            >
              {canceling.value ? 'Canceling' : 'Cancel'}
            </Button>
          )
        }
      >
        <span class="row row--wrap">
          <Tag tone={tone}>{text}</Tag>
          <span>
            started by {run.actor} · <Elapsed from={run.startedAt} to={over ? run.finishedAt : null} />
          </span>
        </span>
      </PageHead>
      {interrupted && (
        <Notice tone="amber" icon="offline" title="Reconnecting: a lost connection does not stop a run">
          <p class="notice__text">What happens now is shown as soon as the server answers again.</p>
        </Notice>
      )}
      <section class="card run-progress" aria-label="Progress">
        <div class="run-progress__bar">
          <Progress
            value={over && run.state === 'done' ? 1 : progressOf(view)}
            tone={over ? tone : undefined}
            label={`Progress of ${run.title}`}
          />
          {view.steps.length > 0 && (
            <span class="number muted">
              {done} of {count(view.steps.length, 'step')}
            </span>
          )}
        </div>
        {!over && <Now view={view} />}
        {canceling.value && !over && (
          <p class="muted">
            It stops after the current statement; what a transaction has not committed is rolled back.
          </p>
        )}
        <p class="visually-hidden" role="status" aria-live="polite">
          {over ? `${sentence(run.title)}: ${text}` : announcement(view)}
        </p>
      </section>
      {over && <Outcome run={run} view={view} />}
      {view.steps.length > 0 && <RunSteps view={view} over={over} />}
      <Log lines={view.log} />
    </>
  )
}

function announcement({ activity, steps }: RunView): string {
  if (activity.kind === 'waiting') return 'Waiting for the migration lock'
  if (activity.kind === 'transfer') return activity.what === 'backup' ? 'Backing up' : 'Restoring'
  if (activity.kind !== 'step') return ''
  return `Step ${String(activity.index + 1)} of ${String(activity.total)}: ${steps[activity.index]?.message ?? ''}`
}
