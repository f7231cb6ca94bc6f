import { stableJson } from '../../src/schema/json'
import {
  normalizeCheck,
  normalizeColumn,
  normalizeExclusion,
  normalizeIndex,
  normalizeUnique,
  scopeOf,
  standaloneSequences,
} from '../../src/schema/normalize'
import { keyOf, type Schema, type SqliteKey, type Table, type Trigger, type View } from '../../src/schema/schema'
import { canonicalTrigger } from '../../src/schema/trigger-text'

/**
 * The schema without everything that comparisons ignore: the order of columns and lists, the names of the sequences of
 * serial and identity columns, the dependencies of views (their text contains them), conflict clauses of SQLite, and
 * different spellings of the same expression.
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

/** True if no operation is needed to turn one schema into the other. */
export function schemasEqual(a: Schema, b: Schema): boolean {
  return stableJson(normalizeSchema(a)) === stableJson(normalizeSchema(b))
}

function normalizeTable(table: Table): Table {
  const scope = scopeOf(table)
  return {
    schema: table.schema,
    name: table.name,
    columns: sorted(
      table.columns.map((column) => normalizeColumn(column, scope)),
      (column) => column.name,
    ),
    primaryKey: table.primaryKey && withoutSqliteKey(table.primaryKey),
    uniques: sorted(
      table.uniques.map((unique) => withoutSqliteKey(normalizeUnique(unique))),
      stableJson,
    ),
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
    partitionBy: table.partitionBy,
    rowSecurity: table.rowSecurity === true,
    forceRowSecurity: table.forceRowSecurity === true,
    comment: table.comment,
    strict: table.strict === true,
    withoutRowid: table.withoutRowid === true,
  }
}

function withoutSqliteKey<K extends SqliteKey>(key: K): K {
  return { ...key, onConflict: undefined, collations: undefined }
}

function normalizeView({ triggers = [], ...view }: View): View {
  return {
    ...view,
    triggers: normalizeTriggers(triggers),
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

function sorted<T>(items: readonly T[], key: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, key: key(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item)
}
