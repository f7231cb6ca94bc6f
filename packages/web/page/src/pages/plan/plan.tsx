import './plan.css'
import { useSignal } from '@preact/signals'
import { useLocation, useSearch } from 'wouter-preact'
import { Link } from 'wouter-preact'
import type { Lint, Plan, RunRequest } from '../../../../src/api/types'
import { reloadAll, useResource } from '../../api/resource'
import { session } from '../../api/session'
import { findingsOfPlan, lintPath } from '../../model/findings'
import { count, sentence } from '../../model/format'
import { useStatus } from '../../shell/status'
import { FailureNotice } from '../../ui/failure'
import { Glance } from '../../ui/glance'
import { Icon } from '../../ui/icon'
import { PageHead } from '../../ui/page'
import { Button, Empty, Notice, Skeleton } from '../../ui/parts'
import { RevisionLink } from '../../ui/revision'
import { LintLine } from './lint-line'
import { MeasureBar, useMeasuring } from './measure'
import { Options } from './options'
import type { RunOptions } from './options'
import { RunBar } from './run-bar'
import { Steps } from './steps'
import { TargetChooser, defaultTarget } from './target'

type Direction = RunRequest['direction']

/** Steps of a plan that one passes with a few keys. */
const few = 3

/** Where to, by which steps, at what price; and the button that does it. */
export function PlanPage(_props: object) {
  const [, navigate] = useLocation()
  const query = new URLSearchParams(useSearch())
  const { data: known, error: statusError } = useStatus()
  const status = known.value
  const direction: Direction = query.get('direction') === 'downgrade' ? 'downgrade' : 'upgrade'
  const target =
    query.get('target') ?? (status === undefined ? undefined : defaultTarget(direction, status.heads.length))
  const options = useSignal<RunOptions>({ backup: undefined, transaction: 'each', keepDropped: undefined })
  const { backup, keepDropped, transaction } = options.value

  const parts = new URLSearchParams({ direction, target: target ?? '' })
  if (keepDropped !== undefined && direction === 'upgrade') parts.set('keepDropped', String(keepDropped))
  if (backup !== undefined) parts.set('backup', backup)
  if (transaction !== 'each') parts.set('transaction', transaction)
  const path = target === undefined ? null : `/plan?${parts.toString()}`
  const { data, error, loading, reload } = useResource<Plan>(path)
  const plan = data.value
  // Without the status it is not known where to.
  const failure = error.value ?? (path === null ? statusError.value : undefined)

  const go = (to: Direction, where: string | undefined): void => {
    const next = new URLSearchParams()
    if (to === 'downgrade') next.set('direction', to)
    if (where !== undefined) next.set('target', where)
    const text = next.toString()
    navigate(text === '' ? '/plan' : `/plan?${text}`, { replace: true })
  }
  return (
    <>
      <PageHead title="Plan">Choose where to go, see every step before it runs, then run it.</PageHead>
      <div class="card plan-head">
        <TargetChooser direction={direction} target={target ?? ''} onChange={go} />
        <Options direction={direction} value={options.value} onChange={(value) => (options.value = value)} />
      </div>
      {failure !== undefined ? (
        <FailureNotice
          failure={failure}
          actions={
            <Button size="small" icon="restore" onClick={path === null ? reloadAll : () => void reload()}>
              Try again
            </Button>
          }
        />
      ) : plan === undefined ? (
        <div class="card" aria-busy="true">
          <div class="card__body">
            <Skeleton widths={[40, 100, 100, 100, 100]} height="1.75rem" />
          </div>
        </div>
      ) : plan.steps.length === 0 ? (
        <div class="card">
          <Empty
            icon="checkCircle"
            title={direction === 'upgrade' ? 'Nothing to apply' : 'Nothing to undo'}
            actions={<Link href="/history?show=pending">Look at the history</Link>}
          >
            The database is already there{target !== undefined && `: ${target}`}.
          </Empty>
        </div>
      ) : (
        <PlanBody
          plan={plan}
          path={path ?? ''}
          target={target ?? ''}
          options={options.value}
          busy={loading.value}
          reload={reload}
        />
      )}
    </>
  )
}

function PlanBody({
  plan,
  path,
  target,
  options,
  busy,
  reload,
}: {
  plan: Plan
  /** Of its route. */
  path: string
  target: string
  options: RunOptions
  busy: boolean
  reload: () => Promise<void>
}) {
  const dialect = session.value?.database?.dialect
  const lint = useResource<Lint>(lintPath(plan.direction, target))
  const measuring = useMeasuring(path)
  // Of another plan nothing is shown.
  const measured = measuring.answer.value?.fingerprint === plan.fingerprint ? measuring.answer.value : undefined
  const shared = { direction: plan.direction, ...(dialect !== undefined && { dialect }) }
  const ids = new Set(plan.steps.map((step) => step.revision))
  const findings = findingsOfPlan(lint.data.value?.findings ?? [], shared).filter((one) => ids.has(one.revision))
  return (
    <>
      <section class="card" aria-labelledby="plan-steps" aria-busy={busy}>
        <div class="card__head">
          <h2 id="plan-steps">{count(plan.steps.length, 'step')}</h2>
          <span class="plan-way">
            <Ends ids={plan.from} /> <Icon name="arrowRight" size={14} /> <Ends ids={plan.to} />
          </span>
        </div>
        <Glance plan={plan} />
        <div class="plan-checks">
          <LintLine lint={lint} findings={findings} />
          <MeasureBar measuring={measuring} measured={measured} stale={measuring.answer.value !== measured} />
        </div>
        {plan.steps.length > few && (
          <a
            class="skip"
            href="#run"
            onClick={(event) => {
              // Not into the address, which the router reads.
              event.preventDefault()
              document.querySelector<HTMLElement>('.run-bar__line button')?.focus()
            }}
          >
            Skip the steps
          </a>
        )}
        <Steps steps={plan.steps} measured={measured?.steps} findings={findings} shared={shared} />
      </section>
      {plan.older !== undefined && (
        <Notice tone="blue" title={`A revision after ${plan.older} is already applied`}>
          <p class="notice__text">The upgrade applies what is missing before it, and nothing after it.</p>
        </Notice>
      )}
      {plan.halfway?.map((finding) => (
        <Notice key={finding.name} tone="amber" title={sentence(finding.message)}>
          <p class="notice__text">This run does not resume it. {finding.help}</p>
        </Notice>
      ))}
      <RunBar plan={plan} target={target} options={options} reload={reload} />
    </>
  )
}

function Ends({ ids }: { ids: readonly string[] }) {
  if (ids.length === 0) return <span class="subtle">empty</span>
  return (
    <>
      {ids.map((id) => (
        <RevisionLink key={id} id={id} />
      ))}
    </>
  )
}
