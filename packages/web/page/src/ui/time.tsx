import { signal } from '@preact/signals'
import { format, formatDistanceStrict } from 'date-fns'

/** Milliseconds since 1970, as of the last half minute: what is relative to it is drawn again then. */
const now = signal(Date.now())
setInterval(() => {
  if (document.visibilityState === 'visible') now.value = Date.now()
}, 30_000)
addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') now.value = Date.now()
})

/** `3 minutes ago`, with the exact time where the pointer rests and for readers of the screen. */
export function Time({ iso, absolute = false }: { iso: string; absolute?: boolean }) {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return <span>{iso}</span>
  const exact = format(date, 'd MMM yyyy, HH:mm:ss')
  return (
    <time dateTime={iso} title={exact} class="number">
      {absolute ? format(date, 'd MMM yyyy, HH:mm') : ago(date, Math.max(now.value, Date.now() - 30_000))}
    </time>
  )
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `2 Nov 2026`: for columns in which all times are old. In lists of thousands, which are drawn while they scroll. */
export function Day({ iso }: { iso: string }) {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return <span>{iso}</span>
  return (
    <time dateTime={iso} class="number">
      {`${String(date.getDate())} ${months[date.getMonth()] ?? ''} ${String(date.getFullYear())}`}
    </time>
  )
}

function ago(date: Date, until: number): string {
  const ms = until - date.getTime()
  // Clocks of two machines differ a little.
  if (ms < 10_000 && ms > -60_000) return 'just now'
  return formatDistanceStrict(date, until, { addSuffix: true })
}
