import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { AbstractLogger, DataSource } from 'typeorm'
import type { DataSourceOptions } from 'typeorm'
import { entities } from '@aludel/models'

/** A database made for one test file. */
export interface TestDatabase {
  readonly options: DataSourceOptions
  drop(): Promise<void>
}

export const engines = ['sqlite', 'postgres'] as const
export type Engine = (typeof engines)[number]

export function postgresUrl(): string {
  const url = process.env['ALUDEL_TEST_POSTGRES_URL']
  if (url === undefined)
    throw new Error('set ALUDEL_TEST_POSTGRES_URL to a PostgreSQL superuser URL to run these tests')
  return url
}

async function administrate(sql: string): Promise<void> {
  const client = new Client({ connectionString: postgresUrl() })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** Makes an empty database; `options` has no entities yet. */
export async function makeDatabase(engine: Engine): Promise<TestDatabase> {
  if (engine === 'sqlite') {
    const folder = await mkdtemp(join(tmpdir(), 'aludel-services-'))
    return {
      options: { type: 'better-sqlite3', database: join(folder, 'test.db') },
      drop: () => rm(folder, { recursive: true, force: true }),
    }
  }
  const name = `aludel_services_${randomBytes(6).toString('hex')}`
  await administrate(`CREATE DATABASE "${name}"`)
  const url = new URL(postgresUrl())
  url.pathname = `/${name}`
  return {
    options: { type: 'postgres', url: url.href },
    drop: () => administrate(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`),
  }
}

/** Opens a data source with the entities and makes their tables; `queries` gets what is sent to the database. */
export async function openWithTables(database: TestDatabase, queries: SentQuery[] = []): Promise<DataSource> {
  const logger = new SentQueries(queries)
  const dataSource = new DataSource({ ...database.options, entities, logging: ['query'], logger })
  await dataSource.initialize()
  await dataSource.synchronize()
  queries.length = 0
  return dataSource
}

export interface SentQuery {
  readonly sql: string
  readonly parameters: number
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
