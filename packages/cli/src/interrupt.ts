import { AludelError } from '@aludel/engine'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Handles Ctrl-C and termination signals. The first signal aborts the run, which rolls back and releases its lock; the
 * second one ends the process at once.
 *
 * @param onFirst called once, to inform the user
 * @param exit ends the process
 */
export class Interrupt {
  readonly #controller = new AbortController()
  readonly #handler: () => void

  constructor(onFirst: () => void, exit: (code: number) => void) {
    this.#handler = () => {
      if (this.#controller.signal.aborted) {
        exit(130)
        return
      }
      onFirst()
      this.#controller.abort(interrupted())
    }
    for (const signal of signals) process.on(signal, this.#handler)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Converts an error: after a signal, an `AbortError` is the interruption. */
  explain(error: unknown): unknown {
    const onlyAborted = typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError'
    return this.signal.aborted && onlyAborted ? interrupted() : error
  }

  dispose(): void {
    for (const signal of signals) process.off(signal, this.#handler)
  }
}

/** The error of an interrupted command. */
export function interrupted(): AludelError {
  return new AludelError('ALUDEL_INTERRUPTED', 'interrupted', {
    help: 'Completed work is kept; run the same command again to resume.',
  })
}
