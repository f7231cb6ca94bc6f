import type { ObservedObject } from '../dialect/roles/observer'
import type { IsDerived } from '../schema/derived'
import { displayName } from '../schema/schema'
import type { IsUnmanaged } from '../schema/unmanaged'

/** What one database has and another has not, as statements. */
export interface ObservedDifferences {
  readonly extra: readonly ObservedObject[]
  readonly missing: readonly ObservedObject[]
}

/**
 * Compares the schema of a database with the one that it should have, statement by statement.
 *
 * @param isIgnored true for objects that other tools manage
 */
export function compareObserved(
  actual: readonly ObservedObject[],
  wanted: readonly ObservedObject[],
  isIgnored: IsUnmanaged = () => false,
): ObservedDifferences {
  const { extra, missing } = differencesBy(actual, wanted, ({ text }) => text)
  return {
    // An extension may stay: other users of the database may need it, and TypeORM installs some when it connects.
    extra: extra.filter((object) => object.kind !== 'extension' && !isOf(object, isIgnored)),
    missing: missing.filter((object) => !isOf(object, isIgnored)),
  }
}

interface EntityOptions {
  /** True for unmanaged and ignored objects, and for those that entities describe with `synchronize: false`. */
  readonly isUnmanaged: IsUnmanaged
  /** True for names that no entity gives. */
  readonly isDerived: IsDerived
  /** True for a column whose default is the moment at which it was created. */
  readonly isMomentary: (object: ObservedObject) => boolean
}

/**
 * Compares the schema of the revisions with that of the entities, without what `check` accepts:
 *
 * - objects and clauses that entities cannot declare (functions, privileges, storage parameters …): only revisions can create them, and
 *   schema sync never does
 * - unmanaged objects, which equal any definition of them
 * - extensions, which are needed only by objects that are compared anyway
 * - derived names: a constraint or an index whose name no entity gives keeps the one that it has
 * - defaults that are the moment of their creation
 *
 * The order of columns and the names of the sequences of columns are no part of an observed object.
 */
export function compareWithEntities(
  migrated: readonly ObservedObject[],
  entities: readonly ObservedObject[],
  { isUnmanaged, isDerived, isMomentary }: EntityOptions,
): ObservedDifferences {
  const compared = (objects: readonly ObservedObject[]): readonly ObservedObject[] =>
    objects.filter((object) => object.declared !== null && !isOf(object, isUnmanaged) && !isMomentary(object))
  const { extra, missing } = differencesBy(compared(migrated), compared(entities), ({ declared }) => declared ?? '')
  const others = [...extra]
  const left = missing.filter(({ table, name, nameless }) => {
    if (table === undefined || nameless === undefined || !isDerived(table, name)) return true
    const at = others.findIndex((other) => other.nameless === nameless)
    if (at >= 0) others.splice(at, 1)
    return at < 0
  })
  return { extra: others, missing: left }
}

/** The differences in words; empty if there are none. */
export function observedWords({ extra, missing }: ObservedDifferences): readonly string[] {
  return [...missing.map(({ text }) => `missing: ${short(text)}`), ...extra.map(({ text }) => `extra: ${short(text)}`)]
}

/** The objects that only one side has; equal ones are counted. */
function differencesBy(
  actual: readonly ObservedObject[],
  wanted: readonly ObservedObject[],
  textOf: (object: ObservedObject) => string,
): ObservedDifferences {
  const rest = new Map<string, ObservedObject[]>()
  for (const object of wanted) rest.set(textOf(object), [...(rest.get(textOf(object)) ?? []), object])
  const extra = actual.filter((object) => rest.get(textOf(object))?.pop() === undefined)
  return { extra, missing: [...rest.values()].flat() }
}

/** Whether a pattern names an object, or the table or view that it belongs to. */
function isOf({ kind, table, name }: ObservedObject, matches: IsUnmanaged): boolean {
  if (table !== undefined) {
    const owner = displayName(table)
    if (matches('table', undefined, owner) || matches('view', undefined, owner)) return true
    return kind !== undefined && kind !== 'table' && matches(kind, table, name)
  }
  return kind !== undefined && matches(kind, undefined, name)
}

/** Longest part of a statement in a message, in characters. */
const longest = 160

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length <= longest ? line : `${line.slice(0, longest)}…`
}
