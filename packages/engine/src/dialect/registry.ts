import { AludelError } from '../errors'
import type { Dialect } from './dialect'

/** What is known of a dialect before it is loaded. */
export interface DialectEntry {
  /** As in `connection.driverTypes` of the dialect: a DataSource tells by them which dialect to load. */
  readonly driverTypes: readonly string[]
  /** Of the database URLs that it takes, without what follows a `+`. */
  readonly schemes: readonly string[]
  /** Called when the dialect is first needed, and each time after that. */
  readonly load: () => Dialect
}

/**
 * The dialects, in the order in which a revision file holds their statements. A new one is a folder and a line here.
 *
 * Each is loaded when it is first needed: a command on SQLite never reads PostgreSQL's code. `require` and not `import()`,
 * which in a CommonJS package would go through the slower module loader and give the same.
 */
/* eslint-disable @typescript-eslint/no-require-imports */
// prettier-ignore
const builtIn = {
  sqlite: { driverTypes: ['better-sqlite3', 'sqlite'], schemes: ['sqlite'], load: () => (require('./sqlite') as typeof import('./sqlite')).sqlite },
  postgres: { driverTypes: ['postgres'], schemes: ['postgres', 'postgresql'], load: () => (require('./postgres') as typeof import('./postgres')).postgres },
} satisfies Readonly<Record<string, DialectEntry>>
/* eslint-enable @typescript-eslint/no-require-imports */

/** The databases that Aludel knows. */
export type DialectName = keyof typeof builtIn

const entries = new Map<string, DialectEntry>(Object.entries(builtIn))

/** Names of all dialects, in the order in which a revision file holds them. */
export function dialectNames(): readonly DialectName[] {
  return [...entries.keys()] as DialectName[]
}

/**
 * The dialect of that name.
 *
 * @throws AludelError `ALUDEL_DIALECT` for a name that no dialect has
 */
export function loadDialect(name: DialectName): Dialect {
  const entry = entries.get(name)
  if (entry === undefined) {
    throw new AludelError('ALUDEL_DIALECT', `there is no dialect "${name}"`, {
      help: `Dialects: ${dialectNames().join(', ')}.`,
      details: { dialect: name },
    })
  }
  return entry.load()
}

/**
 * The dialect that serves a DataSource.
 *
 * @param driverType TypeORM's `type` option
 * @throws AludelError `ALUDEL_DIALECT` for a database that Aludel does not know
 */
export function dialectNameOf(driverType: string): DialectName {
  const name = findDialectName(driverType)
  if (name === undefined) {
    throw new AludelError('ALUDEL_DIALECT', `a DataSource of type "${driverType}" is not supported`, {
      help: `Supported types: ${[...entries.values()].flatMap(({ driverTypes }) => driverTypes).join(', ')}.`,
      details: { type: driverType },
    })
  }
  return name
}

/** The dialect that serves a DataSource; undefined for a database that Aludel does not know. */
export function findDialect(driverType: string): Dialect | undefined {
  const name = findDialectName(driverType)
  return name === undefined ? undefined : loadDialect(name)
}

/** The dialect that serves both, if one does. Neither need be known. */
export function sharedDialect(one: { readonly type: string }, other: { readonly type: string }): Dialect | undefined {
  return findDialectName(one.type) === findDialectName(other.type) ? findDialect(one.type) : undefined
}

/** The dialect that takes database URLs of this scheme, in lower case; undefined: none does. */
export function dialectOfScheme(scheme: string): Dialect | undefined {
  return [...entries.values()].find(({ schemes }) => schemes.includes(scheme))?.load()
}

/**
 * Adds a dialect that is not built in.
 *
 * @returns what removes it again
 * @example
 * const remove = registerDialect('memory', { driverTypes: ['memory'], schemes: [], load: () => memory })
 */
export function registerDialect(name: string, entry: DialectEntry): () => void {
  entries.set(name, entry)
  return () => void entries.delete(name)
}

function findDialectName(driverType: string): DialectName | undefined {
  return dialectNames().find((name) => entries.get(name)?.driverTypes.includes(driverType))
}
