import { signal } from '@preact/signals'
import { get } from './client'
import { Failure } from './failure'
import { reloadAll } from './resource'

/** Null while the server answers; else when the next attempt is made, in milliseconds since 1970. */
export const lostUntil = signal<number | null>(null)

const firstDelayMs = 1_000
const longestDelayMs = 30_000

let delayMs = firstDelayMs
let timer: ReturnType<typeof setTimeout> | undefined

/** There was no answer: tries again, after ever longer pauses. */
export function onUnreachable(): void {
  if (lostUntil.value === null) delayMs = firstDelayMs
  if (timer === undefined) schedule()
}

/** There was an answer. */
export function onReached(): void {
  if (lostUntil.value === null) return
  clearTimeout(timer)
  timer = undefined
  lostUntil.value = null
  reloadAll()
}

/** Tries now. */
export async function retry(): Promise<void> {
  clearTimeout(timer)
  timer = undefined
  try {
    await get('/session')
  } catch (error) {
    // Any answer is one. After none, `onUnreachable` has scheduled the next attempt.
    if (!(error instanceof Failure)) throw error
  }
}

function schedule(): void {
  lostUntil.value = Date.now() + delayMs
  timer = setTimeout(() => void retry(), delayMs)
  delayMs = Math.min(delayMs * 2, longestDelayMs)
}

// A laptop that wakes up should not wait for the end of a pause.
addEventListener('online', () => {
  if (lostUntil.value !== null) void retry()
})
