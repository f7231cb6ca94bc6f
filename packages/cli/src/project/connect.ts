import { existsSync } from 'node:fs'

import type { ReadConnection } from '@aludel/engine'
import type BetterSqlite3 from 'better-sqlite3'
import type * as pg from 'pg'
import type { DataSourceOptions } from 'typeorm'

/** Without the dialect, which the engine derives from the options. */
type Opened = Omit<ReadConnection, 'dialect'>
type Connect = (options: DataSourceOptions) => Promise<Opened>

/**
 * Opens a read-only connection without TypeORM, because commands that only read the history would spend most of their
 * time loading it.
 *
 * @throws the errors of the driver
 */
export function connect(options: DataSourceOptions): Promise<Opened> {
  const open = drivers[options.type]
  if (open === undefined) throw new TypeError(`no driver for ${options.type}`)
  return open(options)
}

const drivers: Readonly<Partial<Record<DataSourceOptions['type'], Connect>>> = {
  'better-sqlite3': connectSqlite,
  postgres: connectPostgres,
}

/* eslint-disable @typescript-eslint/no-require-imports -- import() starts the loader of ES modules, and these are none */
async function connectSqlite(options: DataSourceOptions): Promise<Opened> {
  const Database = require('better-sqlite3') as typeof BetterSqlite3
  const name = typeof options.database === 'string' ? options.database : ':memory:'
  // Reading must not create the file: without it, nothing is applied.
  const database = existsSync(name)
    ? new Database(name, { readonly: true, fileMustExist: true })
    : new Database(':memory:')
  try {
    // SQLite reads the file, and notices that it is not a database, only at the first query.
    database.pragma('schema_version')
  } catch (error) {
    database.close()
    throw error
  }
  return {
    name,
    query: (sql, parameters = []) => Promise.resolve().then(() => database.prepare(sql).all(...parameters)),
    close: () => Promise.resolve(void database.close()),
  }
}

async function connectPostgres(options: DataSourceOptions): Promise<Opened> {
  if (options.type !== 'postgres') throw new TypeError(`not PostgreSQL: ${options.type}`)
  const { Client } = require('pg') as typeof pg
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
    ...(options.extra as pg.ClientConfig | undefined),
  }
  const client = new Client(config as pg.ClientConfig)
  // Without a listener, a server that ends an idle session would end this process; the next query reports it anyway.
  client.on('error', () => undefined)
  await client.connect()
  return {
    name: options.database ?? '',
    query: async (sql, parameters = []) => (await client.query<Record<string, unknown>>(sql, parameters)).rows,
    close: () => client.end(),
  }
}
/* eslint-enable @typescript-eslint/no-require-imports */
