import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import type { Operation } from '../operations/operation'
import { LineageOfNames } from '../difference/lineage-of-names'
import { displayName, keyOf, nameOf, type ObjectName, type Schema, type Table } from '../schema/schema'
import { quoteName } from './quote'

/** Rows of one table, each column as text (so that a widened type compares equal), in no particular order. */
export interface TableRows {
  readonly table: ObjectName
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** Reads every row of the given tables. Only used on shadow databases, where there are a few sample rows. */
export async function readRows(
  dialect: Dialect,
  database: Queryable,
  tables: readonly Table[],
): Promise<Map<string, TableRows>> {
  const result = new Map<string, TableRows>()
  for (const table of tables) {
    const columns = table.columns.map((column) => column.name)
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

/** Where each table and column of a schema is found after some operations; absent when it is gone. */
export interface Fate {
  tableAfter(table: ObjectName): ObjectName | null
  columnAfter(table: ObjectName, column: string): ColumnFate | null
}

export interface ColumnFate {
  readonly name: string
  /** `filled`: NULLs get values; `altered`: all values may print differently; `computed`: they are made of others. */
  readonly values: 'kept' | 'filled' | 'altered' | 'computed'
  /** By old value of an enum, the new one. */
  readonly steps: ReadonlyMap<string, string>
}

/** Follows tables and columns through renames, drops and alterations. */
export function fateOf(operations: readonly Operation[], before: Schema): Fate {
  const names = new LineageOfNames(before)
  for (const operation of operations) names.follow(operation)
  const tables = new Map<string, { now: ObjectName | null; columns: Map<string, ColumnFate | null> }>()
  for (const table of before.tables) {
    tables.set(keyOf(table), {
      now: nameOf(table),
      columns: new Map(
        table.columns.map((column) => [
          column.name,
          {
            name: column.name,
            values: column.generated === undefined ? 'kept' : 'computed',
            steps: names.valueSteps(table, column),
          },
        ]),
      ),
    })
  }
  const find = (name: ObjectName) =>
    [...tables.values()].find((entry) => entry.now !== null && keyOf(entry.now) === keyOf(name))
  for (const operation of operations) {
    if (!('table' in operation)) continue
    const entry = find(operation.table)
    if (entry === undefined) continue
    const column = (name: string) => [...entry.columns].find(([, now]) => now?.name === name)?.[0]
    switch (operation.op) {
      case 'dropTable':
        entry.now = null
        break
      case 'renameTable':
        entry.now = operation.to
        break
      case 'dropColumn': {
        const key = column(operation.column.name)
        if (key !== undefined) entry.columns.set(key, null)
        break
      }
      case 'renameColumn': {
        const key = column(operation.from)
        const now = key === undefined ? undefined : entry.columns.get(key)
        if (key !== undefined && now) entry.columns.set(key, { ...now, name: operation.to })
        break
      }
      case 'alterColumn': {
        const key = column(operation.from.name)
        const now = key === undefined ? undefined : entry.columns.get(key)
        if (key === undefined || !now) break
        const { from, to, values } = operation
        if (to.generated !== undefined) entry.columns.set(key, { ...now, values: 'computed' })
        else if (from.type !== to.type || values?.using !== undefined)
          entry.columns.set(key, { ...now, values: 'altered' })
        else if (from.nullable && !to.nullable && now.values === 'kept')
          entry.columns.set(key, { ...now, values: 'filled' })
        break
      }
      default:
        break
    }
  }
  return {
    tableAfter: (table) => tables.get(keyOf(table))?.now ?? null,
    columnAfter: (table, name) => tables.get(keyOf(table))?.columns.get(name) ?? null,
  }
}

/**
 * What was lost between two readings, in words; empty when every row and every value that no operation
 * declares lost is still there. A column whose type changed may print its values differently: there only
 * the number of non-null values is compared.
 */
export function lostRows(before: Map<string, TableRows>, after: Map<string, TableRows>, fate: Fate): string[] {
  const lost: string[] = []
  for (const old of before.values()) {
    const name = fate.tableAfter(old.table)
    if (name === null) continue
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
    if (place === null) return
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
      // A list that becomes a value has none where it is empty.
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

/** The value after it got another name; also inside the text of an array, as PostgreSQL prints it. */
function stepped(value: string | null | undefined, steps: ReadonlyMap<string, string>): string | null | undefined {
  if (typeof value !== 'string' || steps.size === 0) return value
  const whole = steps.get(value)
  if (whole !== undefined || !value.startsWith('{')) return whole ?? value
  const elements = value.slice(1, -1).split(',')
  return `{${elements.map((element) => steps.get(element) ?? element).join(',')}}`
}

/** Takes one such value out of the list; false when there is none. */
function take(list: (string | null | undefined)[], value: string | null | undefined): boolean {
  const at = list.indexOf(value)
  if (at >= 0) list.splice(at, 1)
  return at >= 0
}
