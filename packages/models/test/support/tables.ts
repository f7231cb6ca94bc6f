import type { DataSource } from 'typeorm'

import { type DialectName, makeDatabase, openWithTables, type TestDatabase } from '../../../../tools/testing/databases'
import { entities } from '../../src/index'

/**
 * Creates a database with the tables of all entities for the tests of a block.
 *
 * @param opened receives the DataSource before the first test
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
