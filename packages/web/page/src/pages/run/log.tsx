import { useSignal } from '@preact/signals'
import type { LogLine } from '../../model/run'
import { Icon } from '../../ui/icon'
import type { IconName } from '../../ui/icon'

const icons: Record<LogLine['kind'], IconName> = { note: 'info', warning: 'warning', done: 'check', failed: 'cross' }

/** What was reported, the newest first. */
export function Log({ lines }: { lines: readonly LogLine[] }) {
  const open = useSignal(false)
  if (lines.length === 0) return null
  return (
    <details class="card run-log" onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary class="run-log__summary">
        <Icon name="chevronRight" size={14} />
        Log
        <span class="muted number">{lines.length}</span>
      </summary>
      {open.value && (
        <ol class="run-log__lines">
          {[...lines].reverse().map(({ id, kind, text }) => (
            <li key={id} class={`run-log__line run-log__line--${kind}`}>
              <Icon name={icons[kind]} size={14} />
              <span>{text}</span>
            </li>
          ))}
        </ol>
      )}
    </details>
  )
}
