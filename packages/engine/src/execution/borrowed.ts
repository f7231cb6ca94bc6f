import type { DataSource, QueryRunner } from 'typeorm'

/**
 * Keeps a revision from closing what it only borrowed: `queryRunner.release()`, `destroy()` and `initialize()` of its
 * DataSource do nothing and warn, until the returned function is called. Without this a run would lose its own session
 * in the middle of a transaction.
 *
 * They are replaced on the objects, not on a proxy: a revision reaches the DataSource in many ways (`queryRunner.connection`,
 * `manager.connection`, an import of its own).
 *
 * @returns puts the methods back
 */
export function keepBorrowed(queryRunner: QueryRunner, warn: (message: string) => void): () => void {
  const dataSource = queryRunner.connection
  const ignored = (call: string): void => {
    warn(`${call} was ignored: the connection belongs to the run, which closes it`)
  }
  const restore = [
    replace(queryRunner, 'release', () => {
      ignored('queryRunner.release()')
      return Promise.resolve()
    }),
    ...(['destroy', 'close'] as const).map((name) =>
      replace(dataSource, name, () => {
        ignored(`dataSource.${name}()`)
        return Promise.resolve()
      }),
    ),
    replace(dataSource, 'initialize', (): Promise<DataSource> => {
      ignored('dataSource.initialize()')
      return Promise.resolve(dataSource)
    }),
  ]
  return () => {
    for (const put of restore) put()
  }
}

/** @returns puts the method back as it was: the object's own, or that of its class */
function replace(target: object, name: string, method: (...given: unknown[]) => unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name)
  Object.defineProperty(target, name, { value: method, configurable: true, writable: true })
  return () => {
    if (own === undefined) Reflect.deleteProperty(target, name)
    else Object.defineProperty(target, name, own)
  }
}
