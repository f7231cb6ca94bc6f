import type { DataSource, DataSourceOptions } from 'typeorm'

/** Where a database is, as far as its options say. */
export interface Place {
  /** `app.db`, `app at db.example:5432`; never credentials. */
  readonly name: string
  /** Whether it is on this machine. */
  readonly isLocal: boolean
}

interface ServerOptions {
  readonly database?: unknown
  readonly url?: string
  readonly host?: string
  readonly port?: number
}

type Environment = Readonly<Record<string, string | undefined>>

/** @param env for the server's own variables, which complete the options of a DataSource */
export function placeOf({ options }: DataSource, env: Environment): Place {
  const server = servers[options.type]
  if (server !== undefined) return server(options, env)
  // The others are drivers of SQLite.
  const { database } = options
  return { name: typeof database === 'string' ? database : 'the database', isLocal: true }
}

const servers: Readonly<Partial<Record<DataSourceOptions['type'], typeof postgres>>> = { postgres }

function postgres({ database, url, host, port }: ServerOptions, env: Environment): Place {
  const parsed = url === undefined ? undefined : parsedUrl(url)
  // A URL that the driver understands and this does not: it may be anywhere.
  if (parsed === null) return { name: 'a PostgreSQL database', isLocal: false }
  const inUrl = [parsed?.hostname, parsed?.searchParams.get('host')]
  const address = decodeURIComponent(first(...inUrl, host, env['PGHOST']) ?? 'localhost').replaceAll(/^\[|\]$/g, '')
  const where = `${address}:${first(parsed?.port, port?.toString(), env['PGPORT']) ?? '5432'}`
  const path = parsed === undefined ? undefined : decodeURIComponent(parsed.pathname.slice(1))
  const name = first(path, database, env['PGDATABASE']) ?? 'the default database'
  return { name: `${name} at ${where}`, isLocal: address.startsWith('/') || local.has(address) }
}

/** The first text that is not empty. */
function first(...texts: readonly unknown[]): string | undefined {
  return texts.find((text): text is string => typeof text === 'string' && text !== '')
}

function parsedUrl(url: string): URL | null {
  try {
    return new URL(url)
  } catch {
    return null
  }
}

const local: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1'])
