import { count } from '../../model/format'
import { measuredStep } from '../../model/measured'
import type { MeasuredEffect } from '../../model/measured'
import type { PlanStep } from '../../model/plan'
import { Icon } from '../../ui/icon'
import type { IconName } from '../../ui/icon'
import { Notice } from '../../ui/parts'

/** Whether there is something to show of a step that was measured. */
export function hasMeasured(step: PlanStep): boolean {
  const measured = measuredStep(step)
  return (
    measured !== undefined &&
    (measured.statements.length > 0 ||
      measured.stalls.length > 0 ||
      measured.stallsUnknown !== undefined ||
      measured.error !== undefined)
  )
}

const icons: Record<MeasuredEffect['kind'], IconName> = {
  lock: 'lock',
  rewrite: 'rewrite',
  rebuild: 'rewrite',
  scan: 'eye',
  time: 'clock',
  unmeasured: 'info',
}

/** What each statement of a step did on the scratch database. */
export function Measured({ step }: { step: PlanStep }) {
  const measured = measuredStep(step)
  if (measured === undefined)
    return <p class="muted">Not measured: it, or a revision below it, failed on the scratch database.</p>
  const { statements, quiet, error, stalls, stallsUnknown } = measured
  return (
    <section class="measured">
      <h3>Measured on a scratch database</h3>
      {stalls.length > 0 && (
        <ul class="effects">
          {stalls.map(({ text, heavy }) => (
            <li key={text} class={heavy ? 'effects--amber' : undefined}>
              <Icon name="clock" />
              <span>{text}</span>
            </li>
          ))}
        </ul>
      )}
      {stallsUnknown !== undefined && <p class="muted">How long it blocks others cannot be told: {stallsUnknown}.</p>}
      {statements.length > 0 && (
        <ol class="measured__statements">
          {statements.map(({ sql, effects }, index) => (
            <li key={index}>
              <code class="measured__sql">{sql}</code>
              <ul class="effects">
                {effects.map(({ kind, text, heavy }) => (
                  <li key={text} class={heavy ? 'effects--amber' : undefined}>
                    <Icon name={icons[kind]} />
                    <span>{text}</span>
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ol>
      )}
      {quiet > 0 && (
        <p class="muted">
          {count(quiet, statements.length > 0 ? 'other statement' : 'statement')} {quiet === 1 ? 'touches' : 'touch'}{' '}
          nothing that existed before.
        </p>
      )}
      {quiet === 0 && statements.length === 0 && error === undefined && <p class="muted">It sent no statement.</p>}
      {error !== undefined && (
        <Notice tone="amber" title="It failed on the scratch database">
          <p class="notice__text">
            <code>{error}</code> The sample rows may be unlike yours.
          </p>
        </Notice>
      )}
    </section>
  )
}
