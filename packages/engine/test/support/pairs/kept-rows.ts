import type { Dialect } from '../../../src/dialect/dialect'
import type { Queryable } from '../../../src/dialect/queryable'
import { destroysOf } from '../../../src/operations'
import type { Operation } from '../../../src/operations/operation'
import {
  type Column,
  displayName,
  findTable,
  keyOf,
  type ObjectName,
  sameName,
  type Schema,
  type Table,
} from '../../../src/schema/schema'
import { meansTheSame } from '../means-the-same'
import { qualified } from './rows'

/** The rows of all tables, with values as texts that differ for any two different values. */
export type Snapshot = ReadonlyMap<string, readonly (readonly (string | null)[])[]>

type Row = Readonly<Record<string, string | null>>

export async function snapshot(dialect: Dialect, database: Queryable, schema: Schema): Promise<Snapshot> {
  const taken = new Map<string, readonly (readonly (string | null)[])[]>()
  for (const table of schema.tables) {
    taken.set(keyOf(table), await read(dialect, database, table, table.columns))
  }
  return taken
}

async function read(
  dialect: Dialect,
  database: Queryable,
  table: ObjectName,
  columns: readonly { readonly name: string }[],
): Promise<(string | null)[][]> {
  const list = columns.map((column, at) => `${spelled(dialect, column)} AS "c${String(at)}"`)
  if (list.length === 0) list.push('1 AS one')
  const rows = (await database.query(`SELECT ${list.join(', ')} FROM ${qualified(dialect, table)}`)) as Row[]
  return rows.map((row) => columns.map((_, at) => row[`c${String(at)}`] ?? null))
}

/** SQL: the value of a column as a text that differs for any two different values. */
export function spelled(dialect: Dialect, { name }: { readonly name: string }): string {
  const column = dialect.sql.quote(name)
  if (dialect.sql.locksTables) return `${column}::text`
  // `quote` truncates a text at its first NUL.
  const quoted = `CASE WHEN typeof(${column}) = 'text' AND instr(${column}, char(0)) THEN 'X''' || hex(${column}) || '''' ELSE quote(${column}) END`
  return `CASE WHEN ${column} IS NULL THEN NULL ELSE typeof(${column}) || ' ' || ${quoted} END`
}

/** A column after the operations. */
interface Fate {
  name: string
  alterations: { readonly from: Column; readonly to: Column }[]
  /** Whether an operation declares that some of its values may be lost. */
  lossy: boolean
}

/**
 * Describes rows that are missing although no operation declares them lost. It compares the rows of all tables that are not
 * dropped as sets, with the values of all columns that are not dropped. After a type change that declares no loss, the values
 * must still mean the same.
 */
export async function undeclaredLosses(
  dialect: Dialect,
  database: Queryable,
  before: { readonly schema: Schema; readonly rows: Snapshot },
  operations: readonly Operation[],
  after: Schema,
): Promise<string[]> {
  const lost: string[] = []
  for (const { table, now, columns } of fateOfTables(before.schema, operations)) {
    if (now === null) continue
    const found = findTable(after, now)
    if (found === undefined) {
      lost.push(`table ${displayName(table)} is gone`)
      continue
    }
    const kept = table.columns.flatMap((column, at) => {
      const fate = columns.get(column.name)
      return fate === undefined || fate.lossy || column.generated !== undefined ? [] : [{ column, at, fate }]
    })
    const was = (before.rows.get(keyOf(table)) ?? []).map((row) => kept.map(({ at }) => row[at] ?? null))
    const is = await read(
      dialect,
      database,
      found,
      kept.map(({ fate }) => fate),
    )
    lost.push(...missing(dialect, displayName(now), kept, was, is))
  }
  return lost
}

type Values = readonly (string | null)[]

interface Kept {
  readonly column: Column
  readonly fate: Fate
}

