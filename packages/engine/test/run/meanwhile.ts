/**
 * Actions of other clients during a run, started where they cannot be awaited (in a listener). A test must call `end` before it
 * drops the database: closing a connection in use would be an unhandled error.
 *
 * @example
 * others.go(() => peer.commitTransaction())
 * …
 * await others.end()
 */
export class Meanwhile {
  readonly #begun: Promise<unknown>[] = []

  go(action: () => Promise<unknown>): void {
    const begun = action()
    // `end` reports the failure; until then the rejection must not count as unhandled.
    begun.catch(() => undefined)
    this.#begun.push(begun)
  }

  /** Waits for all actions. Rejects if one of them failed. */
  async end(): Promise<void> {
    // The loop also reaches actions that start meanwhile.
    for (const begun of this.#begun) await begun
  }
}
