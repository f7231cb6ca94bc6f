import path from 'node:path'

import type { DataSourceOptions } from 'typeorm'

import { decodePart, urlError } from '../url-text'

/**
 * Parameters without a meaning here, with the value that they may have. `check_same_thread` is about threads of Python:
 * https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#threading-pooling-behavior
 */
const harmless: Readonly<Record<string, RegExp>> = {
  check_same_thread: /^(?:true|false|0|1)$/i,
}

/** The file that a URL names. See `parseDatabaseUrl`. */
export function fromUrl(url: string, cwd: string): DataSourceOptions {
  const match = /^sqlite(?:\+[a-z0-9_]+)?:(?:\/\/([^?]*)(?:\?(.*))?)?$/is.exec(url)
  const rest = match?.[1]
  if (rest === undefined) throw urlError('a SQLite URL needs two slashes after the colon')
  refuseParameters(new URLSearchParams(match?.[2]))
  const file = decodePart(rest)
  if (file === '' || file === '/' || file === '/:memory:') return { type: 'better-sqlite3', database: ':memory:' }
  if (!file.startsWith('/')) {
    throw urlError('a SQLite URL has no host: something is between its second and third slash')
  }
  // SQLAlchemy's convention: three slashes are relative, the fourth begins an absolute path.
  return { type: 'better-sqlite3', database: path.resolve(cwd, file.slice(1)) }
}

function refuseParameters(parameters: URLSearchParams): void {
  for (const [name, value] of parameters) {
    if (harmless[name]?.test(value) === true) continue
    throw urlError('a SQLite URL has no parameters, but a "?" follows the file', {
      help: [
        'Write the URL without them. A file that only may be read: `readonly: true` in the DataSource.',
        'A "?" in the name of the file is %3F.',
      ].join('\n'),
    })
  }
}
