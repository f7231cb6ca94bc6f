import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm'

import type { Dialect, DialectName } from '../../src/dialect/dialect'
import { postgres } from '../../src/dialect/postgres'
import { sqlite } from '../../src/dialect/sqlite'

/** A real database of a test's own. */
export interface TestDatabase {
  readonly dialect: Dialect
  readonly options: DataSourceOptions
  readonly dataSource: DataSource
  /** Released with the database. */
  readonly queryRunner: QueryRunner
  /** For `psql` and `sqlite3`: a URL, a file. */
  readonly address: string
  /** Another DataSource on the same database. */
  connect(overrides?: Partial<DataSourceOptions>): Promise<DataSource>
  /** Rows of a query, on a connection of its own where the engine has several. */
  rows(sql: string): Promise<Record<string, unknown>[]>
  drop(): Promise<void>
}

export function dialectOf(name: DialectName): Dialect {
  return name === 'sqlite' ? sqlite : postgres
}

/** Options for a DataSource on the database with this {@link TestDatabase.address}. */
export function optionsOf(name: DialectName, address: string): DataSourceOptions {
  return name === 'sqlite' ? { type: 'better-sqlite3', database: address } : { type: 'postgres', url: address }
}

export const dialectNames: readonly DialectName[] = ['sqlite', 'postgres']

export function openDatabase(name: DialectName, overrides: Partial<DataSourceOptions> = {}): Promise<TestDatabase> {
  return name === 'sqlite' ? openSqlite(overrides) : openPostgres(overrides)
}

export function postgresUrl(): string {
  const url = process.env['ALUDEL_TEST_POSTGRES_URL']
  if (url === undefined || url === '') {
    throw new Error('Set ALUDEL_TEST_POSTGRES_URL to a PostgreSQL server on which the tests may create databases.')
  }
  return url
}

async function openSqlite(overrides: Partial<DataSourceOptions>): Promise<TestDatabase> {
  const directory = await mkdtemp(path.join(tmpdir(), 'aludel-run-'))
  const database = path.join(directory, 'test.db')
  const options = { ...optionsOf('sqlite', database), ...overrides } as DataSourceOptions
  return open(sqlite, options, database, () => rm(directory, { recursive: true, force: true }))
}

async function openPostgres(overrides: Partial<DataSourceOptions>): Promise<TestDatabase> {
  const name = `aludel_run_${randomBytes(6).toString('hex')}`
  await administer(`CREATE DATABASE "${name}"`)
  const url = new URL(postgresUrl())
  url.pathname = `/${name}`
  const options = { ...optionsOf('postgres', url.href), ...overrides } as DataSourceOptions
  return open(postgres, options, url.href, () => administer(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`))
}

async function administer(sql: string): Promise<void> {
  const server = await new DataSource({ type: 'postgres', url: postgresUrl() }).initialize()
  try {
    await server.query(sql)
  } finally {
    await server.destroy()
  }
}

async function open(
  dialect: Dialect,
  options: DataSourceOptions,
  address: string,
  remove: () => Promise<void>,
): Promise<TestDatabase> {
  const opened: DataSource[] = []
  const connect = async (overrides: Partial<DataSourceOptions> = {}): Promise<DataSource> => {
    const dataSource = await new DataSource({ ...options, ...overrides } as DataSourceOptions).initialize()
    opened.push(dataSource)
    return dataSource
  }
  const dataSource = await connect()
  const queryRunner = dataSource.createQueryRunner()
  return {
    dialect,
    options,
    dataSource,
    queryRunner,
    address,
    connect,
    rows: (sql) => dataSource.query<Record<string, unknown>[]>(sql),
    drop: async () => {
      await queryRunner.release()
      for (const one of opened) if (one.isInitialized) await one.destroy()
      await remove()
    },
  }
}

/** Names of all tables but those of the history, sorted. */
export async function tableNames(database: TestDatabase): Promise<string[]> {
  const sql =
    database.dialect.name === 'sqlite'
      ? `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
      : `SELECT tablename AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`
  const names = (await database.rows(sql)).map((row) => String(row['name']))
  return names.filter((name) => name !== 'migrations' && name !== 'aludel_journal').sort()
}
