import { AludelError } from '@aludel/engine'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Lets a run end in good order when somebody wants it to end. The first signal aborts what goes on, which then
 * rolls back and gives its lock back; the second one ends the process at once.
 *
 * @param onFirst told once, for people
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

  /** What an error means: after a signal, one that only says "aborted" is the interruption itself. */
  explain(error: unknown): unknown {
    const onlyAborted = typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError'
    return this.signal.aborted && onlyAborted ? interrupted() : error
  }

  dispose(): void {
    for (const signal of signals) process.off(signal, this.#handler)
  }
}

/** The error of a run that somebody ended. */
export function interrupted(): AludelError {
  return new AludelError('ALUDEL_INTERRUPTED', 'interrupted', {
    help: 'What was done before is kept; run the same command again to resume.',
  })
}
