import type { DataSourceOptions } from 'typeorm'

import type { ConnectionOptions } from '../connection-options'

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
  const url = parse(given.url)
  const parameter = (name: string): string | undefined => nonEmpty(url?.searchParams.get(name) ?? undefined)
  // An IPv6 address has brackets in a URL only.
  const hostname = nonEmpty(decode(url?.hostname.replace(/^\[(.+)\]$/, '$1')))
  const host = parameter('host') ?? hostname ?? given.host ?? process.env['PGHOST'] ?? 'localhost'
  const user = parameter('user') ?? nonEmpty(decode(url?.username)) ?? given.username ?? process.env['PGUSER']
  const database = nonEmpty(decode(url?.pathname.replace(/^\//, ''))) ?? given.database ?? process.env['PGDATABASE']
  const port = parameter('port') ?? nonEmpty(url?.port) ?? given.port ?? process.env['PGPORT'] ?? 5432
  return { host, port: Number(port), user, database }
}

/** The passwords that the options hold, to keep them out of messages. */
export function secretsOf(options: DataSourceOptions): string[] {
  const { url, password } = credentialsOf(options)
  const parsed = parse(url)
  const raw = parsed?.password ?? ''
  const query = parsed?.searchParams.get('password') ?? ''
  return [typeof password === 'string' ? password : '', raw, decode(raw) ?? '', query].filter((secret) => secret !== '')
}

/** The URL with another database. */
export function withDatabase(url: string, database: string): string {
  return url.replace(
    /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)(?:\/[^?#]*)?/i,
    `$1/${encodeURIComponent(database).replaceAll('$', '$$$$')}`,
  )
}

function parse(url: string | undefined): URL | undefined {
  if (url === undefined) return undefined
  try {
    return new URL(url)
  } catch {
    return undefined
  }
}

function decode(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text)
  } catch {
    return text
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
