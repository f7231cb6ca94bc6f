import { canonicalExpression, type Scope } from './expressions'
import {
  type Check,
  type Column,
  type Exclusion,
  type ForeignKey,
  type Index,
  keyOf,
  type PrimaryKey,
  type Schema,
  type Sequence,
  type SqliteKey,
  type Table,
  type Trigger,
  type Unique,
  type View,
} from './schema'
import { stableJson } from './json'
import { canonicalTrigger } from './trigger-text'

/**
 * The schema with everything left out that is no difference: the order of columns and lists, the names of sequences
 * behind serial and identity columns, what views depend on (their text says it), what SQLite does on a conflict, and spellings of expressions that mean the same.
 */
export function normalizeSchema(schema: Schema): Schema {
  return {
    tables: sorted(schema.tables.map(normalizeTable), keyOf),
    enums: sorted(schema.enums, keyOf),
    sequences: sorted(standaloneSequences(schema), keyOf),
    views: sorted(schema.views.map(normalizeView), keyOf),
    schemas: [...schema.schemas].sort(),
    extensions: [...schema.extensions].sort(),
    functions: sorted(schema.functions ?? [], keyOf).map((routine) => ({ ...routine, dependsOn: [] })),
    domains: sorted(schema.domains ?? [], keyOf),
  }
}

/** True when no operation is needed to come from one to the other. */
export function schemasEqual(a: Schema, b: Schema): boolean {
  return stableJson(normalizeSchema(a)) === stableJson(normalizeSchema(b))
}

/** Sequences that are objects of their own: not those behind serial columns. */
export function standaloneSequences(schema: Schema): readonly Sequence[] {
  const owned = new Set(
    schema.tables.flatMap((table) => table.columns.flatMap((column) => (column.serial ? [keyOf(column.serial)] : []))),
  )
  return schema.sequences.filter((sequence) => !owned.has(keyOf(sequence)))
}

/** What expressions of this table may name. */
export function scopeOf(table: Table): Scope {
  return { table: table.name, columns: table.columns.map((column) => column.name) }
}

export function normalizeTable(table: Table): Table {
  const scope = scopeOf(table)
  return {
    ...(table.schema === undefined ? {} : { schema: table.schema }),
    name: table.name,
    columns: sorted(
      table.columns.map((column) => normalizeColumn(column, scope)),
      (column) => column.name,
    ),
    ...(table.primaryKey === undefined ? {} : { primaryKey: withoutSqliteKey(table.primaryKey) }),
    uniques: sorted(table.uniques.map(normalizeUnique), stableJson),
    checks: sorted(
      table.checks.map((check) => normalizeCheck(check, scope)),
      stableJson,
    ),
    exclusions: sorted(
      table.exclusions.map((exclusion) => normalizeExclusion(exclusion, scope)),
      stableJson,
    ),
    foreignKeys: sorted(table.foreignKeys, stableJson),
    indexes: sorted(
      table.indexes.map((index) => normalizeIndex(index, scope)),
      (index) => index.name,
    ),
    triggers: normalizeTriggers(table.triggers),
    policies: sorted(table.policies ?? [], (policy) => policy.name),
    partitions: sorted(table.partitions ?? [], keyOf),
    ...(table.partitionBy === undefined ? {} : { partitionBy: table.partitionBy }),
    ...(table.rowSecurity === true ? { rowSecurity: true } : {}),
    ...(table.forceRowSecurity === true ? { forceRowSecurity: true } : {}),
    ...(table.comment === undefined ? {} : { comment: table.comment }),
    ...(table.strict === true ? { strict: true } : {}),
    ...(table.withoutRowid === true ? { withoutRowid: true } : {}),
  }
}

/** A serial column's default is its sequence, whatever that is called. */
export function normalizeColumn(column: Column, scope: Scope): Column {
  const {
    default: value,
    serial,
    identitySequence: _identitySequence,
    autoincrement,
    generated,
    onConflict: _onConflict,
    ...rest
  } = column
  return {
    ...rest,
    ...(serial === undefined ? (value === undefined ? {} : { default: value }) : { serial: { name: 'serial' } }),
    ...(autoincrement === true ? { autoincrement } : {}),
    ...(generated === undefined
      ? {}
      : { generated: { kind: generated.kind, expression: canonicalExpression(generated.expression, scope) } }),
  }
}

export function normalizeUnique({ nullsNotDistinct, ...rest }: Unique): Unique {
  return { ...withoutSqliteKey(rest), ...(nullsNotDistinct === true ? { nullsNotDistinct } : {}) }
}

/** What entities cannot say about a key is no difference; it is kept. */
function withoutSqliteKey<K extends SqliteKey>({
  onConflict: _onConflict,
  collations: _collations,
  ...rest
}: K): Omit<K, keyof SqliteKey> {
  return rest
}

export function normalizeCheck(check: Check, scope: Scope): Check {
  return { ...check, expression: canonicalExpression(check.expression, scope) }
}

export function normalizeExclusion(exclusion: Exclusion, scope: Scope): Exclusion {
  return { ...exclusion, definition: canonicalExpression(exclusion.definition, scope) }
}

/** @param scope absent for the index of a view, whose columns are not known */
export function normalizeIndex(index: Index, scope?: Scope): Index {
  const { include, nullsNotDistinct, where, keys, storage = [], concurrent: _concurrent, ...rest } = index
  const text = (sql: string): string => (scope === undefined ? sql : canonicalExpression(sql, scope))
  return {
    ...rest,
    keys: keys.map((key) => (key.expression === undefined ? key : { ...key, expression: text(key.expression) })),
    ...(include === undefined || include.length === 0 ? {} : { include }),
    ...(where === undefined ? {} : { where: text(where) }),
    ...(nullsNotDistinct === true ? { nullsNotDistinct } : {}),
    ...(storage.length === 0 ? {} : { storage }),
  }
}

export function normalizeView({ triggers = [], ...view }: View): View {
  return {
    ...view,
    ...(triggers.length === 0 ? {} : { triggers: normalizeTriggers(triggers) }),
    dependsOn: [],
    indexes: sorted(
      view.indexes.map((index) => normalizeIndex(index)),
      (index) => index.name,
    ),
  }
}

function normalizeTriggers(triggers: readonly Trigger[]): Trigger[] {
  return sorted(triggers, (trigger) => trigger.name).map(({ name, sql }) => ({ name, sql: canonicalTrigger(sql) }))
}

/** What a constraint or an index does, without its name: equal texts are the same thing under two names. */
export function bodyOf(object: PrimaryKey | Unique | Check | Exclusion | ForeignKey | Index): string {
  return stableJson({ ...object, name: undefined, onConflict: undefined, collations: undefined })
}

function sorted<T>(items: readonly T[], key: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, key: key(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item)
}
