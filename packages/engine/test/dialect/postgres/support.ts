import 'reflect-metadata'

import { randomBytes } from 'node:crypto'

import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm'

import { dropPostgres } from '../../../../../tools/testing/databases'
import { introspect } from '../../../src/dialect/postgres/introspect'
import type { Schema } from '../../../src/schema/schema'

/** TypeORM's and the tool's own tables. */
export const ignoreTables = ['migrations', 'aludel_journal', 'typeorm_metadata']

/** URL of a server on which these tests may make databases. */
export function serverUrl(): string {
  const url = process.env['ALUDEL_TEST_POSTGRES_URL']
  if (url === undefined) {
    throw new Error(
      'ALUDEL_TEST_POSTGRES_URL is not set: it must name a PostgreSQL superuser, for example postgres://postgres:secret@127.0.0.1:5432/postgres',
    )
  }
  return url
}

/** The server's URL with another database, and perhaps another user. */
export function urlOf(database: string, user?: { readonly name: string; readonly password: string }): string {
  const url = new URL(serverUrl())
  url.pathname = `/${encodeURIComponent(database)}`
  if (user !== undefined) {
    url.username = encodeURIComponent(user.name)
    url.password = encodeURIComponent(user.password)
  }
  return url.href
}

export function uniqueName(prefix: string): string {
  return `aludel_test_${prefix}_${String(process.pid)}_${randomBytes(4).toString('hex')}`
}

/** Databases made by a test file, dropped together at its end. */
export class TestDatabases {
  readonly #admin: DataSource
  readonly #opened: DataSource[] = []
  readonly #names: string[] = []

  constructor() {
    this.#admin = new DataSource({ type: 'postgres', url: serverUrl(), poolSize: 1 })
  }

  async admin(): Promise<DataSource> {
    return this.#admin.isInitialized ? this.#admin : this.#admin.initialize()
  }

  /** A new, empty database. */
  async create(prefix = 'db'): Promise<string> {
    const name = uniqueName(prefix)
    await (await this.admin()).query(`CREATE DATABASE "${name}" TEMPLATE template0`)
    this.#names.push(name)
    return name
  }

  /** An initialized DataSource on a database, a new one unless it is named. */
  async open(options: Partial<DataSourceOptions> = {}, database?: string): Promise<DataSource> {
    const name = database ?? (await this.create())
    const dataSource = new DataSource({ type: 'postgres', url: urlOf(name), ...options } as DataSourceOptions)
    this.#opened.push(dataSource)
    return dataSource.initialize()
  }

  async close(): Promise<void> {
    for (const dataSource of this.#opened) if (dataSource.isInitialized) await dataSource.destroy()
    const admin = await this.admin()
    for (const name of this.#names) await dropPostgres(name, (sql) => admin.query(sql))
    await admin.destroy()
  }
}

/** Runs statements separated by a line that ends with a semicolon. */
export async function runScript(database: { query(sql: string): Promise<unknown> }, script: string): Promise<void> {
  for (const statement of script.split(/;\s*\n/)) if (statement.trim() !== '') await database.query(statement)
}

export async function read(dataSource: DataSource): Promise<Schema> {
  return introspect(dataSource, { ignoreTables })
}

export async function withRunner<T>(dataSource: DataSource, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner()
  try {
    return await work(runner)
  } finally {
    await runner.release()
  }
}