function missing(
  dialect: Dialect,
  table: string,
  columns: readonly Kept[],
  was: readonly Values[],
  is: readonly Values[],
): string[] {
  if (was.length !== is.length) return [`${table} had ${String(was.length)} rows and has ${String(is.length)}`]
  const left = [...is]
  const isSame = (old: Values, now: Values): boolean =>
    columns.every(({ fate }, at) => {
      const [before, after] = [old[at] ?? null, now[at] ?? null]
      return (before === null && isFilled(fate)) || isKept(dialect, before, after, fate)
    })
  return was.flatMap((row) => {
    const at = left.findIndex((now) => isSame(row, now))
    if (at >= 0) {
      left.splice(at, 1)
      return []
    }
    const names = columns.map(({ column }) => column.name).join(', ')
    return [
      `${table} had (${names}) = ${JSON.stringify(row)}; left are ${left.map((other) => JSON.stringify(other)).join(' ')}`,
    ]
  })
}

function isKept(dialect: Dialect, old: string | null, now: string | null, { alterations }: Fate): boolean {
  const [from, to] = [alterations[0]?.from.type, alterations.at(-1)?.to.type]
  if (from === undefined || to === undefined || from === to) return old === now
  if (dialect.sql.locksTables) return meansTheSame({ type: from, text: old }, { type: to, text: now })
  return untyped(old) === untyped(now)
}

/** A SQLite value without its storage class, which depends on the column: `real 1.0` equals `text '1'`, `blob X'61'` `text 'a'`. */
function untyped(value: string | null): string | null {
  if (value === null) return null
  const number = /^\w+ '?(-?[\d.]+(?:e[+-]?\d+)?)'?$/.exec(value)?.[1]
  if (number !== undefined) return `number ${String(Number(number))}`
  const bytes = /^(?:blob|text) X'(.*)'$/.exec(value)?.[1]
  return bytes === undefined ? value : untyped(`text ${quoted(Buffer.from(bytes, 'hex').toString())}`)
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Whether the column became NOT NULL, so that its default replaced NULL. */
function isFilled({ alterations }: Fate): boolean {
  return alterations.some(({ from, to }) => from.nullable && !to.nullable)
}

/** Finds each table and column of `schema` after the operations. */
export function fateOfTables(
  schema: Schema,
  operations: readonly Operation[],
): { readonly table: Table; now: ObjectName | null; readonly columns: Map<string, Fate> }[] {
  const followed = schema.tables.map((table) => ({
    table,
    now: table as ObjectName | null,
    columns: new Map(
      table.columns.map((column): [string, Fate] => [
        column.name,
        { name: column.name, alterations: [], lossy: false },
      ]),
    ),
  }))
  const lossyEnums = operations.filter((operation) => operation.op === 'alterEnum' && destroysOf(operation).length > 0)
  const renamedValues: Extract<Operation, { op: 'renameValue' }>[] = []
  for (const operation of operations) {
    if (!('table' in operation)) continue
    const entry = followed.find(({ now }) => now !== null && sameName(now, operation.table))
    if (entry === undefined) continue
    const column = (name: string): [string, Fate] | undefined =>
      [...entry.columns].find(([, fate]) => fate.name === name)
    if (operation.op === 'dropTable') entry.now = null
    else if (operation.op === 'renameTable') entry.now = operation.to
    else if (operation.op === 'dropColumn') entry.columns.delete(column(operation.column.name)?.[0] ?? '')
    else if (operation.op === 'renameColumn') {
      const fate = column(operation.from)?.[1]
      if (fate !== undefined) fate.name = operation.to
    } else if (operation.op === 'alterColumn') {
      const fate = column(operation.from.name)?.[1]
      fate?.alterations.push(operation)
      // A value that does not fit another type stops the revision, so all values must be complete afterwards.
      const { to } = operation
      // A `tsvector` no longer contains the original spelling of its text.
      if (fate !== undefined && (to.generated !== undefined || to.type === 'tsvector')) fate.lossy = true
    } else if (operation.op === 'renameValue') {
      renamedValues.push(operation)
      const fate = column(operation.column)?.[1]
      if (fate !== undefined && operation.type === undefined) fate.lossy = true
    }
  }
  for (const { table, columns } of followed) {
    for (const { name, enum: type } of table.columns) {
      const fate = columns.get(name)
      const isLossy =
        lossyEnums.some(
          (operation) => operation.op === 'alterEnum' && type !== undefined && sameName(operation.from, type),
        ) ||
        renamedValues.some(
          (operation) => operation.type !== undefined && type !== undefined && sameName(operation.type, type),
        )
      if (fate !== undefined && isLossy) fate.lossy = true
    }
  }
  return followed
}
