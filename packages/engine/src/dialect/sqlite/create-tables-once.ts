import type { DataSource, QueryRunner, Table, TableForeignKey } from 'typeorm'

import { replaceMethod } from '../replace-method'

/**
 * Makes schema sync create each table once, with its foreign keys, until the returned function is called. TypeORM creates all
 * tables without them, and then rebuilds each table for its own; every statement of a rebuild makes SQLite parse the whole
 * schema again, so that the time grows with the square of the number of tables.
 */
export function createTablesOnce(dataSource: DataSource): () => void {
  const restores: (() => void)[] = []
  const known = new WeakSet<QueryRunner>()
  const create = dataSource.createQueryRunner.bind(dataSource)
  restores.push(
    replaceMethod(dataSource, 'createQueryRunner', (...mode: Parameters<typeof create>) => {
      const runner = create(...mode)
      // The driver may have only one.
      if (!known.has(runner)) restores.push(...deferTables(runner))
      known.add(runner)
      return runner
    }),
  )
  return () => {
    for (const restore of restores.reverse()) restore()
  }
}

/** Keeps tables back until the next statement, so that the foreign keys that they get until then are created with them. */
function deferTables(runner: QueryRunner): readonly (() => void)[] {
  const createTable = runner.createTable.bind(runner)
  const createForeignKeys = runner.createForeignKeys.bind(runner)
  const query = runner.query.bind(runner)
  let waiting: { readonly table: Table; readonly indices: boolean | undefined }[] = []
  const createAll = async (): Promise<void> => {
    const all = waiting
    waiting = []
    for (const { table, indices } of all) await createTable(table, false, true, indices)
  }
  return [
    replaceMethod(runner, 'createTable', async (...given: Parameters<typeof createTable>) => {
      const [table, ifNotExists, , indices] = given
      if (ifNotExists === true) return createTable(...given)
      waiting.push({ table, indices })
      return undefined
    }),
    replaceMethod(runner, 'createForeignKeys', async (table: Table | string, keys: TableForeignKey[]) => {
      const one = waiting.find((other) => other.table === table)
      if (one === undefined) return createForeignKeys(table, keys)
      for (const key of keys) one.table.addForeignKey(key)
      return undefined
    }),
    replaceMethod(runner, 'query', async (...given: Parameters<typeof query>) => {
      if (waiting.length > 0) await createAll()
      return query(...given) as Promise<unknown>
    }),
  ]
}
