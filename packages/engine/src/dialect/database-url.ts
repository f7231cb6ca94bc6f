import type { DataSourceOptions } from 'typeorm'

import { AludelError } from '../errors'
import { dialectEntries } from './registry'
import { redactUrl, urlHelp } from './url-text'

/** The database used when none is configured. */
export const defaultDatabaseUrl = 'sqlite:///./data/aludel.db'

/**
 * Turns a database URL into TypeORM options.
 *
 * `sqlite:///relative.db`, `sqlite:////absolute.db`, `sqlite://` (memory); `postgres://` and `postgresql://`
 * with `?sslmode=` and friends. SQLAlchemy's `postgresql+driver://` and `sqlite+driver://` are accepted, so that
 * a `DATABASE_URL` shared with a Python service works unchanged.
 *
 * @param url the text of `DATABASE_URL` or `--database-url`
 * @param cwd directory that relative SQLite paths start from
 * @returns the connection's options only: no entities, no migrations
 * @throws AludelError `ALUDEL_DATABASE_URL`; the message never contains the password
 * @example
 * parseDatabaseUrl('sqlite:///./data/app.db', '/srv/app')
 * // { type: 'better-sqlite3', database: '/srv/app/data/app.db' }
 */
export function parseDatabaseUrl(url: string, cwd: string): DataSourceOptions {
  const scheme = /^([a-z][a-z0-9]*)(?:\+[a-z0-9_]+)?:/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === undefined) {
    throw new AludelError('ALUDEL_DATABASE_URL', `not a database URL: ${JSON.stringify(redactUrl(url))}`, {
      help: urlHelp(),
    })
  }
  const entry = dialectEntries().find(({ schemes }) => schemes.includes(scheme))
  if (entry === undefined) {
    throw new AludelError('ALUDEL_DATABASE_URL', `unknown scheme "${scheme}" in the database URL`, {
      help: urlHelp(),
      details: { scheme },
    })
  }
  return entry.fromUrl(url, cwd)
}
