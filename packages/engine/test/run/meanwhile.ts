/**
 * What others do with the database beside a run, begun where nothing can be awaited (in a listener). A connection must
 * not be closed under it, which would be an error nobody waits for: it is ended before the database is dropped.
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
    // Nobody looks until the end; what failed is told then.
    begun.catch(() => undefined)
    this.#begun.push(begun)
  }

  /** Waits for all of it; rejects when some of it failed. */
  async end(): Promise<void> {
    // What is begun meanwhile too.
    for (const begun of this.#begun) await begun
  }
}
