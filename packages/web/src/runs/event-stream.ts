import type { ServerResponse } from 'node:http'

import { toJson } from '../api/json'
import type { RunStep, RunUpdate } from '../api/types'
import type { EventLog } from './event-log'

/** Milliseconds between two comments that keep proxies from closing a silent connection. */
const heartbeatMs = 15_000

/** Milliseconds after which a browser connects again. */
const retryMs = 1000

/**
 * Writes the updates of a run as server-sent events, from the one after `after` until `end`. A client that reads slowly is sent the
 * next update when it has taken the last one, so that nothing piles up for it.
 *
 * @param steps the steps now: what a client gets first whose updates are no longer kept
 * @returns ends the stream
 */
export function streamEvents(
  response: ServerResponse,
  log: EventLog,
  after: number,
  steps: () => readonly RunStep[],
): () => void {
  let last = after
  let waits = false
  const write = (text: string): void => {
    if (!response.write(text)) {
      waits = true
      response.once('drain', () => {
        waits = false
        pump()
      })
    }
  }
  const pump = (): void => {
    while (!waits && !response.writableEnded) {
      const next = log.after(last)
      if (next === undefined) {
        if (log.ended && last >= log.last) end()
        return
      }
      if (next.skipped) write(eventText(next.id - 1, { type: 'planned', steps: steps() }))
      last = next.id
      write(eventText(next.id, next.update))
    }
  }
  const stopListening = log.listen(pump)
  const heartbeat = setInterval(() => {
    if (!waits) write(': still here\n\n')
  }, heartbeatMs).unref()
  const stop = (): void => {
    stopListening()
    clearInterval(heartbeat)
  }
  const end = (): void => {
    stop()
    if (!response.writableEnded) response.end()
  }
  response.once('close', stop)
  response.on('error', stop)
  write(`retry: ${String(retryMs)}\n\n`)
  pump()
  return end
}

/** JSON has no line breaks, so that an event is two lines and its data. */
function eventText(id: number, update: RunUpdate): string {
  return `id: ${String(id)}\nevent: ${update.type}\ndata: ${toJson(update)}\n\n`
}
