/** A promise that knows whether anything waits for it. One that rejects unobserved does not end the process. */
export class ObservedPromise<T> extends Promise<T> {
  #isObserved = false

  /** What `then` returns is observed by its own means. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  /** A promise that settles as `promise` does. */
  static of<T>(promise: Promise<T>): ObservedPromise<T> {
    const observed = new ObservedPromise<T>((resolve, reject) => {
      promise.then(resolve, reject)
    })
    // The method of the base class, which does not count as an observer.
    void Promise.prototype.then.call(observed, undefined, () => undefined)
    return observed
  }

  /** True once `then`, `catch`, `finally` or `await` was used on it. */
  get isObserved(): boolean {
    return this.#isObserved
  }

  // `await` calls it too, because this is a subclass: https://tc39.es/ecma262/#sec-promise-resolve
  override then<Fulfilled = T, Rejected = never>(
    onFulfilled?: ((value: T) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    this.#isObserved = true
    return super.then(onFulfilled, onRejected)
  }
}
