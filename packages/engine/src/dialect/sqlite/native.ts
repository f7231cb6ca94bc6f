import { columnsIn, readsColumn } from '../../schema/expressions'
import { stableJson } from '../../schema/json'
import { scopeOf } from '../../schema/normalize'
import type { Check, Column, ForeignKey, Index, Table } from '../../schema/schema'
import { isConstantDefault } from '../../sql/sqlite/defaults'
import { tokenize } from '../../sql/sqlite/tokens'
import { lay } from '../layout'
import { type Inline, inlineKey, withoutColumn } from './inline'
import { changesValues } from './column-values'
import type { ValueChanges } from './lineage'
import { quote } from './quote'
import { columnSql, createIndexSql } from './table-sql'

/** A table before and after, both under the same name. */
export interface Alteration {
  readonly before: Table
  readonly after: Table
  /** By column of `after`: the column of `before` that its values come from. A column that is absent here is new. */
  readonly sources: ReadonlyMap<string, string>
  /** By column of `after`: how its values change. See `column-values.ts`. */
  readonly values?: (column: string) => ValueChanges
}

interface NativeAlteration {
  readonly sql: readonly string[]
  /** The constraints written after columns afterwards. */
  readonly inline: Inline
}

/**
 * The statements of an alteration that SQLite can do without copying the table; null if it cannot. See
 * https://sqlite.org/lang_altertable.html for what it can do.
 */
export function nativeAlteration(alteration: Alteration): NativeAlteration | null {
  const { before, after, sources } = alteration
  const added = after.columns.filter((column) => !sources.has(column.name))
  const kept = new Set(sources.values())
  const dropped = before.columns.filter((column) => !kept.has(column.name))
  if (after.columns.some(({ name }) => changesValues(alteration, name))) return null
  if (!keepsColumns(alteration) || kept.size === 0 || optionsOf(before) !== optionsOf(after)) return null

  const indexes = difference(before.indexes, after.indexes)
  const drops = dropInOrder(
    { ...before, indexes: before.indexes.filter((index) => !indexes.removed.includes(index)) },
    dropped,
  )
  if (drops === null) return null
  // Other constraints than those of dropped columns cannot be dropped.
  const checks = difference(drops.rest.checks, after.checks)
  const foreignKeys = difference(drops.rest.foreignKeys, after.foreignKeys)
  if (checks.removed.length > 0 || foreignKeys.removed.length > 0) return null
  const attached = attach(after, added, checks.added, foreignKeys.added)
  if (attached === null || !added.every((column) => isAddable(column, attached.get(column.name)?.foreignKeys ?? [])))
    return null

  const table = quote(after.name)
  return {
    sql: [
      ...indexes.removed.map((index) => `DROP INDEX ${quote(index.name)}`),
      ...drops.order.map((column) => `ALTER TABLE ${table} DROP COLUMN ${quote(column.name)}`),
      ...added.map((column) =>
        lay([`ALTER TABLE ${table}`, `ADD COLUMN ${columnSql(column, attached.get(column.name))}`], '  '),
      ),
      ...indexes.added.map((index) => createIndexSql(after.name, index)),
    ],
    inline: {
      ...drops.rest.inline,
      ...Object.fromEntries(
        [...attached].map(([column, items]) => [column, [...items.checks, ...items.foreignKeys].map(inlineKey)]),
      ),
    },
  }
}

/** Whether the definitions of the kept columns do not change. */
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

/** The properties of a table, besides columns, that only a rebuild can change; as a text for comparison. */
function optionsOf({ primaryKey, uniques, strict, withoutRowid }: Table): string {
  return stableJson([primaryKey, uniques.map(stableJson).sort(), strict === true, withoutRowid === true])
}

interface Difference<T> {
  readonly removed: readonly T[]
  readonly added: readonly T[]
}

function difference<T>(before: readonly T[], after: readonly T[]): Difference<T> {
  const [old, wanted] = [new Set(before.map(stableJson)), new Set(after.map(stableJson))]
  return {
    removed: before.filter((item) => !wanted.has(stableJson(item))),
    added: after.filter((item) => !old.has(stableJson(item))),
  }
}

interface Attached {
  readonly checks: Check[]
  readonly foreignKeys: ForeignKey[]
}

/**
 * The new constraints by the new column after which they are written: checks after the last one that they read, foreign keys
 * after their only one. Null if one of them names only existing columns.
 */
function attach(
  after: Table,
  added: readonly Column[],
  checks: readonly Check[],
  foreignKeys: readonly ForeignKey[],
): ReadonlyMap<string, Attached> | null {
  const attached = new Map(added.map((column): [string, Attached] => [column.name, { checks: [], foreignKeys: [] }]))
  for (const check of checks) {
    const read = columnsIn(check.expression, scopeOf(after))
    const last = added.findLast((column) => read.includes(column.name))
    if (last === undefined) return null
    attached.get(last.name)?.checks.push(check)
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
  // With foreign keys on, SQLite allows a reference only with a default of NULL.
  return isConstantDefault(tokenize(column.default)) && foreignKeys.length === 0
}

/**
 * The columns in an order in which each can be dropped: one that reads another before that one; null if there is no such
 * order. `rest`: the table without them and the constraints that are dropped with them.
 */
function dropInOrder(
  table: Table,
  dropped: readonly Column[],
): { readonly order: readonly Column[]; readonly rest: Table } | null {
  const order: Column[] = []
  let rest = table
  let waiting = [...dropped].reverse()
  while (waiting.length > 0) {
    const next = waiting.find((column) => isDroppable(column, rest))
    if (next === undefined) return null
    order.push(next)
    rest = withoutColumn(rest, next.name)
    waiting = waiting.filter((column) => column !== next)
  }
  return { order, rest }
}

/** Whether nothing that is kept names the column. The constraints written after it are dropped with it. */
function isDroppable(column: Column, table: Table): boolean {
  const rest = withoutColumn(table, column.name)
  const scope = scopeOf(table)
  const reads = (sql: string | undefined): boolean => sql !== undefined && readsColumn(sql, column.name, scope)
  const usesIndex = ({ keys, where }: Index): boolean =>
    reads(where) || keys.some((key) => key.column === column.name || reads(key.expression))
  return !(
    table.primaryKey?.columns.includes(column.name) === true ||
    [...rest.uniques, ...rest.foreignKeys].some((item) => item.columns.includes(column.name)) ||
    rest.checks.some((check) => reads(check.expression)) ||
    rest.indexes.some(usesIndex) ||
    rest.columns.some((other) => reads(other.generated?.expression))
  )
}
