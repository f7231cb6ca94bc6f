import type { DataSource, QueryRunner } from 'typeorm'

import { replaceMethod } from '../dialect/replace-method'

/**
 * Keeps a revision from closing what it only borrowed: `queryRunner.release()`, `destroy()` and `initialize()` of its
 * DataSource and `disconnect()` of its driver do nothing and warn, until the returned function is called. Without this a run
 * would lose its own session in the middle of a transaction.
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
    replaceMethod(queryRunner, 'release', () => {
      ignored('queryRunner.release()')
      return Promise.resolve()
    }),
    ...(['destroy', 'close'] as const).map((name) =>
      replaceMethod(dataSource, name, () => {
        ignored(`dataSource.${name}()`)
        return Promise.resolve()
      }),
    ),
    replaceMethod(dataSource, 'initialize', (): Promise<DataSource> => {
      ignored('dataSource.initialize()')
      return Promise.resolve(dataSource)
    }),
    // PostgreSQL's releases its query runners until none is left, which never ends while `release()` does nothing.
    replaceMethod(dataSource.driver, 'disconnect', () => {
      ignored('dataSource.driver.disconnect()')
      return Promise.resolve()
    }),
  ]
  return () => {
    for (const put of restore) put()
  }
}
