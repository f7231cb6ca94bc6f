import type { DataSource, DataSourceOptions } from 'typeorm'

import { AludelError } from '../../errors'
import { modelOptions, passive } from '../connection-options'
import { connectionOptions, credentialsOf, secretsOf, targetOf, withDatabase } from './connection'
import { driverTypes } from './entry'

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>

/** What a DataSource needs to reach a server and nothing else. */
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

/** TypeORM's own class behind the template, whichever copy and major the project uses. */
export function constructorOf(template: DataSource): DataSourceConstructor {
  return template.constructor as DataSourceConstructor
}

/** The connection that the template has itself; undefined when it is of another dialect. */
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
 * A URL such as `postgres://user:password@host:5432/database?sslmode=require`; SQLAlchemy's `postgresql+driver://` too.
 * `sslmode` means what it means to libpq, which is not what the `pg` driver would make of it.
 *
 * @throws AludelError `ALUDEL_DATABASE_URL`
 */
export function urlConnection(text: string): Connection {
  const url = text.replace(/^postgres(?:ql)?(?:\+\w+)?:/i, 'postgres:')
  if (!url.startsWith('postgres:') || !URL.canParse(url)) {
    throw new AludelError('ALUDEL_DATABASE_URL', 'the URL of the shadow server is not that of a PostgreSQL server', {
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

/** `require` encrypts and trusts, `verify-*` checks the certificate; the others do without where they can. */
function sslOf(mode: string | null): Connection['ssl'] {
  if (mode === 'verify-ca' || mode === 'verify-full') return true
  return mode === 'require' || mode === 'no-verify' ? { rejectUnauthorized: false } : undefined
}

/** The same server, another database. */
export function toDatabase(connection: Connection, database: string): Connection {
  return {
    ...connection,
    database,
    ...(connection.url === undefined ? {} : { url: withDatabase(connection.url, database) }),
  }
}

/** The same database, with objects found and made in other schemas. */
export function withSearchPath(connection: Connection, searchPath: string): Connection {
  const extra = (connection.extra ?? {}) as Record<string, unknown>
  const given = typeof extra['options'] === 'string' ? `${extra['options']} ` : ''
  // Spaces end an option, unless a backslash stands before them.
  const option = `-c search_path=${searchPath.replaceAll(/[\s\\]/g, '\\$&')}`
  return { ...connection, extra: { ...extra, options: given + option } }
}

/** A DataSource for statements only: no entities. */
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

/** The template's options on another database, with everything off that would act by itself. */
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

/** `extra.max` would win over `poolSize`. */
function withoutPoolSize(connection: Connection): Connection {
  if (connection.extra === undefined) return connection
  const { max: _max, min: _min, ...extra } = connection.extra as Record<string, unknown>
  return { ...connection, extra }
}

function defined(values: Record<string, unknown>): Connection {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
