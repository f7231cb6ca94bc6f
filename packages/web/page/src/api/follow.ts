import { signal } from '@preact/signals'
import type { ReadonlySignal } from '@preact/signals'
import type { Run, RunUpdate } from '../../../src/api/types'
import { applyEvent, viewOf } from '../model/run'
import type { RunView } from '../model/run'
import { apiUrl } from './base'
import { get } from './client'
import { failureOf } from './failure'
import type { Failure } from './failure'

/** A run that is being followed. */
export interface Followed {
  readonly view: ReadonlySignal<RunView | undefined>
  /** As it was when the page began to follow it. */
  readonly run: ReadonlySignal<Run | undefined>
  /** There is no such run, or it could not be read. */
  readonly error: ReadonlySignal<Failure | undefined>
  /** Events may be missing at the moment; they come as soon as the connection is there again. */
  readonly interrupted: ReadonlySignal<boolean>
  readonly stop: () => void
}

const names: readonly RunUpdate['type'][] = [
  'waiting',
  'locked',
  'planned',
  'stepStart',
  'statement',
  'batch',
  'backup',
  'restore',
  'stepDone',
  'stepFailed',
  'retry',
  'message',
  'end',
]

const firstDelayMs = 1_000
const longestDelayMs = 15_000

/** Between two looks at a run from a hidden tab. */
const glanceMs = 5_000

/**
 * Follows a run from its first event to its last, over lost connections and expired sessions.
 *
 * A hidden tab only looks now and then: browsers open six connections to a server, and as many tabs that follow a run would let no
 * other request through.
 */
export function follow(id: string): Followed {
  const view = signal<RunView | undefined>(undefined)
  const run = signal<Run | undefined>(undefined)
  const error = signal<Failure | undefined>(undefined)
  const interrupted = signal(false)
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  /** How often it was opened: an attempt that another has overtaken is over. */
  let attempts = 0
  let delayMs = firstDelayMs
  /** Events of one frame are drawn together: there may be thousands a second. */
  let waiting: { id: number; event: RunUpdate }[] = []
  let frame = 0

  const draw = (): void => {
    frame = 0
    const events = waiting
    waiting = []
    let next = view.peek()
    if (next === undefined) return
    for (const each of events) next = applyEvent(next, each.id, each.event)
    view.value = next
    if (next.ended !== undefined) stop()
  }
  const stop = (): void => {
    stopped = true
    source?.close()
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', onVisibility)
    interrupted.value = false
  }
  const onVisibility = (): void => {
    source?.close()
    clearTimeout(timer)
    draw()
    if (!stopped) void open()
  }
  const again = (): void => {
    if (stopped) return
    source?.close()
    interrupted.value = true
    clearTimeout(timer)
    timer = setTimeout(() => void open(), delayMs)
    delayMs = Math.min(2 * delayMs, longestDelayMs)
  }
  const open = async (): Promise<void> => {
    attempts += 1
    const own = attempts
    try {
      const found = await get<Run>(`/runs/${encodeURIComponent(id)}`)
      if (stopped || own !== attempts) return
      run.value ??= found
      view.value ??= viewOf(found)
      error.value = undefined
      if (document.visibilityState === 'hidden' && found.finishedAt === null) {
        interrupted.value = false
        view.value = { ...view.value, steps: found.steps }
        timer = setTimeout(() => void open(), glanceMs)
        return
      }
    } catch (thrown) {
      if (own !== attempts) return
      const failure = failureOf(thrown)
      // Unknown to a server that was restarted meanwhile, or never there.
      if (failure.status === 404) {
        error.value = failure
        stop()
      } else {
        again()
      }
      return
    }
    const after = view.value?.lastEvent ?? 0
    source = new EventSource(apiUrl(`/runs/${encodeURIComponent(id)}/events?after=${String(after)}`))
    source.addEventListener('open', () => {
      delayMs = firstDelayMs
      interrupted.value = false
    })
    // The browser would try again itself, but neither after an answer with an error, nor with ever longer pauses.
    source.addEventListener('error', again)
    for (const name of names) {
      source.addEventListener(name, ({ lastEventId, data }: MessageEvent<string>) => {
        waiting.push({ id: Number(lastEventId), event: JSON.parse(data) as RunUpdate })
        // A hidden tab has no frames.
        if (document.visibilityState === 'hidden') draw()
        else if (frame === 0) frame = requestAnimationFrame(draw)
      })
    }
  }
  document.addEventListener('visibilitychange', onVisibility)
  void open()
  return { view, run, error, interrupted, stop }
}
