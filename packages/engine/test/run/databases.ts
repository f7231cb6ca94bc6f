import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm'

import { makeDatabase, sqliteOptions } from '../../../../tools/testing/databases'
import type { Dialect } from '../../src/dialect/dialect'
import type { DialectName } from '../../src/dialect/registry'
import { postgres } from '../../src/dialect/postgres'
import { sqlite } from '../../src/dialect/sqlite'

export { dialectNames, postgresUrl, sqliteOptions } from '../../../../tools/testing/databases'

/** A real database for one test. */
export interface TestDatabase {
  readonly dialect: Dialect
  readonly options: DataSourceOptions
  readonly dataSource: DataSource
  /** Released with the database. */
  readonly queryRunner: QueryRunner
  /** For `psql` and `sqlite3`: a URL, or the path of a file. */
  readonly address: string
  /** Opens another DataSource on the same database; `drop` closes it. */
  connect(overrides?: Partial<DataSourceOptions>): Promise<DataSource>
  /** Returns the rows of a query, on another connection than `queryRunner` where the engine has several. */
  rows(sql: string): Promise<Record<string, unknown>[]>
  drop(): Promise<void>
}

export function dialectOf(name: DialectName): Dialect {
  return name === 'sqlite' ? sqlite : postgres
}

/** Options for a DataSource on the database with this {@link TestDatabase.address}. */
export function optionsOf(name: DialectName, address: string): DataSourceOptions {
  return name === 'sqlite' ? sqliteOptions(address) : { type: 'postgres', url: address }
}

export async function openDatabase(
  name: DialectName,
  overrides: Partial<DataSourceOptions> = {},
): Promise<TestDatabase> {
  const made = await makeDatabase(name)
  const options = { ...made.options, ...overrides } as DataSourceOptions
  const opened: DataSource[] = []
  const connect = async (overrides: Partial<DataSourceOptions> = {}): Promise<DataSource> => {
    const dataSource = await new DataSource({ ...options, ...overrides } as DataSourceOptions).initialize()
    opened.push(dataSource)
    return dataSource
  }
  const dataSource = await connect()
  const queryRunner = dataSource.createQueryRunner()
  return {
    dialect: dialectOf(name),
    options,
    dataSource,
    queryRunner,
    address: made.address,
    connect,
    rows: (sql) => dataSource.query<Record<string, unknown>[]>(sql),
    drop: async () => {
      await queryRunner.release()
      for (const one of opened) if (one.isInitialized) await one.destroy()
      await made.drop()
    },
  }
}

/** Returns the names of all tables except those of the history, sorted. */
export async function tableNames(database: TestDatabase): Promise<string[]> {
  const sql =
    database.dialect.name === 'sqlite'
      ? `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
      : `SELECT tablename AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`
  const names = (await database.rows(sql)).map((row) => String(row['name']))
  return names.filter((name) => !['migrations', 'aludel_journal', 'aludel_lock'].includes(name)).sort()
}
