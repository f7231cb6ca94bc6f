import path from 'node:path'

import type { DataSourceOptions } from 'typeorm'

import { AludelError } from '../../errors'
import { decodePart, redactUrl, urlHelp } from '../url-text'

/** The file that a URL names. See `parseDatabaseUrl`. */
export function fromUrl(url: string, cwd: string): DataSourceOptions {
  const match = /^sqlite(?:\+[a-z0-9_]+)?:(?:\/\/(.*))?$/i.exec(url)
  const rest = match?.[1]
  if (rest === undefined) {
    throw new AludelError(
      'ALUDEL_DATABASE_URL',
      `a SQLite URL needs two slashes after the colon: ${JSON.stringify(url)}`,
      { help: urlHelp() },
    )
  }
  const file = decodePart(rest.split('?')[0] ?? '', url)
  if (file === '' || file === '/' || file === '/:memory:') return { type: 'better-sqlite3', database: ':memory:' }
  if (!file.startsWith('/')) {
    throw new AludelError(
      'ALUDEL_DATABASE_URL',
      `a SQLite URL has no host, but "${redactUrl(url).split('/')[2] ?? ''}" is in its place`,
      { help: urlHelp() },
    )
  }
  // SQLAlchemy's convention: three slashes are relative, the fourth begins an absolute path.
  return { type: 'better-sqlite3', database: path.resolve(cwd, file.slice(1)) }
}
