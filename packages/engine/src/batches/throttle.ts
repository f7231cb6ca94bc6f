import type { BatchHost } from './host'
import type { Definition } from './options'

/** How often to look at the replicas while they catch up, in milliseconds. */
const lagPollMs = 500
/** How many looks go by until it is said again. */
const lagReport = 20

/** Rests between two batches: as long as is asked for, and until the replicas have caught up. */
export class Throttle {
  readonly #host: BatchHost
  readonly #definition: Definition
  #first = true
  #blind = false

  constructor(host: BatchHost, definition: Definition) {
    this.#host = host
    this.#definition = definition
  }

  /** To be called before each batch. */
  async rest(): Promise<void> {
    const { pauseMs } = this.#definition
    if (!this.#first && pauseMs > 0) await this.#host.sleep(pauseMs)
    this.#first = false
    this.#host.stopIfAsked()
    await this.#waitForReplicas()
  }

  async #waitForReplicas(): Promise<void> {
    const { maxLagMs, maxLagBytes } = this.#definition
    if ((maxLagMs === undefined && maxLagBytes === undefined) || this.#blind) return
    for (let look = 0; ; look += 1) {
      const lag = await this.#host.dialect.introspection.replicationLag(this.#host)
      if (lag === null) {
        // One may be added later, but to ask before each batch and for nothing is too much.
        this.#blind = true
        this.#host.say(`${this.#host.name}: no replica is to be seen, so none is waited for`, 'warning')
        return
      }
      const isBehind = lag.ms > (maxLagMs ?? Infinity) || lag.bytes > (maxLagBytes ?? Infinity)
      if (!isBehind) return
      if (look % lagReport === 0) {
        const behind = `${String(Math.round(lag.ms))} ms, ${String(lag.bytes)} bytes behind`
        this.#host.say(`${this.#host.name}: waiting for a replica that is ${behind}`, 'progress')
      }
      await this.#host.sleep(lagPollMs)
      this.#host.stopIfAsked()
    }
  }
}
