import type { IsDerived } from '../schema/derived'
import { sameData, stableJson } from '../schema/json'
import {
  bodyOf,
  normalizeCheck,
  normalizeExclusion,
  normalizeIndex,
  normalizeUnique,
  scopeOf,
} from '../schema/normalize'
import {
  findTable,
  type Index,
  nameOf,
  type ObjectName,
  type PrimaryKey,
  type Schema,
  type Table,
} from '../schema/schema'
import type { IsUnmanaged } from '../schema/unmanaged'
import { changesOf } from './pairing'

/** Kinds of objects that TypeORM names itself where the entity gives no name. */
export type DerivedKind = 'primaryKey' | 'unique' | 'check' | 'exclusion' | 'foreignKey' | 'index'

/** A constraint or an index that is as the entity declares it, except for a name that TypeORM derives. */
export interface NameDifference {
  readonly table: ObjectName
  readonly kind: DerivedKind
  /** Its name. Null for a constraint without one, on SQLite. */
  readonly database: string | null
  /** The name that TypeORM derives. */
  readonly entity: string
}

/**
 * The schema of the entities with the names that constraints and indexes already have, where only the name differs and no
 * entity gives it. Another version of TypeORM, or a table with another name at the time, derived another one.
 *
 * @param to the schema of the entities
 * @returns `to` with the names of `from`, and the names that differ
 */
export function keepDerivedNames(
  from: Schema,
  to: Schema,
  isDerived: IsDerived,
  isUnmanaged: IsUnmanaged = () => false,
): { readonly to: Schema; readonly names: readonly NameDifference[] } {
  if (sameData(from, to)) return { to, names: [] }
  const wanted = new Set(to.tables.flatMap((table) => itemsOf(table).map(({ name }) => scoped(table, name))))
  const names: NameDifference[] = []
  const tables = to.tables.map((table) => {
    const old = findTable(from, table)
    if (old === undefined) return table
    const found = differences(old, table).filter(
      ({ kind, database, entity }) =>
        isDerived(table, entity) &&
        // The name is free, and no unmanaged object has it.
        (database === null || (!wanted.has(scoped(table, database)) && !isUnmanaged(kind, table, database))),
    )
    names.push(...found)
    return found.length === 0 ? table : withNames(table, found)
  })
  return { to: names.length === 0 ? to : { ...to, tables }, names }
}

/** Names of indexes are unique in their schema; other names are, at least, in their table. */
function scoped({ schema }: ObjectName, name: string | undefined): string {
  return stableJson([schema, name])
}

interface Named {
  readonly name?: string
}

function itemsOf(table: Table): readonly Named[] {
  const { uniques, checks, exclusions, foreignKeys, indexes } = table
  return [keysOf(table), uniques, checks, exclusions, foreignKeys, indexes].flat()
}

function keysOf({ primaryKey }: Table): PrimaryKey[] {
  return primaryKey === undefined ? [] : [primaryKey]
}

/** The objects of a table that differ only in their name. */
function differences(from: Table, to: Table): NameDifference[] {
  if (sameData(from, to)) return []
  const scopes = { from: scopeOf(from), to: scopeOf(to) }
  const table = nameOf(to)
  const compare = <T extends Named>(
    kind: DerivedKind,
    old: readonly T[],
    wanted: readonly T[],
    body: (item: T, side: 'from' | 'to') => string,
  ): NameDifference[] => {
    const { renamed, dropped, added } = changesOf(old, wanted, body)
    // A constraint without a name (SQLite) is no rename, but it is no other constraint either.
    const unnamed = dropped.filter(({ name }) => name === undefined)
    const given = added.flatMap((item) => {
      const at = unnamed.findIndex((other) => body(other, 'from') === body(item, 'to'))
      const [match] = at < 0 ? [] : unnamed.splice(at, 1)
      return match === undefined ? [] : [{ from: match, to: item }]
    })
    return [...renamed, ...given].flatMap((pair) =>
      pair.to.name === undefined ? [] : [{ table, kind, database: pair.from.name ?? null, entity: pair.to.name }],
    )
  }
  return [
    ...compare('primaryKey', keysOf(from), keysOf(to), bodyOf),
    ...compare('unique', from.uniques, to.uniques, (item) => bodyOf(normalizeUnique(item))),
    ...compare('check', from.checks, to.checks, (item, side) => bodyOf(normalizeCheck(item, scopes[side]))),
    ...compare('exclusion', from.exclusions, to.exclusions, (item, side) =>
      bodyOf(normalizeExclusion(item, scopes[side])),
    ),
    ...compare('foreignKey', from.foreignKeys, to.foreignKeys, bodyOf),
    ...compare<Index>('index', from.indexes, to.indexes, (item, side) => bodyOf(normalizeIndex(item, scopes[side]))),
  ]
}

/** A table whose objects have the names that they already have. */
function withNames(table: Table, names: readonly NameDifference[]): Table {
  const rename = <T extends Named>(kind: DerivedKind, items: readonly T[]): T[] =>
    items.map((item) => {
      const found = names.find((one) => one.kind === kind && one.entity === item.name)
      return found === undefined ? item : { ...item, name: found.database ?? undefined }
    })
  const [primaryKey] = rename('primaryKey', keysOf(table))
  return {
    ...table,
    primaryKey,
    uniques: rename('unique', table.uniques),
    checks: rename('check', table.checks),
    exclusions: rename('exclusion', table.exclusions),
    foreignKeys: rename('foreignKey', table.foreignKeys),
    indexes: rename('index', table.indexes),
  }
}
