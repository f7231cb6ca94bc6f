/**
 * Does something when it is first needed, for several scenarios.
 *
 * @template T
 * @param {() => Promise<T>} make
 * @returns {() => Promise<T>}
 */
export function once(make) {
  /** @type {Promise<T> | undefined} */
  let made
  return () => (made ??= make())
}
