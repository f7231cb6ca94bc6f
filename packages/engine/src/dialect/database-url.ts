import type { DataSourceOptions } from 'typeorm'

import type { Environment } from './entry'
import { dialectEntries } from './registry'
import { urlError } from './url-text'

/** The database used when none is configured. */
export const defaultDatabaseUrl = 'sqlite:///./data/aludel.db'

/**
 * Turns a database URL into TypeORM options.
 *
 * `sqlite:///relative.db`, `sqlite:////absolute.db`, `sqlite://` (memory); `postgres://` and `postgresql://` with the parameters of
 * libpq such as `?sslmode=`. SQLAlchemy's `postgresql+driver://` and `sqlite+driver://` are accepted, so that a `DATABASE_URL` shared
 * with a Python service works unchanged.
 *
 * @param url the text of `DATABASE_URL` or `--database-url`
 * @param cwd directory that relative SQLite paths and paths of certificates start from
 * @param env variables that replace missing parts of a PostgreSQL URL: `PGHOST`, `PGPASSWORD` …
 * @returns the connection's options only: no entities, no migrations
 * @throws AludelError `ALUDEL_DATABASE_URL`; it contains nothing of a malformed URL but its scheme
 * @example
 * parseDatabaseUrl('sqlite:///./data/app.db', '/srv/app', {})
 * // { type: 'better-sqlite3', database: '/srv/app/data/app.db' }
 */
export function parseDatabaseUrl(url: string, cwd: string, env: Environment): DataSourceOptions {
  // A file or a secret that contains the URL often ends with a line break.
  const text = url.trim()
  const scheme = /^([a-z][a-z0-9]*)(?:\+[a-z0-9_]+)?:/i.exec(text)?.[1]?.toLowerCase()
  const entry = scheme === undefined ? undefined : dialectEntries().find(({ schemes }) => schemes.includes(scheme))
  if (entry !== undefined) return entry.fromUrl(text, cwd, env)
  for (const { notUrl } of dialectEntries()) {
    const refusal = notUrl?.(text)
    if (refusal !== undefined) throw refusal
  }
  // In "user:password@host", which has no scheme, the word before the colon may be anything.
  if (scheme === undefined || !/^[^:]*:\/\//.test(text)) throw urlError('the database URL has no scheme')
  throw urlError(`unknown scheme "${scheme}" in the database URL`, { details: { scheme } })
}
