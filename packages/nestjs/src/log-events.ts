import type { RunEvent, RunListener } from '@aludel/engine'
import type { Logger } from '@nestjs/common'

/** Milliseconds between two lines about the same wait. */
const waitingInterval = 10_000

/**
 * Logs the events of a run: warnings always, and with `progress` what it does.
 *
 * @example
 * const onEvent = eventLogger(new Logger('Aludel'), { progress: true })
 */
export function eventLogger(logger: Logger, { progress }: { readonly progress: boolean }): RunListener {
  let nextWait = 0
  return (event) => {
    if (event.type === 'warning') return logger.warn(event.message)
    if (!progress) return
    if (event.type === 'waiting') {
      // The lock is polled several times a second.
      if (event.waitedMs < nextWait) return
      nextWait = event.waitedMs + waitingInterval
    } else {
      nextWait = 0
    }
    const text = textOf(event)
    if (text !== undefined) logger.log(text)
  }
}

function textOf(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'waiting':
      return `waiting for another migrator to finish${event.holder === undefined ? '' : ` (${event.holder})`}`
    case 'stepStart': {
      const { step, index, total } = event
      const verb = step.direction === 'upgrade' ? 'applying' : 'undoing'
      return `${verb} ${step.revision.id} ${step.revision.message} (${String(index + 1)} of ${String(total)})`
    }
    case 'stepDone': {
      const { step, durationMs } = event
      return `${step.direction === 'upgrade' ? 'applied' : 'undid'} ${step.revision.id} in ${String(durationMs)} ms`
    }
    case 'retry':
      return `${event.step.revision.id} met a lock of somebody else; try ${String(event.try)} in ${String(event.delayMs)} ms`
    case 'progress':
      return event.message
    default:
      return undefined
  }
}
