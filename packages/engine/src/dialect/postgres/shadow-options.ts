import type { DataSource, DataSourceOptions } from 'typeorm'

import { AludelError } from '../../errors'
import { modelOptions, passive } from '../connection-options'
import { connectionOptions, credentialsOf, secretsOf, targetOf, withDatabase } from './connection'
import { driverTypes } from './entry'

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>

/** The options that a DataSource needs to reach a server. */
export type Connection = Partial<
  Pick<
    PostgresOptions,
    | 'url'
    | 'host'
    | 'port'
    | 'username'
    | 'password'
    | 'database'
    | 'ssl'
    | 'extra'
    | 'connectTimeoutMS'
    | 'driver'
    | 'nativeDriver'
  >
>

export type DataSourceConstructor = new (options: DataSourceOptions) => DataSource

/** The DataSource class of the template, from the copy and major version of TypeORM that the project uses. */
export function constructorOf(template: DataSource): DataSourceConstructor {
  return template.constructor as DataSourceConstructor
}

/** The connection of the template; undefined when it has another dialect. */
export function templateConnection({ options }: DataSource): Connection | undefined {
  if (options.type !== 'postgres') return undefined
  const { url, host, port, username, password, database, ssl } = { ...options, ...credentialsOf(options) }
  return defined({
    url,
    host,
    port,
    username,
    password,
    database,
    ssl,
    extra: options.extra as unknown,
    connectTimeoutMS: options.connectTimeoutMS,
    driver: options.driver as unknown,
    nativeDriver: options.nativeDriver as unknown,
  })
}

/**
 * The connection of a URL such as `postgres://user:password@host:5432/database?sslmode=require`, or of SQLAlchemy's
 * `postgresql+driver://`. `sslmode` has the meaning of libpq, which differs from that of the `pg` driver.
 *
 * @throws AludelError `ALUDEL_DATABASE_URL`
 */
export function urlConnection(text: string): Connection {
  const url = text.replace(/^postgres(?:ql)?(?:\+\w+)?:/i, 'postgres:')
  if (!url.startsWith('postgres:') || !URL.canParse(url)) {
    throw new AludelError('ALUDEL_DATABASE_URL', 'the URL of the shadow server is not a PostgreSQL URL', {
      help: 'For example postgres://user:password@host:5432/database',
    })
  }
  const { searchParams } = new URL(url)
  const { host, port, user, database } = targetOf({ type: 'postgres', url })
  const options = searchParams.get('options')
  return defined({
    host,
    port,
    username: user,
    password: secretsOf({ type: 'postgres', url }).at(-1),
    database,
    ssl: sslOf(searchParams.get('sslmode')),
    extra: options === null ? undefined : { options },
  })
}

/** `require` encrypts without checking the certificate, `verify-*` checks it; the others do not encrypt. */
function sslOf(mode: string | null): Connection['ssl'] {
  if (mode === 'verify-ca' || mode === 'verify-full') return true
  return mode === 'require' || mode === 'no-verify' ? { rejectUnauthorized: false } : undefined
}

/** The connection to another database of the same server. */
export function toDatabase(connection: Connection, database: string): Connection {
  const { url } = connection
  return { ...connection, database, ...(url !== undefined && { url: withDatabase(url, database) }) }
}

/** The connection with another search_path. */
export function withSearchPath(connection: Connection, searchPath: string): Connection {
  const extra = (connection.extra ?? {}) as Record<string, unknown>
  const given = typeof extra['options'] === 'string' ? `${extra['options']} ` : ''
  // A space ends an option, unless it follows a backslash.
  const option = `-c search_path=${searchPath.replaceAll(/[\s\\]/g, '\\$&')}`
  return { ...connection, extra: { ...extra, options: given + option } }
}

/** Options of a DataSource without entities, for statements only. */
export function adminOptions(connection: Connection): DataSourceOptions {
  return {
    ...withoutPoolSize(connection),
    type: 'postgres',
    poolSize: 1,
    applicationName: 'aludel',
    logging: false,
    installExtensions: false,
  }
}

/** The template's options for another database, with everything off that would run automatically. */
export function shadowOptions(
  template: DataSource,
  connection: Connection,
  overrides: Partial<DataSourceOptions>,
): DataSourceOptions {
  return {
    ...modelOptions(template.options, { driverTypes, options: connectionOptions }),
    ...withoutPoolSize(connection),
    ...passive,
    type: 'postgres',
    poolSize: 3,
    applicationName: 'aludel shadow',
    ...overrides,
  } as DataSourceOptions
}

/** `extra.max` would override `poolSize`. */
function withoutPoolSize(connection: Connection): Connection {
  if (connection.extra === undefined) return connection
  const { max: _max, min: _min, ...extra } = connection.extra as Record<string, unknown>
  return { ...connection, extra }
}

function defined(values: Record<string, unknown>): Connection {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
