import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

/** A value as it was when it last stood still for a moment: what is typed is searched for once, not letter by letter. */
export function useDelayed(value: string, ms = 250): string {
  const delayed = useSignal(value)
  useEffect(() => {
    const timer = setTimeout(() => (delayed.value = value), ms)
    return () => {
      clearTimeout(timer)
    }
  }, [value])
  return delayed.value
}
