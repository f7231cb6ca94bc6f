import type { RunEvent, RunListener } from './events'

/** Passes events to the listener of the options, and to listeners added temporarily. */
export class Reporter {
  readonly #listeners = new Set<RunListener>()

  constructor(listener?: RunListener) {
    if (listener !== undefined) this.#listeners.add(listener)
  }

  readonly emit = (event: RunEvent): void => {
    for (const listener of this.#listeners) listener(event)
  }

  readonly progress = (message: string): void => {
    this.emit({ type: 'progress', message })
  }

  readonly note = (message: string): void => {
    this.emit({ type: 'note', message })
  }

  readonly warn = (message: string): void => {
    this.emit({ type: 'warning', message })
  }

  /** Adds a listener while `work` runs. */
  async withListener<Result>(listener: RunListener, work: () => Promise<Result>): Promise<Result> {
    this.#listeners.add(listener)
    try {
      return await work()
    } finally {
      this.#listeners.delete(listener)
    }
  }
}
