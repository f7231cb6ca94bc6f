import { AludelError } from '@aludel/engine'

/** Milliseconds that a command has to stop by itself after a signal, while it changes nothing. */
const patience = 1000

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

  /**
   * Waits for a command, but after a signal only for a moment, unless it has to end by itself. What it waits for then has no
   * safe point: a server that does not answer, a file of the project that does not load, a revision on a scratch database.
   *
   * @param mustFinish asked until the command ends
   * @throws AludelError `ALUDEL_INTERRUPTED` when the command does not end in time; what `work` rejects with
   */
  async waitFor<T>(work: Promise<T>, mustFinish: () => boolean): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<never>((_resolve, reject) => {
      const look = (): void => {
        if (!mustFinish()) reject(interrupted())
        else timer = setTimeout(look, patience)
      }
      this.signal.addEventListener('abort', () => (timer = setTimeout(look, patience)), { once: true })
    })
    try {
      return await Promise.race([work, tooLate])
    } finally {
      clearTimeout(timer)
    }
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
