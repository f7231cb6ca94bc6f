import type { DialectEntry } from '../entry'

/**
 * Values of TypeORM's `type`: the package better-sqlite3, and (TypeORM 0.3 only) the package sqlite3. Both contain SQLite,
 * with different build options and different names:
 *
 * | | better-sqlite3 | sqlite |
 * | --- | --- | --- |
 * | read-only | `readonly` | `flags` |
 * | waiting for others | `timeout`, default 5 s | `busyTimeout`, default 1 s; 0 is ignored |
 * | `"x"` without a column x | an error | the text x |
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
