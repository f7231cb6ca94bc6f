import {
  type Column,
  displayName,
  findTable,
  type ForeignKey,
  type ObjectName,
  type Policy,
  sameName,
  type Schema,
  type Table,
  type Trigger,
  type View,
} from './schema'
import { mentionsColumn } from './trigger-text'
import { indexUses, readsAny } from './dependents'
import { sameData } from './json'
import { bodyOf } from './normalize'

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
  | 'extension'
  | 'trigger'
  | 'policy'
  | 'partition'
  | 'function'
  | 'domain'

/**
 * True for an unmanaged object: it is never created, changed or dropped.
 *
 * @param table the table or view that the object belongs to, if any
 * @param name its name; for an object with a schema of its own, the display name (`schema.name`)
 */
export type IsUnmanaged = (kind: UnmanagedKind, table: ObjectName | undefined, name: string) => boolean

/**
 * `to` with the unmanaged objects of `from`, and with the schemas and enum types that these need. An unmanaged constraint,
 * index, policy or trigger cannot be kept if it needs a column that is dropped.
 */
export function keepUnmanaged(from: Schema, to: Schema, isUnmanaged: IsUnmanaged): Schema {
  const keep = <T extends ObjectName>(kind: UnmanagedKind, old: readonly T[], wanted: readonly T[]): T[] =>
    merge(old, wanted, sameName, (item) => isUnmanaged(kind, undefined, displayName(item)))
  const byText = (a: string, b: string): boolean => a === b
  const tables = keep('table', from.tables, to.tables).map((table) => {
    const old = findTable(from, table)
    if (old === undefined || isUnmanaged('table', undefined, displayName(table))) return table
    return keepInTable(old, table, (kind, name) => isUnmanaged(kind, table, name))
  })
  const functions = keep('function', from.functions ?? [], to.functions ?? [])
  const domains = keep('domain', from.domains ?? [], to.domains ?? [])
  const kept: Schema = {
    ...to,
    tables,
    enums: keep('enum', from.enums, to.enums),
    sequences: keep('sequence', from.sequences, to.sequences),
    views: keep('view', from.views, to.views).map((view) => keepInView(from, view, isUnmanaged)),
    schemas: merge(from.schemas, to.schemas, byText, (name) => isUnmanaged('schema', undefined, name)),
    extensions: merge(from.extensions, to.extensions, byText, (name) => isUnmanaged('extension', undefined, name)),
    functions,
    domains,
  }
  return withWhatTheyNeed(from, kept)
}

/** Adds the schemas of kept objects and the enum types of kept columns. */
function withWhatTheyNeed(from: Schema, kept: Schema): Schema {
  const types = kept.tables.flatMap((table) => table.columns.flatMap((column) => column.enum ?? []))
  const isMissing = (type: ObjectName): boolean =>
    types.some((name) => sameName(name, type)) && !kept.enums.some((other) => sameName(other, type))
  const enums = [...kept.enums, ...from.enums.filter(isMissing)]
  const objects = [kept.tables, kept.views, enums, kept.sequences, kept.functions ?? [], kept.domains ?? []].flat()
  const held = new Set(objects.map(({ schema }) => schema))
  const schemas = from.schemas.filter((name) => held.has(name) && !kept.schemas.includes(name))
  return { ...kept, enums, schemas: [...kept.schemas, ...schemas] }
}

function keepInTable(from: Table, to: Table, isUnmanaged: (kind: UnmanagedKind, name: string) => boolean): Table {
  if (sameData(from, to)) return to
  const byName = (a: { readonly name?: string }, b: { readonly name?: string }): boolean => a.name === b.name
  const columns = keepColumns(from, to, isUnmanaged)
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
  const [primaryKey] = keep('primaryKey', listOf(from.primaryKey), listOf(to.primaryKey), keyed)
  return {
    ...to,
    columns,
    primaryKey,
    uniques: keep('unique', from.uniques, to.uniques, keyed),
    checks: keep('check', from.checks, to.checks, (item) => readsAny(from, item.expression, gone)),
    exclusions: keep('exclusion', from.exclusions, to.exclusions, (item) => readsAny(from, item.definition, gone)),
    foreignKeys: keep('foreignKey', from.foreignKeys, withoutTwins(from, to, isUnmanaged), keyed),
    indexes: keep('index', from.indexes, to.indexes, (item) => indexUses(from, item, gone)),
    triggers: keep('trigger', from.triggers, to.triggers, (item) => triggerNeeds(item, gone)),
    policies: orAbsent(keep('policy', from.policies ?? [], to.policies ?? [], (item) => policyNeeds(from, item, gone))),
    partitions: orAbsent(
      merge(from.partitions ?? [], to.partitions ?? [], sameName, (item) =>
        isUnmanaged('partition', displayName(item)),
      ),
    ),
  }
}

/** The wanted foreign keys, without new ones that equal an unmanaged key except for the name: that one serves. */
function withoutTwins(
  from: Table,
  to: Table,
  isUnmanaged: (kind: UnmanagedKind, name: string) => boolean,
): readonly ForeignKey[] {
  const kept = from.foreignKeys.filter(({ name }) => name !== undefined && isUnmanaged('foreignKey', name))
  if (kept.length === 0) return to.foreignKeys
  const bodies = new Set(kept.map(bodyOf))
  const isNew = (key: ForeignKey): boolean => !from.foreignKeys.some(({ name }) => name === key.name)
  return to.foreignKeys.filter((key) => !isNew(key) || !bodies.has(bodyOf(key)))
}

/** The columns of a table; an unmanaged generated column cannot be kept if it reads a column that is dropped. */
function keepColumns(from: Table, to: Table, isUnmanaged: (kind: UnmanagedKind, name: string) => boolean): Column[] {
  const wanted = new Set(to.columns.map(({ name }) => name))
  const gone = new Set(
    from.columns.flatMap(({ name }) => (wanted.has(name) || isUnmanaged('column', name) ? [] : [name])),
  )
  const isKept = (column: Column): boolean =>
    isUnmanaged('column', column.name) &&
    (wanted.has(column.name) || !readsAny(from, column.generated?.expression, gone))
  return merge(from.columns, to.columns, (a, b) => a.name === b.name, isKept)
}

/** True if the head of the trigger names one of the columns. */
export function triggerNeeds({ sql }: Trigger, columns: ReadonlySet<string>): boolean {
  return [...columns].some((column) => mentionsColumn(sql, column))
}

export function policyNeeds(table: Table, { using, check }: Policy, columns: ReadonlySet<string>): boolean {
  return readsAny(table, using, columns) || readsAny(table, check, columns)
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
  const triggers = merge(
    old.triggers ?? [],
    view.triggers ?? [],
    (a, b) => a.name === b.name,
    (trigger) => isUnmanaged('trigger', view, trigger.name),
  )
  return { ...view, indexes, triggers: triggers.length === 0 ? undefined : triggers }
}

/** The managed items of `wanted`, and the unmanaged items of `old`. */
function merge<T>(
  old: readonly T[],
  wanted: readonly T[],
  same: (a: T, b: T) => boolean,
  isUnmanaged: (item: T) => boolean,
): T[] {
  const kept = old.filter(isUnmanaged)
  return [...wanted.filter((item) => !isUnmanaged(item) && !kept.some((other) => same(other, item))), ...kept]
}

/** As introspection returns it, so that equal tables are equal data. */
function orAbsent<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items
}

function listOf<T>(item: T | undefined): T[] {
  return item === undefined ? [] : [item]
}
