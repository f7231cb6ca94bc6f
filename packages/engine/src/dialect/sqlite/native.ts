import { columnsIn, readsColumn } from '../../schema/expressions'
import { stableJson } from '../../schema/json'
import { scopeOf } from '../../schema/normalize'
import type { Check, Column, ForeignKey, Index, Table } from '../../schema/schema'
import { quote } from './quote'
import { columnSql, createIndexSql, isConstantDefault } from './table-sql'

/** A table as it is and as it shall be, both under the same name. */
export interface Alteration {
  readonly before: Table
  readonly after: Table
  /** By column of `after`: the column of `before` that its values come from. A column that is missing here is new. */
  readonly sources: ReadonlyMap<string, string>
}

/**
 * The statements of an alteration that SQLite can do itself, without copying the table; null when it cannot.
 * See https://sqlite.org/lang_altertable.html for what it can.
 */
export function nativeSql(alteration: Alteration): string[] | null {
  const { before, after, sources } = alteration
  const added = after.columns.filter((column) => !sources.has(column.name))
  const kept = new Set(sources.values())
  const dropped = before.columns.filter((column) => !kept.has(column.name))
  if (!keepsColumns(alteration) || kept.size === 0 || optionsOf(before) !== optionsOf(after)) return null

  const checks = difference(before.checks, after.checks)
  const foreignKeys = difference(before.foreignKeys, after.foreignKeys)
  if (checks.gone.length > 0 || foreignKeys.gone.length > 0) return null
  const inline = attach(after, added, checks.come, foreignKeys.come)
  if (inline === null || !added.every((column) => isAddable(column, inline.get(column.name)?.foreignKeys ?? [])))
    return null

  const indexes = difference(before.indexes, after.indexes)
  const remaining: Table = { ...before, indexes: before.indexes.filter((index) => !indexes.gone.includes(index)) }
  if (!dropped.every((column) => isDroppable(column, remaining, dropped))) return null

  const table = quote(after.name)
  return [
    ...indexes.gone.map((index) => `DROP INDEX ${quote(index.name)}`),
    ...inDropOrder(dropped).map((column) => `ALTER TABLE ${table} DROP COLUMN ${quote(column.name)}`),
    ...added.map((column) => `ALTER TABLE ${table} ADD COLUMN ${columnSql(column, inline.get(column.name))}`),
    ...indexes.come.map((index) => createIndexSql(after.name, index)),
  ]
}

/** Whether the columns that stay are the same and in the same order, and so are the keys over them. */
function keepsColumns({ before, after, sources }: Alteration): boolean {
  const pairs = [...sources].map(([name, source]) => ({
    to: after.columns.find((column) => column.name === name),
    from: before.columns.find((column) => column.name === source),
  }))
  return pairs.every(({ from, to }) => stableJson(withoutComment(from)) === stableJson(withoutComment(to)))
}

function withoutComment(column: Column | undefined): unknown {
  return { ...column, comment: undefined }
}

/** Everything about a table that SQLite can only change by making it anew. Texts that compare equal when it is the same. */
function optionsOf({ primaryKey, uniques, strict, withoutRowid }: Table): string {
  return stableJson([primaryKey, uniques.map(stableJson).sort(), strict === true, withoutRowid === true])
}

interface Difference<T> {
  readonly gone: readonly T[]
  readonly come: readonly T[]
}

function difference<T>(before: readonly T[], after: readonly T[]): Difference<T> {
  const [old, wanted] = [new Set(before.map(stableJson)), new Set(after.map(stableJson))]
  return {
    gone: before.filter((item) => !wanted.has(stableJson(item))),
    come: after.filter((item) => !old.has(stableJson(item))),
  }
}

interface Attached {
  readonly checks: Check[]
  readonly foreignKeys: ForeignKey[]
}

/** Constraints that come with the one new column they are about; null when one of them is about something else. */
function attach(
  after: Table,
  added: readonly Column[],
  checks: readonly Check[],
  foreignKeys: readonly ForeignKey[],
): ReadonlyMap<string, Attached> | null {
  const attached = new Map(added.map((column): [string, Attached] => [column.name, { checks: [], foreignKeys: [] }]))
  for (const check of checks) {
    const [only, ...others] = columnsIn(check.expression, scopeOf(after))
    const column = only === undefined || others.length > 0 ? undefined : attached.get(only)
    if (column === undefined) return null
    column.checks.push(check)
  }
  for (const key of foreignKeys) {
    const [only, ...others] = key.columns
    const column = only === undefined || others.length > 0 ? undefined : attached.get(only)
    if (column === undefined) return null
    column.foreignKeys.push(key)
  }
  return attached
}

function isAddable(column: Column, foreignKeys: readonly ForeignKey[]): boolean {
  if (column.autoincrement === true) return false
  if (column.generated !== undefined) return column.generated.kind === 'virtual' && foreignKeys.length === 0
  if (column.default === undefined) return column.nullable
  // With foreign keys on, SQLite takes a reference only together with a default of NULL.
  return isConstantDefault(column.default) && foreignKeys.length === 0
}

/** @param dropped all columns that go, among them the generated ones that may read this one */
function isDroppable(column: Column, table: Table, dropped: readonly Column[]): boolean {
  const scope = scopeOf(table)
  const reads = (sql: string | undefined): boolean => sql !== undefined && readsColumn(sql, column.name, scope)
  const usesIndex = ({ keys, where }: Index): boolean =>
    reads(where) || keys.some((key) => key.column === column.name || reads(key.expression))
  return !(
    table.primaryKey?.columns.includes(column.name) === true ||
    [...table.uniques, ...table.foreignKeys].some((item) => item.columns.includes(column.name)) ||
    table.checks.some((check) => reads(check.expression)) ||
    table.indexes.some(usesIndex) ||
    table.columns.some((other) => !dropped.includes(other) && reads(other.generated?.expression))
  )
}

/** What is computed from other columns goes before them. */
function inDropOrder(columns: readonly Column[]): Column[] {
  return [...columns].reverse().sort((a, b) => Number(b.generated !== undefined) - Number(a.generated !== undefined))
}
