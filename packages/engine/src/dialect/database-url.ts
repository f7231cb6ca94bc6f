import path from 'node:path'

import type { DataSourceOptions } from 'typeorm'

import { AludelError } from '../errors'

/** Where `aludel` works when nobody says otherwise. */
export const defaultDatabaseUrl = 'sqlite:///./data/aludel.db'

/**
 * Turns a database URL into TypeORM options.
 *
 * `sqlite:///relative.db`, `sqlite:////absolute.db`, `sqlite://` (memory); `postgres://` and `postgresql://`
 * with `?sslmode=` and friends. SQLAlchemy's `postgresql+driver://` and `sqlite+driver://` are accepted, so that
 * a `DATABASE_URL` shared with a Python service works as it is.
 *
 * @param url the text of `DATABASE_URL` or `--database-url`
 * @param cwd directory that relative SQLite paths start from
 * @returns the connection's options only: no entities, no migrations
 * @throws AludelError `ALUDEL_DATABASE_URL`; the message never holds the password
 * @example
 * parseDatabaseUrl('sqlite:///./data/app.db', '/srv/app')
 * // { type: 'better-sqlite3', database: '/srv/app/data/app.db' }
 */
export function parseDatabaseUrl(url: string, cwd: string): DataSourceOptions {
  const scheme = /^([a-z][a-z0-9]*)(?:\+[a-z0-9_]+)?:/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === undefined) {
    throw new AludelError('ALUDEL_DATABASE_URL', `not a database URL: ${JSON.stringify(redactUrl(url))}`, {
      help: urlHelp,
    })
  }
  switch (scheme) {
    case 'sqlite':
      return sqliteOptions(url, cwd)
    case 'postgres':
    case 'postgresql':
      return postgresOptions(url)
    default:
      throw new AludelError('ALUDEL_DATABASE_URL', `unknown scheme "${scheme}" in the database URL`, {
        help: urlHelp,
        details: { scheme },
      })
  }
}

/** The URL, which may lack its scheme, with its password replaced by `***`; safe to print. */
export function redactUrl(url: string): string {
  return url
    .replace(/((?:[a-z][a-z0-9+.-]*:|(?<![:/]))\/\/[^\s:/?#@]*):[^\s]*@(?=[^@]*$)/i, '$1:***@')
    .replace(/([?&](?:password|sslpassword)=)[^&\s]*/gi, '$1***')
}

const urlHelp = [
  'Forms: sqlite:///relative.db, sqlite:////absolute.db, sqlite:// (memory),',
  '       postgres://user:password@host:5432/database?sslmode=require',
].join('\n')

function sqliteOptions(url: string, cwd: string): DataSourceOptions {
  const match = /^sqlite(?:\+[a-z0-9_]+)?:(?:\/\/(.*))?$/i.exec(url)
  const rest = match?.[1]
  if (rest === undefined) {
    throw new AludelError(
      'ALUDEL_DATABASE_URL',
      `a SQLite URL needs two slashes after the colon: ${JSON.stringify(url)}`,
      { help: urlHelp },
    )
  }
  const file = decode(rest.split('?')[0] ?? '', url)
  if (file === '' || file === '/' || file === '/:memory:') return { type: 'better-sqlite3', database: ':memory:' }
  if (!file.startsWith('/')) {
    throw new AludelError(
      'ALUDEL_DATABASE_URL',
      `a SQLite URL has no host, but "${redactUrl(url).split('/')[2] ?? ''}" stands where one would be`,
      {
        help: urlHelp,
      },
    )
  }
  // SQLAlchemy's convention: three slashes are relative, the fourth begins an absolute path.
  return { type: 'better-sqlite3', database: path.resolve(cwd, file.slice(1)) }
}

function postgresOptions(url: string): DataSourceOptions {
  const normalized = url.replace(/^postgres(?:ql)?(?:\+[a-z0-9_]+)?:/i, 'postgres:')
  let parsed: URL
  try {
    parsed = new URL(normalized)
  } catch (cause) {
    // The cause of Node's "Invalid URL" holds the whole text, password included: it must not travel on.
    throw new AludelError('ALUDEL_DATABASE_URL', `not a valid PostgreSQL URL: ${JSON.stringify(redactUrl(url))}`, {
      help: `${urlHelp}\nSpecial characters in user or password must be percent-encoded.`,
      details: { reason: cause instanceof Error ? cause.name : 'invalid' },
    })
  }
  const database = decode(parsed.pathname.replace(/^\//, ''), url)
  if (database === '') {
    throw new AludelError('ALUDEL_DATABASE_URL', `the URL has no database name: ${JSON.stringify(redactUrl(url))}`, {
      help: urlHelp,
    })
  }
  const query = parsed.searchParams
  const host = query.get('host') ?? parsed.hostname
  return {
    type: 'postgres',
    host: host === '' ? 'localhost' : decode(host, url),
    port: Number(query.get('port') ?? (parsed.port === '' ? 5432 : parsed.port)),
    ...(parsed.username === '' ? {} : { username: decode(parsed.username, url) }),
    ...(parsed.password === '' ? {} : { password: decode(parsed.password, url) }),
    database,
    ...sslOf(query),
    ...(query.has('application_name') ? { applicationName: query.get('application_name') ?? '' } : {}),
    ...(query.has('connect_timeout') ? { connectTimeoutMS: Number(query.get('connect_timeout')) * 1000 } : {}),
    ...(query.has('options') ? { extra: { options: query.get('options') } } : {}),
  }
}

/** libpq's meaning of `sslmode`: `require` encrypts without checking the certificate, `verify-*` checks it. */
function sslOf(query: URLSearchParams): { ssl?: boolean | { rejectUnauthorized: boolean } } {
  const mode = query.get('sslmode')
  switch (mode) {
    case null:
    case 'disable':
    case 'allow':
    case 'prefer':
      return {}
    case 'require':
    case 'no-verify':
      return { ssl: { rejectUnauthorized: false } }
    case 'verify-ca':
    case 'verify-full':
      return { ssl: true }
    default:
      throw new AludelError('ALUDEL_DATABASE_URL', `unknown sslmode "${mode}"`, {
        help: 'One of disable, allow, prefer, require, verify-ca, verify-full.',
      })
  }
}

function decode(text: string, url: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new AludelError(
      'ALUDEL_DATABASE_URL',
      `a "%" in the URL does not begin a percent-encoded character: ${JSON.stringify(redactUrl(url))}`,
      {
        help: 'Write a literal "%" as %25.',
      },
    )
  }
}
