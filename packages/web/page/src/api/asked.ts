import { useSignal } from '@preact/signals'
import type { ReadonlySignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { failureOf } from './failure'
import type { Failure } from './failure'

/** Something that takes the server long, and that it looks for only when it is asked to. */
export interface Asked<T> {
  /** The last answer. */
  readonly answer: ReadonlySignal<T | undefined>
  readonly busy: ReadonlySignal<boolean>
  /** Why there was none the last time. */
  readonly failure: ReadonlySignal<Failure | undefined>
  readonly start: () => Promise<void>
  /** The server stops at the next revision. */
  readonly stop: () => void
}

/**
 * Asks the server for something when it is told to. Leaving the page ends that, and so does another question.
 *
 * @param question what is asked, as text: with another one, the answer to the last is forgotten
 * @param ask sends the request; the signal ends it
 */
export function useAsked<T>(question: string, ask: (signal: AbortSignal) => Promise<T>): Asked<T> {
  const answer = useSignal<T | undefined>(undefined)
  const busy = useSignal(false)
  const failure = useSignal<Failure | undefined>(undefined)
  const current = useRef<AbortController | undefined>(undefined)
  const stop = (): void => {
    current.current?.abort()
    current.current = undefined
    busy.value = false
  }
  const start = async (): Promise<void> => {
    stop()
    const abort = new AbortController()
    current.current = abort
    busy.value = true
    failure.value = undefined
    try {
      const found = await ask(abort.signal)
      if (abort.signal.aborted) return
      answer.value = found
    } catch (error) {
      if (abort.signal.aborted) return
      failure.value = failureOf(error)
    }
    busy.value = false
  }
  useEffect(() => {
    answer.value = undefined
    failure.value = undefined
    return stop
  }, [question])
  return { answer, busy, failure, start, stop }
}
