import { signal } from '@preact/signals'
import { Icon } from './icon'
import type { IconName } from './icon'

interface Toast {
  readonly id: number
  readonly text: string
  readonly icon: IconName
}

const toasts = signal<readonly Toast[]>([])
const shownMs = 3_500
let lastId = 0

/** Says for a moment that something was done. */
export function toast(text: string, icon: IconName = 'check'): void {
  lastId += 1
  const id = lastId
  toasts.value = [...toasts.value.filter((it) => it.text !== text), { id, text, icon }]
  setTimeout(() => (toasts.value = toasts.value.filter((it) => it.id !== id)), shownMs)
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, icon }) => (
        <div key={id} class="toast">
          <Icon name={icon} />
          {text}
        </div>
      ))}
    </div>
  )
}
