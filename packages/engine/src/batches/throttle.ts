import type { BatchHost } from './host'
import type { Definition } from './options'

/** Milliseconds between two checks of the replicas while they catch up. */
const lagPollMs = 500
/** The number of checks between two messages. */
const lagReport = 20

/** Rests between two batches: for the pause of the options, and until the replicas have caught up. */
export class Throttle {
  readonly #host: BatchHost
  readonly #definition: Definition
  #first = true
  #blind = false

  constructor(host: BatchHost, definition: Definition) {
    this.#host = host
    this.#definition = definition
  }

  /** Call it before each batch. */
  async rest(): Promise<void> {
    const { pauseMs } = this.#definition
    if (!this.#first && pauseMs > 0) await this.#host.sleep(pauseMs)
    this.#first = false
    this.#host.stopIfInterrupted()
    await this.#waitForReplicas()
  }

  async #waitForReplicas(): Promise<void> {
    const { maxLagMs, maxLagBytes } = this.#definition
    if ((maxLagMs === undefined && maxLagBytes === undefined) || this.#blind) return
    for (let check = 0; ; check += 1) {
      const lag = await this.#host.dialect.introspection.replicationLag(this.#host)
      if (lag === null) {
        // One may be added later, but a query before each batch would cost too much.
        this.#blind = true
        this.#host.report(`${this.#host.name}: no replica is visible, so none is waited for`, 'warning')
        return
      }
      const isBehind = lag.ms > (maxLagMs ?? Infinity) || lag.bytes > (maxLagBytes ?? Infinity)
      if (!isBehind) return
      if (check % lagReport === 0) {
        const behind = `${String(Math.round(lag.ms))} ms, ${String(lag.bytes)} bytes behind`
        this.#host.report(`${this.#host.name}: waiting for a replica that is ${behind}`, 'progress')
      }
      await this.#host.sleep(lagPollMs)
      this.#host.stopIfInterrupted()
    }
  }
}
