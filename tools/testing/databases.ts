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

/** True where the tests run on TypeORM 0.3, which cannot do all that TypeORM 1 can. */
export const legacyTypeorm = stack.typeorm !== 'typeorm'

/** TypeORM's `type` for SQLite with the driver that is tested. TypeORM 1's types do not know `sqlite`. */
export const sqliteType = stack.sqlite as 'better-sqlite3'

/**
 * Options for a SQLite database with the driver that is tested.
 *
 * @param database a file, or `:memory:`
 */
export function sqliteOptions(database: string): DataSourceOptions & { readonly type: 'better-sqlite3' } {
  // Both drivers wait as long for a file that somebody else writes to.
  return { type: sqliteType, database, ...(stack.sqlite === 'better-sqlite3' ? {} : { busyTimeout: 5000 }) }
}

/** Options that open a SQLite file for reading only, with either driver. */
export const readOnlySqlite = { readonly: true, fileMustExist: true, flags: 1 } as const

/** The server on which tests may make databases, as its superuser. */
export function postgresUrl(): string {
  const url = process.env['ALUDEL_TEST_POSTGRES_URL']
  if (url === undefined || url === '') {
    throw new Error('Set ALUDEL_TEST_POSTGRES_URL to the URL of a superuser of a PostgreSQL server.')
  }
  return url
}

/** Major version of that server: the one that is brought along, unless `npm run servers` says another. */
export const postgresMajor = Number(process.env['ALUDEL_TEST_POSTGRES_VERSION'] ?? '18')

/**
 * Where files of SQLite go: into memory where there is plenty. On a disk each commit waits for it, and costs four times the
 * processor time; no test can see whether it got there.
 */
export function sqliteFolder(): string {
  return roomyMemory() ?? tmpdir()
}

/** A new, empty database of a test's own. */
export interface TestDatabase {
  /** Where it is; without entities. */
  readonly options: DataSourceOptions
  /** For `psql` and `sqlite3`: a URL, a file. */
  readonly address: string
  /** For `--database-url`. */
  readonly url: string
  /** Runs one statement on a connection of its own, without TypeORM. */
  query(sql: string): Promise<Record<string, unknown>[]>
  /** Removes it, with whoever is connected to it. */
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
 * Drops a database with whoever is connected to it. The server waits five seconds for those it has told to leave, which on
 * a machine with too much to do may not be enough.
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

/** To copy files is the fastest way to make a database where the server waits for no disk, as that of the tests. */
function creationOptions(): Promise<string> {
  return (creation ??= queryPostgres(
    `SELECT current_setting('fsync') = 'off' AND current_setting('server_version_num')::integer >= 150000 AS fast`,
  ).then(([row]) => (row?.['fast'] === true ? ' STRATEGY file_copy' : '')))
}

/**
 * The sessions whose concurrent build waits for others, of this database only: the view shows the whole server, and other tests
 * build on it at the same time.
 */
export const waitingBuilds = `SELECT pid FROM pg_stat_progress_create_index
  WHERE datname = current_database() AND phase LIKE 'waiting%'`

type Rows = Record<string, unknown>[]

/**
 * Runs one query without TypeORM.
 *
 * @param url of a database, for a connection of its own; default: the server of the tests, in the session of this worker
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

/** What a DataSource has sent to its database. */
export interface SentQuery {
  readonly sql: string
  readonly parameters: number
}

/**
 * An initialized DataSource with these entities, and their tables.
 *
 * @param queries gets what is sent from then on
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
    // only the queries matter here
  }
}
