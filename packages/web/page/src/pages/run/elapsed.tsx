import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { clock, duration } from '../../model/format'

/** A clock that counts while something runs, and how long it took afterwards. */
export function Elapsed({ from, to }: { from: string; to: string | null }) {
  const now = useSignal(Date.now())
  const started = Date.parse(from)
  useEffect(() => {
    if (to !== null) return undefined
    const timer = setInterval(() => (now.value = Date.now()), 1_000)
    return () => {
      clearInterval(timer)
    }
  }, [to])
  if (to !== null) return <span class="number">took {duration(Date.parse(to) - started)}</span>
  return (
    <span class="number" role="timer" aria-label="Elapsed">
      {clock(now.value - started)}
    </span>
  )
}
