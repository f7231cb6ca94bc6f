import type { DataSource, DataSourceOptions } from 'typeorm'

import { AludelError } from '../../errors'
import { modelOptions, passive } from '../connection-options'
import { connectionOptions, credentialsOf, withDatabase } from './connection'
import { driverTypes } from './entry'

const lazy = {
  // Loads the parser, which only a URL needs.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  url: () => require('./url') as typeof import('./url'),
}

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

/** Whether the shadow server is another one than that of the template: another host, or another port. */
export function isApart({ template, url }: { readonly template: DataSource; readonly url?: string }): boolean {
  if (url === undefined) return template.options.type !== 'postgres'
  const own = templateConnection(template)
  if (own === undefined) return true
  return serverOf(urlConnection(url)) !== serverOf(own.url === undefined ? own : urlConnection(own.url))
}

/** The names of this machine count as one. */
function serverOf({ host = 'localhost', port = 5432 }: Connection): string {
  const isHere = /^(?:localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/i.test(host)
  return `${isHere ? 'localhost' : host.toLowerCase()}:${String(port)}`
}

/**
 * The connection of the URL of a shadow server, which need not name a database. It is read like `DATABASE_URL`.
 *
 * @throws AludelError `ALUDEL_DATABASE_URL`
 */
export function urlConnection(text: string): Connection {
  const url = text.trim()
  if (!/^postgres(?:ql)?(?:\+\w+)?:/i.test(url)) {
    throw new AludelError('ALUDEL_DATABASE_URL', 'the URL of the shadow server is not a PostgreSQL URL', {
      help: 'For example postgres://user:password@host:5432/database',
    })
  }
  const {
    type: _type,
    applicationName: _name,
    ...connection
  } = lazy.url().connectionOf(url, process.cwd(), process.env)
  return connection
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
export function adminOptions(
  connection: Connection,
  { poolSize = 1, applicationName = 'aludel' }: { readonly poolSize?: number; readonly applicationName?: string } = {},
): DataSourceOptions {
  return {
    ...withoutPoolSize(connection),
    type: 'postgres',
    poolSize,
    applicationName,
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
