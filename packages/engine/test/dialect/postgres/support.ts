import 'reflect-metadata'

import { randomBytes } from 'node:crypto'

import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm'

import { makeDatabase, postgresUrl, type TestDatabase } from '../../../../../tools/testing/databases'
import { introspect } from '../../../src/dialect/postgres/introspect'
import type { Schema } from '../../../src/schema/schema'
import { ignoreTables } from '../../support/ignore-tables'

/** The URL of the server with another database, and optionally another user. */
export function urlOf(database: string, user?: { readonly name: string; readonly password: string }): string {
  const url = new URL(postgresUrl())
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

/** The databases that a test file creates; `close` drops all of them. */
export class TestDatabases {
  readonly #admin: DataSource
  readonly #opened: DataSource[] = []
  readonly #made: TestDatabase[] = []

  constructor() {
    this.#admin = new DataSource({ type: 'postgres', url: postgresUrl(), poolSize: 1 })
  }

  async admin(): Promise<DataSource> {
    return this.#admin.isInitialized ? this.#admin : this.#admin.initialize()
  }

  /** Creates an empty database and returns its name. */
  async create(): Promise<string> {
    const database = await makeDatabase('postgres')
    this.#made.push(database)
    return new URL(database.address).pathname.slice(1)
  }

  /** Returns an initialized DataSource on the named database. Default is a new one. */
  async open(options: Partial<DataSourceOptions> = {}, database?: string): Promise<DataSource> {
    const name = database ?? (await this.create())
    const dataSource = new DataSource({ type: 'postgres', url: urlOf(name), ...options } as DataSourceOptions)
    this.#opened.push(dataSource)
    return dataSource.initialize()
  }

  async close(): Promise<void> {
    for (const dataSource of this.#opened) if (dataSource.isInitialized) await dataSource.destroy()
    for (const database of this.#made) await database.drop()
    if (this.#admin.isInitialized) await this.#admin.destroy()
  }
}

/** Runs statements that each end with a semicolon at the end of a line. */
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
