import type { Plan } from '../../../../src/api/types'
import { useAsked } from '../../api/asked'
import type { Asked } from '../../api/asked'
import { get } from '../../api/client'
import { session } from '../../api/session'
import { FailureNotice } from '../../ui/failure'
import { Button, StopButton } from '../../ui/parts'

/**
 * Measures a plan when it is asked to.
 *
 * @param path of the plan
 */
export function useMeasuring(path: string): Asked<Plan> {
  return useAsked(path, (signal) => get<Plan>(`${path}&trace=true`, signal, { proves: true, isWatched: false }))
}

/** The button that measures, and how it went. */
export function MeasureBar({
  measuring,
  measured,
  stale,
}: {
  measuring: Asked<Plan>
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
        {busy.value && <StopButton stop={stop} />}
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
