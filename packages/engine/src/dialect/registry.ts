import { AludelError } from '../errors'
import type { Dialect, DialectName } from './dialect'

/**
 * Loaded when first asked for: a command on SQLite never reads PostgreSQL's code. `require` and not `import()`, which
 * in a CommonJS package would go through the slower module loader and give the same.
 */
/* eslint-disable @typescript-eslint/no-require-imports */
const loaders: Readonly<Record<DialectName, () => Dialect>> = {
  postgres: () => (require('./postgres') as typeof import('./postgres')).postgres,
  sqlite: () => (require('./sqlite') as typeof import('./sqlite')).sqlite,
}
/* eslint-enable @typescript-eslint/no-require-imports */

const byDriverType: Readonly<Record<string, DialectName>> = {
  postgres: 'postgres',
  sqlite: 'sqlite',
  'better-sqlite3': 'sqlite',
}

/** Names of all dialects, in the order in which a revision file holds them. */
export const dialectNames: readonly DialectName[] = ['sqlite', 'postgres']

/** The dialect of that name. */
export function loadDialect(name: DialectName): Dialect {
  return loaders[name]()
}

/**
 * The dialect that serves a DataSource.
 *
 * @param driverType TypeORM's `type` option
 * @throws AludelError `ALUDEL_DIALECT` for a database that Aludel does not know
 */
export function dialectNameOf(driverType: string): DialectName {
  const name = byDriverType[driverType]
  if (name === undefined) {
    throw new AludelError('ALUDEL_DIALECT', `a DataSource of type "${driverType}" is not supported`, {
      help: `Supported types: ${Object.keys(byDriverType).join(', ')}.`,
      details: { type: driverType },
    })
  }
  return name
}

/** The dialect that serves both, if one does. Neither need be known. */
export function sharedDialect(one: { readonly type: string }, other: { readonly type: string }): Dialect | undefined {
  const name = byDriverType[one.type]
  return name !== undefined && name === byDriverType[other.type] ? loadDialect(name) : undefined
}
