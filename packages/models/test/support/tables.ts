import type { DataSource } from 'typeorm'

import { type DialectName, makeDatabase, openWithTables, type TestDatabase } from '../../../../tools/testing/databases'
import { entities } from '../../src/index'

/**
 * The tables of all entities in a database of their own, for the tests of a block.
 *
 * @param opened gets the connection before the first of them
 */
export function useTables(dialect: DialectName, opened: (dataSource: DataSource) => void): void {
  let database: TestDatabase | undefined
  let dataSource: DataSource | undefined
  beforeAll(async () => {
    database = await makeDatabase(dialect)
    dataSource = await openWithTables(database, entities)
    opened(dataSource)
  })
  afterAll(async () => {
    await dataSource?.destroy()
    await database?.drop()
  })
}
