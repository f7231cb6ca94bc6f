import { existsSync } from 'node:fs'

import type { DialectName, ReadConnection } from '@aludel/engine'
import type { ClientConfig } from 'pg'
import type { DataSourceOptions } from 'typeorm'

type Connect = (options: DataSourceOptions) => Promise<ReadConnection>

/**
 * Opens a connection that can only be asked, without TypeORM: commands that only read the history
 * would otherwise spend most of their time on loading it.
 *
 * @throws what the driver throws
 */
export function connect(options: DataSourceOptions): Promise<ReadConnection> {
  const open = drivers[options.type]
  if (open === undefined) throw new TypeError(`no driver for ${options.type}`)
  return open(options)
}

const drivers: Readonly<Partial<Record<DataSourceOptions['type'], Connect>>> = {
  'better-sqlite3': connectSqlite,
  postgres: connectPostgres,
}

async function connectSqlite(options: DataSourceOptions): Promise<ReadConnection> {
  const { default: Database } = await import('better-sqlite3')
  const name = typeof options.database === 'string' ? options.database : ':memory:'
  // A question must not make a file: where there is none, nothing is applied.
  const database = existsSync(name)
    ? new Database(name, { readonly: true, fileMustExist: true })
    : new Database(':memory:')
  const dialect: DialectName = 'sqlite'
  try {
    // SQLite reads a file only when it is asked something, and only then sees whether it is a database.
    database.pragma('schema_version')
  } catch (error) {
    database.close()
    throw error
  }
  return {
    dialect,
    name,
    query: (sql, parameters = []) => Promise.resolve().then(() => database.prepare(sql).all(...parameters)),
    close: () => Promise.resolve(void database.close()),
  }
}

async function connectPostgres(options: DataSourceOptions): Promise<ReadConnection> {
  if (options.type !== 'postgres') throw new TypeError(`not PostgreSQL: ${options.type}`)
  const { Client } = await import('pg')
  const { password } = options
  const config = {
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.username === undefined ? {} : { user: options.username }),
    ...(password === undefined ? {} : { password }),
    ...(options.database === undefined ? {} : { database: options.database }),
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
    ...(options.connectTimeoutMS === undefined ? {} : { connectionTimeoutMillis: options.connectTimeoutMS }),
    ...(options.applicationName === undefined ? {} : { application_name: options.applicationName }),
    ...(options.extra as ClientConfig | undefined),
  }
  const client = new Client(config as ClientConfig)
  await client.connect()
  const dialect: DialectName = 'postgres'
  return {
    dialect,
    name: options.database ?? '',
    query: async (sql, parameters = []) => (await client.query<Record<string, unknown>>(sql, parameters)).rows,
    close: () => client.end(),
  }
}
