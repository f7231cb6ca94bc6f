import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import Database from 'better-sqlite3'
import { Client } from 'pg'
import { AbstractLogger, DataSource, type DataSourceOptions } from 'typeorm'

import { roomyMemory } from '../../packages/engine/src/dialect/postgres/embedded-folders'
import { stack } from './stacks.cjs'

export type DialectName = 'sqlite' | 'postgres'

/** The dialects to test on: `describe.each(dialectNames)('… on %s', (dialect) => …)`. */
export const dialectNames: readonly DialectName[] = stack.dialects

/** Whether the tests run on TypeORM 0.3, which lacks some features of TypeORM 1. */
export const legacyTypeorm = stack.typeorm !== 'typeorm'

/** TypeORM's `type` for SQLite with the tested driver. The types of TypeORM 1 do not include `sqlite`. */
export const sqliteType = stack.sqlite as 'better-sqlite3'

/**
 * Options for a SQLite database with the tested driver.
 *
 * @param database a file, or `:memory:`
 */
export function sqliteOptions(database: string): DataSourceOptions & { readonly type: 'better-sqlite3' } {
  // Makes both drivers wait equally long for a file that another process writes to.
  return { type: sqliteType, database, ...(stack.sqlite === 'better-sqlite3' ? {} : { busyTimeout: 5000 }) }
}

/** Options that open a SQLite file read-only with either driver. */
export const readOnlySqlite = { readonly: true, fileMustExist: true, flags: 1 } as const

/** The URL of the superuser of the test server, on which tests may create databases. */
export function postgresUrl(): string {
  const url = process.env['ALUDEL_TEST_POSTGRES_URL']
  if (url === undefined || url === '') {
    throw new Error('Set ALUDEL_TEST_POSTGRES_URL to the URL of a superuser of a PostgreSQL server.')
  }
  return url
}

/** Major version of that server: the embedded one, unless `npm run servers` sets another. */
export const postgresMajor = Number(process.env['ALUDEL_TEST_POSTGRES_VERSION'] ?? '18')

/**
 * The folder for SQLite files: in memory if there is enough. On a disk, each commit waits for it and takes four times the processor
 * time, and no test can observe the difference.
 */
export function sqliteFolder(): string {
  return roomyMemory() ?? tmpdir()
}

/** A new, empty database for one test. */
export interface TestDatabase {
  /** Options for a DataSource without entities. */
  readonly options: DataSourceOptions
  /** For `psql` and `sqlite3`: a URL, or the path of a file. */
  readonly address: string
  /** For `--database-url`. */
  readonly url: string
  /** Runs one statement on a new connection, without TypeORM. */
  query(sql: string): Promise<Record<string, unknown>[]>
  /** Removes the database and ends its sessions. */
  drop(): Promise<void>
}

export async function makeDatabase(dialect: DialectName): Promise<TestDatabase> {
  if (dialect === 'sqlite') {
    const folder = await mkdtemp(join(sqliteFolder(), 'aludel-test-'))
    const file = join(folder, 'test.db')
    return {
      options: sqliteOptions(file),
      address: file,
      url: `sqlite:///${file}`,
      query: async (sql) => querySqlite(sql, file),
      drop: () => rm(folder, { recursive: true, force: true }),
    }
  }
  const name = `aludel_test_${randomBytes(6).toString('hex')}`
  await queryPostgres(`CREATE DATABASE "${name}" TEMPLATE template0${await creationOptions()}`)
  const url = new URL(postgresUrl())
  url.pathname = `/${name}`
  return {
    options: { type: 'postgres', url: url.href },
    address: url.href,
    url: url.href,
    query: (sql) => queryPostgres(sql, url.href),
    drop: () => dropPostgres(name),
  }
}

/**
 * Drops a database and ends its sessions. The server waits five seconds for sessions that it has terminated, which may not be
 * enough on a busy machine.
 */
async function dropPostgres(name: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await queryPostgres(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
      return
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== '55006' || tries === 12) throw error
    }
  }
}

let creation: Promise<string> | undefined

/** Copying files is the fastest way to create a database on a server that does not wait for its disk, like that of the tests. */
function creationOptions(): Promise<string> {
  return (creation ??= queryPostgres(
    `SELECT current_setting('fsync') = 'off' AND current_setting('server_version_num')::integer >= 150000 AS fast`,
  ).then(([row]) => (row?.['fast'] === true ? ' STRATEGY file_copy' : '')))
}

/**
 * The sessions of this database whose concurrent build waits for others. The view also shows other databases, in which other tests
 * build indexes at the same time.
 */
export const waitingBuilds = `SELECT pid FROM pg_stat_progress_create_index
  WHERE datname = current_database() AND phase LIKE 'waiting%'`

type Rows = Record<string, unknown>[]

/**
 * Runs one query without TypeORM.
 *
 * @param url of a database, for a new connection; default: the test server, in the session of this worker
 */
export async function queryPostgres(sql: string, url?: string): Promise<Rows> {
  const { aludelQueryServer } = globalThis as { readonly aludelQueryServer?: (sql: string) => Promise<Rows> }
  const server = postgresUrl()
  if (url === undefined && aludelQueryServer !== undefined) return aludelQueryServer(sql)
  return queryAlone(sql, url ?? server)
}

async function queryAlone(sql: string, url: string): Promise<Rows> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

function querySqlite(sql: string, file: string): Rows {
  const database = new Database(file)
  try {
    const statement = database.prepare(sql)
    return statement.reader ? (statement.all() as Rows) : (statement.run(), [])
  } finally {
    database.close()
  }
}

/** Collects the queries that a DataSource sends to its database. */
export interface SentQuery {
  readonly sql: string
  readonly parameters: number
}

/**
 * Returns an initialized DataSource with these entities, and creates their tables.
 *
 * @param queries receives the queries that are sent from then on
 */
export async function openWithTables(
  database: TestDatabase,
  entities: readonly (new () => object)[],
  queries: SentQuery[] = [],
): Promise<DataSource> {
  const logger = new SentQueries(queries)
  const dataSource = new DataSource({ ...database.options, entities: [...entities], logging: ['query'], logger })
  await dataSource.initialize()
  await dataSource.synchronize()
  queries.length = 0
  return dataSource
}

class SentQueries extends AbstractLogger {
  constructor(private readonly queries: SentQuery[]) {
    super(['query'])
  }

  override logQuery(sql: string, parameters: unknown[] = []): void {
    this.queries.push({ sql, parameters: parameters.length })
  }

  protected writeLog(): void {
    // Only queries are collected.
  }
}
