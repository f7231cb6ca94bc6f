import { Link } from 'wouter-preact'
import type { JournalRun } from '../../../../src/api/types'
import { duration } from '../../model/format'
import { Outcome } from '../../ui/outcome'
import { Empty } from '../../ui/parts'
import { Time } from '../../ui/time'

/** Who did what lately. */
export function LastRuns({ runs }: { runs: readonly JournalRun[] }) {
  return (
    <section class="card" aria-labelledby="last-runs">
      <div class="card__head">
        <h2 id="last-runs">Last runs</h2>
        {runs.length > 0 && (
          <Link href="/journal" class="push">
            Journal
          </Link>
        )}
      </div>
      {runs.length === 0 ? (
        <Empty icon="journal" title="Nothing has run yet">
          Every upgrade and downgrade is recorded here, whoever started it.
        </Empty>
      ) : (
        <ul class="runs">
          {runs.slice(0, 6).map((run) => (
            <li key={`${run.revision} ${run.startedAt}`} class="runs__item">
              <Outcome run={run} />
              <div class="runs__text">
                <Link href={`/history/${run.revision}`} class="runs__title truncate">
                  {run.message ?? run.name}
                </Link>
                {run.error !== null && <p class="runs__error truncate">{run.error}</p>}
              </div>
              <span class="runs__actor truncate" title={run.actor}>
                {run.actor}
              </span>
              <span class="runs__number">{duration(run.durationMs)}</span>
              <span class="runs__number runs__time">
                <Time iso={run.startedAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
