import { canonicalDefault } from './defaults'
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
  type Table,
  type Unique,
} from './schema'
import { stableJson } from './json'

/** The sequences that do not belong to a serial column. */
export function standaloneSequences(schema: Schema): readonly Sequence[] {
  const owned = new Set(
    schema.tables.flatMap((table) => table.columns.flatMap((column) => (column.serial ? [keyOf(column.serial)] : []))),
  )
  return schema.sequences.filter((sequence) => !owned.has(keyOf(sequence)))
}

/** The names that expressions of this table may contain. */
export function scopeOf(table: Table): Scope {
  return { table: table.name, columns: table.columns.map((column) => column.name) }
}

/** The column without what comparisons ignore. The default of a serial column is its sequence, whose name is ignored. */
export function normalizeColumn(column: Column, scope: Scope): Column {
  const { serial, generated } = column
  return {
    ...column,
    default: serial === undefined ? canonicalDefault(column) : undefined,
    serial: serial && { name: 'serial' },
    identitySequence: undefined,
    autoincrement: column.autoincrement === true,
    onConflict: undefined,
    generated: generated && { ...generated, expression: canonicalExpression(generated.expression, scope) },
  }
}

export function normalizeUnique(unique: Unique): Unique {
  return { ...unique, nullsNotDistinct: unique.nullsNotDistinct === true }
}

export function normalizeCheck(check: Check, scope: Scope): Check {
  return { ...check, expression: canonicalExpression(check.expression, scope) }
}

export function normalizeExclusion(exclusion: Exclusion, scope: Scope): Exclusion {
  return { ...exclusion, definition: canonicalExpression(exclusion.definition, scope) }
}

/** @param scope absent for the index of a view, whose columns are not known */
export function normalizeIndex(index: Index, scope?: Scope): Index {
  const text = (sql: string): string => (scope === undefined ? sql : canonicalExpression(sql, scope))
  return {
    ...index,
    keys: index.keys.map((key) => ({ ...key, expression: key.expression && text(key.expression) })),
    include: index.include ?? [],
    where: index.where && text(index.where),
    nullsNotDistinct: index.nullsNotDistinct === true,
    concurrent: undefined,
    storage: index.storage ?? [],
  }
}

/**
 * A text for a constraint or an index without its name: equal texts mean equal definitions. Entities cannot declare
 * conflict clauses and collations of SQLite keys, so these are no difference.
 */
export function bodyOf(object: PrimaryKey | Unique | Check | Exclusion | ForeignKey | Index): string {
  return stableJson({ ...object, name: undefined, onConflict: undefined, collations: undefined })
}
