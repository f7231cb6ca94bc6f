import { AludelError } from '../errors'
import type { Dialect } from './dialect'
import type { DialectEntry } from './entry'
import { entry as postgres } from './postgres/entry'
import { entry as sqlite } from './sqlite/entry'

/** The databases that Aludel knows. */
export type DialectName = 'sqlite' | 'postgres'

/** The dialects, in the order in which a revision file holds their statements. A new one is a folder, and its entry and name here. */
const builtIn: Readonly<Record<DialectName, DialectEntry>> = { sqlite, postgres }

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
      help: `Supported types: ${dialectEntries()
        .flatMap(({ driverTypes }) => driverTypes)
        .join(', ')}.`,
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

/** What is known of all dialects before they are loaded, in the order of {@link dialectNames}. */
export function dialectEntries(): readonly DialectEntry[] {
  return [...entries.values()]
}

/**
 * Adds a dialect that is not built in.
 *
 * @returns what removes it again
 * @example
 * const remove = registerDialect('memory', { driverTypes: ['memory'], schemes: [], urlForms: '', fromUrl, load: () => memory })
 */
export function registerDialect(name: string, entry: DialectEntry): () => void {
  entries.set(name, entry)
  return () => void entries.delete(name)
}

function findDialectName(driverType: string): DialectName | undefined {
  return dialectNames().find((name) => entries.get(name)?.driverTypes.includes(driverType))
}
