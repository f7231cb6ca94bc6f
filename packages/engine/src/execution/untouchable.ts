/**
 * A placeholder for the rows of a query, which throws when they are used.
 *
 * @param reason makes the error
 */
export function untouchable(reason: () => Error): object {
  const fail = (): never => {
    throw reason()
  }
  return new Proxy([], {
    // Promises look for `then`.
    get: (_target, property) => (property === 'then' ? undefined : fail()),
    has: fail,
    ownKeys: fail,
    getOwnPropertyDescriptor: fail,
  })
}
