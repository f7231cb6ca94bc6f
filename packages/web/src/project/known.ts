/**
 * The answer to a question that many clients ask: it is looked for once for all that ask meanwhile. While a run is at work, the last
 * answer is given again, since reading could wait for what the run has locked.
 */
export class Known<T> {
  #last: { readonly answer: T } | undefined
  #looking: Promise<T> | undefined

  /**
   * @param find looks for the answer
   * @param isKept whether the last answer is to be given again
   */
  constructor(
    private readonly find: () => Promise<T>,
    private readonly isKept: () => boolean,
  ) {}

  get(): Promise<T> {
    if (this.#last !== undefined && this.isKept()) return Promise.resolve(this.#last.answer)
    if (this.#looking === undefined) {
      const looking = this.find()
      this.#looking = looking
      looking.then(
        (answer) => {
          if (looking === this.#looking) this.#last = { answer }
        },
        () => undefined,
      )
      void looking
        .catch(() => undefined)
        .then(() => {
          if (looking === this.#looking) this.#looking = undefined
        })
    }
    return this.#looking
  }

  /** Something has changed: who asks from now on does not get what is being looked for. */
  forget(): void {
    this.#looking = undefined
  }
}
