import { signal } from '@preact/signals'

/** A request whose answer has not come for longer than anybody expects. */
export interface Late {
  readonly path: string
  /** When it was sent, in milliseconds since 1970. */
  readonly since: number
  /** Ends it as if the server could not be reached. */
  readonly giveUp: () => void
}

/** Milliseconds that nobody wonders about. */
const patienceMs = 5_000

/** What the page has waited for too long, the oldest first. */
export const late = signal<readonly Late[]>([])

/**
 * Watches a request that was just sent.
 *
 * @returns to be called at its end
 */
export function watch(path: string, giveUp: () => void): () => void {
  const request: Late = { path, since: Date.now(), giveUp }
  const timer = setTimeout(() => {
    late.value = [...late.value, request]
  }, patienceMs)
  return () => {
    clearTimeout(timer)
    if (late.peek().includes(request)) late.value = late.value.filter((one) => one !== request)
  }
}
