import { computed, effect, signal } from '@preact/signals'
import { isAlive } from './client'
import { reloadAll } from './resource'
import { late } from './waiting'

/** Null while the server answers; else when the next attempt is made, in milliseconds since 1970. */
export const lostUntil = signal<number | null>(null)

const firstDelayMs = 1_000
const longestDelayMs = 30_000

/** Between two questions whether the server is still there, while an answer is late. */
const askEveryMs = 8_000

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
  // After no answer, `onUnreachable` has scheduled the next attempt.
  await isAlive()
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

const isLate = computed(() => late.value.length > 0 && lostUntil.value === null)

// A connection can be lost without anybody being told: a laptop slept, a tunnel has gone. Its requests would wait for minutes.
effect(() => {
  if (!isLate.value) return undefined
  const asking = setInterval(() => void giveUpUnlessAlive(), askEveryMs)
  return () => {
    clearInterval(asking)
  }
})

async function giveUpUnlessAlive(): Promise<void> {
  if (await isAlive()) return
  for (const { giveUp } of late.peek()) giveUp()
}
