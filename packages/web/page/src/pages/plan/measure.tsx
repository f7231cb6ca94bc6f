import { useSignal } from '@preact/signals'
import type { ReadonlySignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Plan } from '../../../../src/api/types'
import { get } from '../../api/client'
import { failureOf } from '../../api/failure'
import type { Failure } from '../../api/failure'
import { session } from '../../api/session'
import { FailureNotice } from '../../ui/failure'
import { Button } from '../../ui/parts'

/** The state of measuring a plan. */
export interface Measuring {
  /** The plan with what was measured. */
  readonly plan: ReadonlySignal<Plan | undefined>
  readonly busy: ReadonlySignal<boolean>
  readonly failure: ReadonlySignal<Failure | undefined>
  readonly start: () => Promise<void>
  /** The server stops before the next revision. */
  readonly stop: () => void
}

/**
 * Measures a plan when it is asked to. Another plan, or leaving the page, ends it.
 *
 * @param path of the plan
 */
export function useMeasuring(path: string): Measuring {
  const plan = useSignal<Plan | undefined>(undefined)
  const busy = useSignal(false)
  const failure = useSignal<Failure | undefined>(undefined)
  const current = useRef<AbortController | undefined>(undefined)
  const stop = (): void => {
    current.current?.abort()
    current.current = undefined
    busy.value = false
  }
  const start = async (): Promise<void> => {
    stop()
    const abort = new AbortController()
    current.current = abort
    busy.value = true
    failure.value = undefined
    try {
      const measured = await get<Plan>(`${path}&trace=true`, abort.signal, {
        proves: true,
        isWatched: false,
      })
      if (abort.signal.aborted) return
      plan.value = measured
    } catch (error) {
      if (abort.signal.aborted) return
      failure.value = failureOf(error)
    }
    busy.value = false
  }
  useEffect(() => {
    plan.value = undefined
    failure.value = undefined
    return stop
  }, [path])
  return { plan, busy, failure, start, stop }
}

/** The button that measures, and how it went. */
export function MeasureBar({
  measuring,
  measured,
  stale,
}: {
  measuring: Measuring
  measured: Plan | undefined
  /** What was measured is that of another plan: the database or the files have changed. */
  stale: boolean
}) {
  const { busy, failure, start, stop } = measuring
  const blocked = whyBlocked()
  return (
    <div class="measure">
      <div class="measure__line">
        <p class="measure__text" role="status">
          {busy.value
            ? 'Measuring: running the revisions on scratch databases with sample rows, for up to a minute …'
            : measured !== undefined
              ? 'Measured on a scratch database with sample rows; times are for the sizes of your tables.'
              : stale
                ? 'The plan has changed since it was measured.'
                : (blocked ??
                  'See what each statement locks and rewrites, and how long it would block others, on a scratch database with sample rows.')}
        </p>
        {busy.value && (
          <Button
            size="small"
            onClick={(event) => {
              // It goes away, and the focus with it.
              const next = event.currentTarget.nextElementSibling
              if (next instanceof HTMLElement) next.focus()
              stop()
            }}
          >
            Stop
          </Button>
        )}
        <Button size="small" icon="clock" busy={busy.value} blocked={blocked} onClick={() => void start()}>
          {measured === undefined ? 'Measure' : 'Measure again'}
        </Button>
      </div>
      {failure.value !== undefined && <FailureNotice failure={failure.value} />}
    </div>
  )
}

/** Measuring runs the code of revisions, so it needs the same right as writing one. */
function whyBlocked(): string | undefined {
  if (session.value?.readOnly === true) return 'Measuring runs revisions: this server was started with --read-only.'
  if (session.value?.allowCreate !== true) return 'Measuring runs revisions: start the server with --allow-create.'
  return undefined
}
