import type { DataSourceOptions } from 'typeorm'

import type { ConnectionOptions } from '../connection-options'
import { splitUrl, type UrlParts } from './url-parts'

export const connectionOptions: ConnectionOptions = {
  place: [
    ...['url', 'host', 'port', 'username', 'password', 'database', 'ssl', 'extra', 'replication'],
    ...['connectTimeoutMS', 'applicationName', 'poolSize', 'logNotifications'],
  ],
  driver: ['driver', 'nativeDriver', 'poolErrorHandler'],
}

/** The server and database that a DataSource connects to, according to its options. Never contains a password. */
export interface Target {
  readonly host: string
  readonly port: number
  readonly user?: string
  readonly database?: string
}

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>
type Credentials = Partial<Pick<PostgresOptions, 'host' | 'port' | 'username' | 'password' | 'database'>> & {
  readonly url?: string
  readonly ssl?: unknown
}

/** The options of the connection for changes: those of the master where `replication` is set. */
export function credentialsOf(options: DataSourceOptions): Credentials {
  if (options.type !== 'postgres') return {}
  return options.replication?.master ?? options
}

/** Host, port, user and database, the URL and its parameters first, as TypeORM and `pg` read them. */
export function targetOf(options: DataSourceOptions): Target {
  const given = credentialsOf(options)
  const url = read(given.url)
  const host = url?.host ?? given.host ?? process.env['PGHOST'] ?? 'localhost'
  const user = url?.user ?? given.username ?? process.env['PGUSER']
  const database = url?.database ?? given.database ?? process.env['PGDATABASE']
  const port = url?.port ?? given.port ?? process.env['PGPORT'] ?? 5432
  return { host, port: Number(port), user, database }
}

/** The passwords that the options hold, to keep them out of messages. */
export function secretsOf(options: DataSourceOptions): string[] {
  const { url, password } = credentialsOf(options)
  return [typeof password === 'string' ? password : '', ...(read(url)?.passwords ?? [])].filter((it) => it !== '')
}

/**
 * Splits the `url` of a DataSource, of which `pg` accepts any scheme.
 *
 * @throws AludelError `ALUDEL_DATABASE_URL`
 */
export function splitDataSourceUrl(url: string): UrlParts {
  return splitUrl(url.replace(/^[a-z][a-z0-9+.-]*:\/\//i, 'postgres://'))
}

/** The URL with another database. */
export function withDatabase(url: string, database: string): string {
  return url.replace(
    /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)(?:\/[^?#]*)?/i,
    `$1/${encodeURIComponent(database).replaceAll('$', '$$$$')}`,
  )
}

/** What a URL contains; undefined for one that is missing or malformed. */
interface ReadUrl {
  readonly host: string | undefined
  readonly port: string | undefined
  readonly user: string | undefined
  readonly database: string | undefined
  /** In every form in which it may be repeated. */
  readonly passwords: readonly string[]
}

function read(url: string | undefined): ReadUrl | undefined {
  const parts = url === undefined ? undefined : split(url)
  if (parts === undefined) return undefined
  const parameters = new URLSearchParams(parts.query)
  const parameter = (name: string): string | undefined => nonEmpty(parameters.get(name) ?? undefined)
  const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(parts.userinfo) ?? []
  const port = parameter('port') ?? parts.port
  return {
    // An IPv6 address has brackets in a URL only.
    host: parameter('host') ?? nonEmpty(decodeURIComponent(parts.host).replace(/^\[(.+)\]$/, '$1')),
    port: /^\d+$/.test(port) ? port : undefined,
    user: parameter('user') ?? nonEmpty(decodeURIComponent(user)),
    database: nonEmpty(parts.database),
    passwords: [password, decodeURIComponent(password), parameter('password') ?? ''],
  }
}

function split(url: string): UrlParts | undefined {
  try {
    return splitDataSourceUrl(url)
  } catch {
    return undefined
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
