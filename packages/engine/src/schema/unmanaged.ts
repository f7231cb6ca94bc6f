import {
  type Column,
  displayName,
  findTable,
  type ObjectName,
  sameName,
  type Schema,
  type Table,
  type View,
} from './schema'
import { indexUses, readsAny } from './dependents'

export type UnmanagedKind =
  | 'table'
  | 'column'
  | 'primaryKey'
  | 'unique'
  | 'check'
  | 'exclusion'
  | 'foreignKey'
  | 'index'
  | 'enum'
  | 'sequence'
  | 'view'
  | 'schema'

/**
 * True for what is left alone: neither made, nor changed, nor dropped.
 *
 * @param table the table (or view) it belongs to; undefined for what stands by itself
 * @param name its own name; that of a table, enum, sequence or view as people write it (`schema.name`)
 */
export type IsUnmanaged = (kind: UnmanagedKind, table: ObjectName | undefined, name: string) => boolean

/**
 * `to` with everything that is unmanaged as it is in `from`. A constraint or an index of a column that goes can not be
 * left as it is: it goes with the column.
 */
export function keepUnmanaged(from: Schema, to: Schema, isUnmanaged: IsUnmanaged): Schema {
  const keep = <T extends ObjectName>(kind: UnmanagedKind, old: readonly T[], wanted: readonly T[]): T[] =>
    merge(old, wanted, sameName, (item) => isUnmanaged(kind, undefined, displayName(item)))
  const tables = keep('table', from.tables, to.tables).map((table) => {
    const old = findTable(from, table)
    if (old === undefined || isUnmanaged('table', undefined, displayName(table))) return table
    return keepInTable(old, table, (kind, name) => isUnmanaged(kind, table, name))
  })
  return {
    ...to,
    tables,
    enums: keep('enum', from.enums, to.enums),
    sequences: keep('sequence', from.sequences, to.sequences),
    views: keep('view', from.views, to.views).map((view) => keepInView(from, view, isUnmanaged)),
    schemas: merge(
      from.schemas,
      to.schemas,
      (a, b) => a === b,
      (name) => isUnmanaged('schema', undefined, name),
    ),
  }
}

function keepInTable(from: Table, to: Table, isUnmanaged: (kind: UnmanagedKind, name: string) => boolean): Table {
  const byName = (a: { readonly name?: string }, b: { readonly name?: string }): boolean => a.name === b.name
  const columns: Column[] = merge(from.columns, to.columns, byName, (column) => isUnmanaged('column', column.name))
  const gone = new Set(
    from.columns.flatMap((column) => (columns.some((other) => other.name === column.name) ? [] : [column.name])),
  )
  const keep = <T extends { readonly name?: string }>(
    kind: UnmanagedKind,
    old: readonly T[],
    wanted: readonly T[],
    needsGone: (item: T) => boolean,
  ): T[] =>
    merge(
      old,
      wanted,
      byName,
      (item) => item.name !== undefined && isUnmanaged(kind, item.name) && !(old.includes(item) && needsGone(item)),
    )
  const keyed = (item: { readonly columns: readonly string[] }): boolean => item.columns.some((name) => gone.has(name))
  const { primaryKey: _primaryKey, ...rest } = to
  const [primaryKey] = keep('primaryKey', listOf(from.primaryKey), listOf(to.primaryKey), keyed)
  return {
    ...rest,
    columns,
    ...(primaryKey === undefined ? {} : { primaryKey }),
    uniques: keep('unique', from.uniques, to.uniques, keyed),
    checks: keep('check', from.checks, to.checks, (item) => readsAny(from, item.expression, gone)),
    exclusions: keep('exclusion', from.exclusions, to.exclusions, (item) => readsAny(from, item.definition, gone)),
    foreignKeys: keep('foreignKey', from.foreignKeys, to.foreignKeys, keyed),
    indexes: keep('index', from.indexes, to.indexes, (item) => indexUses(from, item, gone)),
  }
}

function keepInView(from: Schema, view: View, isUnmanaged: IsUnmanaged): View {
  const old = from.views.find((other) => sameName(other, view))
  if (old === undefined) return view
  const indexes = merge(
    old.indexes,
    view.indexes,
    (a, b) => a.name === b.name,
    (index) => isUnmanaged('index', view, index.name),
  )
  return { ...view, indexes }
}

/** What is managed of `wanted`, and what is not of `old`. */
function merge<T>(
  old: readonly T[],
  wanted: readonly T[],
  same: (a: T, b: T) => boolean,
  isUnmanaged: (item: T) => boolean,
): T[] {
  const kept = old.filter(isUnmanaged)
  return [...wanted.filter((item) => !isUnmanaged(item) && !kept.some((other) => same(other, item))), ...kept]
}

function listOf<T>(item: T | undefined): T[] {
  return item === undefined ? [] : [item]
}
