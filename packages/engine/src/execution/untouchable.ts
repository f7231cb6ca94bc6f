/**
 * Stands for the rows of a query as long as nobody looks at them.
 *
 * @param reason makes the error for who does
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
