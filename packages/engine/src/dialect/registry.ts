import { AludelError } from '../errors'
import type { Dialect } from './dialect'
import type { DialectEntry } from './entry'
import { entry as postgres } from './postgres/entry'
import { entry as sqlite } from './sqlite/entry'

/** The supported databases. */
export type DialectName = 'sqlite' | 'postgres'

/** The dialects, in the order in which a revision file holds their statements. A new dialect is a folder plus its entry and name here. */
const builtIn: Readonly<Record<DialectName, DialectEntry>> = { sqlite, postgres }

const entries = new Map<string, DialectEntry>(Object.entries(builtIn))

/** Names of all dialects, in the order in which a revision file holds them. */
export function dialectNames(): readonly DialectName[] {
  return [...entries.keys()] as DialectName[]
}

/**
 * The dialect with this name, loaded.
 *
 * @throws AludelError `ALUDEL_DIALECT` for an unknown name
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
 * The name of the dialect that serves a DataSource.
 *
 * @param driverType TypeORM's `type` option
 * @throws AludelError `ALUDEL_DIALECT` for an unsupported database
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

/** The dialect that serves a DataSource; undefined for an unsupported database. */
export function findDialect(driverType: string): Dialect | undefined {
  const name = findDialectName(driverType)
  return name === undefined ? undefined : loadDialect(name)
}

/** The dialect that serves both DataSources; undefined when they differ or are not supported. */
export function sharedDialect(one: { readonly type: string }, other: { readonly type: string }): Dialect | undefined {
  return findDialectName(one.type) === findDialectName(other.type) ? findDialect(one.type) : undefined
}

/** The entries of all dialects, in the order of {@link dialectNames}. */
export function dialectEntries(): readonly DialectEntry[] {
  return [...entries.values()]
}

/**
 * Adds a dialect that is not built in.
 *
 * @returns a function that removes it again
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
