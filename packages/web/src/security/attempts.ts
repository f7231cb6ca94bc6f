/** How many failures, and in which time. */
const most = 10
const windowMs = 60_000

/** Addresses that are remembered at most; more of them at once are an attack. */
const mostAddresses = 10_000

/**
 * Limits how often a token can be guessed: after ten failures within a minute, an address has to wait until the minute is over. Only
 * failures count, so that opening the page often is no problem.
 */
export class Attempts {
  readonly #failures = new Map<string, { count: number; readonly since: number }>()

  /** @param now milliseconds, from a clock that only advances */
  constructor(private readonly now: () => number) {}

  /** Milliseconds that this address must wait; 0 if it may try. */
  waitMs(address: string): number {
    this.#forget()
    const known = this.#failures.get(address)
    if (known === undefined) return this.#failures.size >= mostAddresses ? windowMs : 0
    return known.count < most ? 0 : known.since + windowMs - this.now()
  }

  failed(address: string): void {
    const known = this.#failures.get(address)
    if (known === undefined) this.#failures.set(address, { count: 1, since: this.now() })
    else known.count += 1
  }

  #forget(): void {
    const now = this.now()
    for (const [address, { since }] of this.#failures) {
      // They are in the order of their times.
      if (since + windowMs > now) break
      this.#failures.delete(address)
    }
  }
}
