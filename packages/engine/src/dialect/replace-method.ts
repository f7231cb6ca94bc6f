/**
 * Replaces a method of an object until the returned function is called. The object then has again what it had: a method of
 * its own, which somebody else may have put there, or that of its class.
 *
 * @returns puts the method back
 * @example
 * const restore = replaceMethod(queryRunner, 'release', () => Promise.resolve())
 */
export function replaceMethod(target: object, name: string, method: (...given: never[]) => unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name)
  Object.defineProperty(target, name, { value: method, configurable: true, enumerable: true, writable: true })
  return () => {
    if (own === undefined) Reflect.deleteProperty(target, name)
    else Object.defineProperty(target, name, own)
  }
}
