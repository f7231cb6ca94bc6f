import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import type { Operation } from '../operations/operation'
import { LineageOfNames } from '../difference/lineage-of-names'
import {
  columnKey,
  displayName,
  findTable,
  keyOf,
  nameOf,
  type ObjectName,
  type Schema,
  type Table,
} from '../schema/schema'
import { quoteName } from '../dialect/quote-name'

/** The rows of one table in no particular order. Values are text, so that those of a widened type stay equal. */
export interface TableRows {
  readonly table: ObjectName
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** Reads all rows of the given tables. Only for shadow databases, which have a few sample rows. */
export async function readRows(
  dialect: Dialect,
  database: Queryable,
  tables: readonly Table[],
): Promise<Map<string, TableRows>> {
  const result = new Map<string, TableRows>()
  const filled = await tablesWithRows(dialect, database, tables)
  for (const table of tables) {
    const columns = table.columns.map((column) => column.name)
    if (!filled.has(table)) {
      result.set(keyOf(table), { table: nameOf(table), columns, rows: [] })
      continue
    }
    const list = columns.map(
      (column, index) => `CAST(${dialect.sql.quote(column)} AS text) AS ${dialect.sql.quote(`c${String(index)}`)}`,
    )
    const found = (await database.query(`SELECT ${list.join(', ')} FROM ${quoteName(dialect, table)}`)) as Record<
      string,
      string | null
    >[]
    result.set(keyOf(table), {
      table: nameOf(table),
      columns,
      rows: found.map((row) => columns.map((_, index) => row[`c${String(index)}`] ?? null)),
    })
  }
  return result
}

/** SQLite takes 500 at most: https://www.sqlite.org/limits.html */
const questionsAtOnce = 200

/** The tables that have rows: a proof has them in a few of maybe hundreds, and asking for all of them at once is one query. */
export async function tablesWithRows(
  dialect: Dialect,
  database: Queryable,
  tables: readonly Table[],
): Promise<ReadonlySet<Table>> {
  const filled = new Set<Table>()
  for (let start = 0; start < tables.length; start += questionsAtOnce) {
    const some = tables.slice(start, start + questionsAtOnce)
    const questions = some.map(
      (table, index) => `SELECT ${String(index)} AS n WHERE EXISTS (SELECT 1 FROM ${quoteName(dialect, table)})`,
    )
    const found = (await database.query(questions.join(' UNION ALL '))) as { readonly n: number }[]
    for (const { n } of found) {
      const table = some[n]
      if (table !== undefined) filled.add(table)
    }
  }
  return filled
}

/** Where each table and column of a schema is after the operations. */
export interface Fate {
  /** Undefined for a dropped table. */
  tableAfter(table: ObjectName): ObjectName | undefined
  /** Undefined for a dropped column. */
  columnAfter(table: ObjectName, column: string): ColumnFate | undefined
}

interface ColumnFate {
  readonly name: string
  /** `filled`: NULLs get values; `altered`: all values may print differently; `computed`: values of other columns. */
  readonly values: 'kept' | 'filled' | 'altered' | 'computed'
  /** For renamed and mapped values of an enum: the new value by the old one. */
  readonly steps: ReadonlyMap<string, string>
}

/** Follows tables and columns through renames, drops and alterations. */
export function fateOf(operations: readonly Operation[], before: Schema): Fate {
  const names = new LineageOfNames(before)
  const fates = new Map(
    before.tables.flatMap((table) =>
      table.columns.map((column): [string, ColumnFate['values']] => [
        columnKey(table, column.name),
        column.generated === undefined ? 'kept' : 'computed',
      ]),
    ),
  )
  for (const operation of operations) {
    if (operation.op === 'alterColumn') {
      const { table, from, to, values } = operation
      const original = names.originalColumn(table, from.name)
      if (original !== undefined) {
        const key = columnKey(original.table, original.column)
        if (to.generated !== undefined) fates.set(key, 'computed')
        else if (from.type !== to.type || values?.using !== undefined) fates.set(key, 'altered')
        else if (from.nullable && !to.nullable && fates.get(key) === 'kept') fates.set(key, 'filled')
      }
    }
    names.follow(operation)
  }
  return {
    tableAfter: (table) => names.tableNow(table),
    columnAfter(owner, name) {
      const now = names.columnNow(owner, name)
      const values = fates.get(columnKey(owner, name))
      const table = findTable(before, owner)
      const column = table?.columns.find((candidate) => candidate.name === name)
      if (now === undefined || values === undefined || table === undefined || column === undefined) return undefined
      return { name: now, values, steps: names.valueSteps(table, column) }
    },
  }
}

/**
 * The rows and values that were lost although no operation declares them lost, in words; empty if there are none. If the
 * type of a column changed, its values may print differently, so only the number of values that are not NULL is compared.
 */
export function lostRows(before: Map<string, TableRows>, after: Map<string, TableRows>, fate: Fate): string[] {
  const lost: string[] = []
  for (const old of before.values()) {
    const name = fate.tableAfter(old.table)
    if (name === undefined) continue
    const now = after.get(keyOf(name))
    if (now === undefined) {
      lost.push(`table ${displayName(old.table)} is gone`)
      continue
    }
    if (now.rows.length !== old.rows.length) {
      lost.push(`${displayName(old.table)} had ${String(old.rows.length)} rows and has ${String(now.rows.length)}`)
      continue
    }
    lost.push(...lostValues(old, now, fate))
  }
  return lost
}

function lostValues(old: TableRows, now: TableRows, fate: Fate): string[] {
  const lost: string[] = []
  const exact: [number, number, ReadonlyMap<string, string>][] = []
  old.columns.forEach((column, index) => {
    const place = fate.columnAfter(old.table, column)
    if (place === undefined) return
    const target = now.columns.indexOf(place.name)
    if (target < 0) {
      lost.push(`column ${displayName(old.table)}.${column} is gone`)
    } else if (place.values === 'kept') {
      exact.push([index, target, place.steps])
    } else if (place.values === 'filled') {
      const rest = now.rows.map((row) => row[target])
      const missing = old.rows.filter((row) => row[index] !== null && !take(rest, stepped(row[index], place.steps)))
      if (missing.length > 0) lost.push(`values of ${displayName(old.table)}.${column} changed`)
    } else if (place.values === 'altered') {
      // An empty array that becomes a single value is NULL.
      const filled = (rows: TableRows['rows'], at: number) =>
        rows.filter((row) => row[at] !== null && row[at] !== '{}').length
      if (filled(old.rows, index) > filled(now.rows, target))
        lost.push(`values of ${displayName(old.table)}.${column} became NULL`)
    }
  })
  const was = old.rows.map((row) => JSON.stringify(exact.map(([at, , steps]) => stepped(row[at], steps)))).sort()
  const is = now.rows.map((row) => JSON.stringify(exact.map(([, at]) => row[at]))).sort()
  if (was.some((row, index) => row !== is[index])) lost.push(`values of ${displayName(old.table)} changed`)
  return lost
}

/** The value after it was renamed, also inside an array as PostgreSQL prints it. */
function stepped(value: string | null | undefined, steps: ReadonlyMap<string, string>): string | null | undefined {
  if (typeof value !== 'string' || steps.size === 0) return value
  const whole = steps.get(value)
  if (whole !== undefined || !value.startsWith('{')) return whole ?? value
  const elements = value.slice(1, -1).split(',')
  return `{${elements.map((element) => steps.get(element) ?? element).join(',')}}`
}

/** Removes the value from the list once; false if the list does not contain it. */
function take(list: (string | null | undefined)[], value: string | null | undefined): boolean {
  const at = list.indexOf(value)
  if (at >= 0) list.splice(at, 1)
  return at >= 0
}
