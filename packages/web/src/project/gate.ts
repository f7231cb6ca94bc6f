/**
 * Lets readers in together, up to a number, and whoever needs the database alone, alone. In the order in which they came, so that
 * neither waits forever.
 */
export class Gate {
  readonly #waiting: (() => boolean)[] = []
  #inside = 0
  #closed = false

  /** @param most readers at once */
  constructor(private readonly most: number) {}

  /**
   * Runs `work` beside other readers, while nobody needs to be alone.
   *
   * @param signal whoever waits stops waiting
   */
  async shared<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    await this.#enter(() => {
      if (this.#closed || this.#inside >= this.most) return false
      this.#inside += 1
      return true
    }, signal)
    try {
      return await work()
    } finally {
      this.#inside -= 1
      this.#next()
    }
  }

  /** Runs `work` while nobody else is inside. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter(() => {
      if (this.#closed || this.#inside > 0) return false
      this.#closed = true
      return true
    })
    try {
      return await work()
    } finally {
      this.#closed = false
      this.#next()
    }
  }

  /** @param enters takes the place if it is free */
  #enter(enters: () => boolean, signal?: AbortSignal): Promise<void> {
    if (this.#waiting.length === 0 && enters()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1)
        reject(signal?.reason instanceof Error ? signal.reason : new Error('nobody waits any more'))
        // Who came after it may have room where it had none.
        this.#next()
      }
      const turn = (): boolean => {
        if (!enters()) return false
        signal?.removeEventListener('abort', leave)
        resolve()
        return true
      }
      this.#waiting.push(turn)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  #next(): void {
    while (this.#waiting[0]?.() === true) this.#waiting.shift()
  }
}
