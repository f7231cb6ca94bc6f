import type { DialectEntry } from '../entry'

/**
 * Values of TypeORM's `type`: the package better-sqlite3, and (TypeORM 0.3 only) the package sqlite3. The same SQLite, built
 * with other options, behind other words for the same things:
 *
 * | | better-sqlite3 | sqlite |
 * | --- | --- | --- |
 * | for reading only | `readonly` | `flags` |
 * | waiting for others | `timeout`, 5 s when it is not given | `busyTimeout`, 1 s; 0 counts as not given |
 * | `"x"` where no column is called x | an error | the text x |
 * | an error | `code` with SQLite's extended code | the primary code only, which the message repeats |
 */
export const driverTypes = ['better-sqlite3', 'sqlite'] as const

/* eslint-disable @typescript-eslint/no-require-imports */
export const entry: DialectEntry = {
  driverTypes,
  schemes: ['sqlite'],
  urlForms: 'sqlite:///relative.db, sqlite:////absolute.db, sqlite:// (memory)',
  fromUrl: (url, cwd) => (require('./url') as typeof import('./url')).fromUrl(url, cwd),
  load: () => (require('.') as typeof import('.')).sqlite,
}
/* eslint-enable @typescript-eslint/no-require-imports */
