import type { JournalRun } from '../../../src/api/types'
import { Icon } from './icon'

/** How a run ended and in which direction, as a picture with words for readers of the screen. */
export function Outcome({ run }: { run: Pick<JournalRun, 'outcome' | 'direction'> }) {
  if (run.outcome === 'running')
    return <span class="spinner outcome" role="img" aria-label={`${run.direction}, running`} />
  const icon =
    run.outcome === 'failed'
      ? 'cross'
      : run.direction === 'upgrade'
        ? 'arrowUp'
        : run.direction === 'downgrade'
          ? 'arrowDown'
          : 'check'
  return (
    <span
      class={`outcome outcome--${run.outcome}`}
      role="img"
      aria-label={`${run.direction}, ${run.outcome}`}
      title={`${run.direction}, ${run.outcome}`}
    >
      <Icon name={icon} size={12} />
    </span>
  )
}
