import { Link } from 'wouter-preact'
import { sentence } from '../model/format'
import { Icon } from '../ui/icon'
import { useStatus } from './status'

/** Above every page while something runs, whoever started it here: a run goes on when its page is closed. */
export function RunStrip({ location }: { location: string }) {
  const running = useStatus().data.value?.running
  if (running == null || location === `/runs/${running.id}`) return null
  const done = running.steps.filter((step) => step.state === 'done').length
  return (
    <aside aria-label="At work">
      <Link href={`/runs/${running.id}`} class="run-strip">
        <span class="spinner" />
        <span class="truncate">
          <strong>{sentence(running.title)}</strong>
          {running.steps.length > 0 && ` · ${String(done)} of ${String(running.steps.length)} steps`}
          {` · started by ${running.actor}`}
        </span>
        <span class="run-strip__action">
          Follow <Icon name="arrowRight" size={14} />
        </span>
      </Link>
    </aside>
  )
}
