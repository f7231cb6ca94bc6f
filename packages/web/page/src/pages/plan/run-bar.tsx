import { useSignal } from '@preact/signals'
import { Link, useLocation } from 'wouter-preact'
import type { Plan, Run, RunRequest } from '../../../../src/api/types'
import { post } from '../../api/client'
import { failureOf } from '../../api/failure'
import type { Failure } from '../../api/failure'
import { reload as reloadResources } from '../../api/resource'
import { session, tellOtherTabs } from '../../api/session'
import { bytes, count } from '../../model/format'
import { summarize } from '../../model/plan'
import { useStatus } from '../../shell/status'
import { ConfirmName, nameToType } from '../../ui/confirm-name'
import { Dialog } from '../../ui/dialog'
import { FailureNotice } from '../../ui/failure'
import { Button, Effects, Notice } from '../../ui/parts'
import type { RunOptions } from './options'

interface Props {
  readonly plan: Plan
  readonly target: string
  readonly options: RunOptions
  /** Reads the plan again. */
  readonly reload: () => Promise<void>
}

/** At the bottom of the plan, always in sight: the button that runs it. */
export function RunBar({ plan, target, options, reload }: Props) {
  const [, navigate] = useLocation()
  const running = useStatus().data.value?.running
  const asking = useSignal(false)
  const busy = useSignal(false)
  const failure = useSignal<Failure | undefined>(undefined)
  const { losing, steps, resumed } = summarize(plan.steps)
  const up = plan.direction === 'upgrade'
  const verb = resumed !== undefined ? 'Resume' : up ? 'Upgrade' : 'Downgrade'

  const run = async (confirm?: string): Promise<void> => {
    busy.value = true
    failure.value = undefined
    const request: RunRequest = {
      direction: plan.direction,
      target,
      fingerprint: plan.fingerprint,
      transaction: options.transaction,
      ...(options.keepDropped === undefined || !up ? {} : { keepDropped: options.keepDropped }),
      ...(options.backup === undefined ? {} : { backup: options.backup }),
      ...(confirm === undefined ? {} : { confirm }),
    }
    try {
      const started = await post<Run>('/runs', request)
      reloadResources('/status')
      tellOtherTabs()
      navigate(`/runs/${started.id}`)
    } catch (error) {
      failure.value = failureOf(error)
      if (failure.value.code === 'ALUDEL_PLAN_CHANGED') {
        asking.value = false
        await reload()
      }
    }
    busy.value = false
  }
  const blocked =
    session.value?.readOnly === true
      ? 'This server only shows: it was started with --read-only'
      : running != null
        ? 'Another run is at work'
        : undefined
  return (
    <div class="run-bar">
      {failure.value !== undefined && !asking.value && <RunFailure failure={failure.value} />}
      <div class="run-bar__line">
        <p class="run-bar__text">
          <strong>{count(steps, 'step')}</strong>
          {losing.length === 0
            ? ', nothing is lost'
            : `, ${losing.length === 1 ? '1 loses' : `${String(losing.length)} lose`} data`}
          {blocked !== undefined && <span class="run-bar__blocked">{blocked}</span>}
        </p>
        <Button
          kind={plan.needsConfirmation ? 'danger' : 'primary'}
          size="large"
          icon={up ? 'arrowUp' : 'arrowDown'}
          busy={busy.value && !asking.value}
          blocked={blocked}
          onClick={() => {
            if (plan.needsConfirmation) asking.value = true
            else void run()
          }}
        >
          {verb}
          {plan.needsConfirmation && ' …'}
        </Button>
      </div>
      {asking.value && (
        <ConfirmLoss
          plan={plan}
          verb={verb}
          busy={busy.value}
          failure={failure.value}
          onRun={(confirm) => void run(confirm)}
          onClose={() => {
            asking.value = false
            failure.value = undefined
          }}
        />
      )}
    </div>
  )
}

function RunFailure({ failure }: { failure: Failure }) {
  if (failure.code === 'ALUDEL_PLAN_CHANGED') {
    return (
      <Notice tone="amber" role="alert" title="The plan has changed meanwhile">
        <p class="notice__text">Nothing has run. What you see now is the new plan: look at it, and start again.</p>
      </Notice>
    )
  }
  const { run } = failure.details
  return (
    <FailureNotice
      failure={failure}
      actions={typeof run === 'string' ? <Link href={`/runs/${run}`}>Follow the other run</Link> : undefined}
    />
  )
}

/** What is lost, once more, and a field for the name of the database: a click alone may be a slip. */
function ConfirmLoss({
  plan,
  verb,
  busy,
  failure,
  onRun,
  onClose,
}: {
  plan: Plan
  verb: string
  busy: boolean
  failure: Failure | undefined
  onRun: (confirm: string) => void
  onClose: () => void
}) {
  const typed = useSignal('')
  const { losses } = summarize(plan.steps)
  const { backup } = plan
  return (
    <Dialog
      title={`${verb} and lose data?`}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="danger"
            type="submit"
            form="confirm-loss"
            busy={busy}
            blocked={typed.value === nameToType() ? undefined : 'The name is not typed yet'}
          >
            {verb}
          </Button>
        </>
      }
    >
      <form
        id="confirm-loss"
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (typed.value === nameToType() && !busy) onRun(typed.value)
        }}
      >
        <div class="loss-list">
          <Effects icon="loss" tone="red" items={losses.slice(0, 12)} />
          {losses.length > 12 && (
            <p class="muted">{count(losses.length - 12, 'more loss', 'more losses')}: see the steps.</p>
          )}
        </div>
        {backup === null ? (
          <Notice tone="red" title="There will be no backup">
            <p class="notice__text">What is lost cannot be brought back from here.</p>
          </Notice>
        ) : (
          <Notice tone="green" icon="backups" title="A verified backup is made first">
            <p class="notice__text">
              Of {backup.kind === 'database' ? 'the whole database' : 'the tables that lose something'}
              {backup.bytes !== null && `, about ${bytes(backup.bytes)}`}. If it cannot be made, nothing runs.
            </p>
          </Notice>
        )}
        <ConfirmName value={typed.value} onInput={(value) => (typed.value = value)} />
        {failure !== undefined && <RunFailure failure={failure} />}
      </form>
    </Dialog>
  )
}
