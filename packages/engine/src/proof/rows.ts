import type { Dialect, Queryable } from '../dialect/dialect'
import type { Operation } from '../operations/operation'
import { displayName, keyOf, type ObjectName, type Schema, type Table } from '../schema/schema'
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
      (column, index) => `CAST(${dialect.quote(column)} AS text) AS ${dialect.quote(`c${String(index)}`)}`,
    )
    const found = (await database.query(`SELECT ${list.join(', ')} FROM ${quoteName(dialect, table)}`)) as Record<
      string,
      string | null
    >[]
    result.set(keyOf(table), {
      table: { ...(table.schema === undefined ? {} : { schema: table.schema }), name: table.name },
      columns,
      rows: found.map((row) => columns.map((_, index) => row[`c${String(index)}`] ?? null)),
    })
  }
  return result
}

/** Where each table and column of a schema is found after some operations; absent when it is gone. */
export interface Fate {
  tableAfter(table: ObjectName): ObjectName | null
  columnAfter(table: ObjectName, column: string): { readonly name: string; readonly altered: boolean } | null
}

/** Follows tables and columns through renames, drops and alterations. */
export function fateOf(operations: readonly Operation[], before: Schema): Fate {
  const tables = new Map<
    string,
    { now: ObjectName | null; columns: Map<string, { name: string; altered: boolean } | null> }
  >()
  for (const table of before.tables) {
    tables.set(keyOf(table), {
      now: { ...(table.schema === undefined ? {} : { schema: table.schema }), name: table.name },
      columns: new Map(
        table.columns.map((column) => [column.name, { name: column.name, altered: column.generated !== undefined }]),
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
        if (key !== undefined && now && operation.from.type !== operation.to.type)
          entry.columns.set(key, { ...now, altered: true })
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
  const exact: [number, number][] = []
  old.columns.forEach((column, index) => {
    const place = fate.columnAfter(old.table, column)
    if (place === null) return
    const target = now.columns.indexOf(place.name)
    if (target < 0) {
      lost.push(`column ${displayName(old.table)}.${column} is gone`)
    } else if (!place.altered) {
      exact.push([index, target])
    } else {
      const filled = (rows: TableRows['rows'], at: number) => rows.filter((row) => row[at] !== null).length
      if (filled(old.rows, index) > filled(now.rows, target))
        lost.push(`values of ${displayName(old.table)}.${column} became NULL`)
    }
  })
  const project = (rows: TableRows['rows'], side: 0 | 1) =>
    rows.map((row) => JSON.stringify(exact.map((pair) => row[pair[side]]))).sort()
  const [was, is] = [project(old.rows, 0), project(now.rows, 1)]
  if (was.some((row, index) => row !== is[index])) lost.push(`values of ${displayName(old.table)} changed`)
  return lost
}
