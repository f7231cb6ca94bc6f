import type { Dialect, Queryable } from '../../../src/dialect/dialect'
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
import { qualified } from './rows'

/** The rows of all tables, every value in a spelling that tells any two values apart. */
export type Snapshot = ReadonlyMap<string, readonly (readonly (string | null)[])[]>

/** A column and the type that its values are to be read as: `was` where it had another one before. */
interface Reading {
  readonly name: string
  readonly was?: string
  /** True where one value has become a list of one. */
  readonly isListed?: boolean
  /** True where a list of one has become that value. */
  readonly isSingle?: boolean
  /** True where it has become the bytes of its text. */
  readonly isBytes?: boolean
  /** How a number that was another kind of number is read: as text, or, for money, which is printed with its sign, not. */
  readonly number?: 'text' | 'money'
}

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
  columns: readonly Reading[],
): Promise<(string | null)[][]> {
  const list = columns.map((column, at) => `${spelled(dialect, column)} AS "c${String(at)}"`)
  if (list.length === 0) list.push('1 AS one')
  const rows = (await database.query(`SELECT ${list.join(', ')} FROM ${qualified(dialect, table)}`)) as Row[]
  return rows.map((row) => columns.map((_, at) => row[`c${String(at)}`] ?? null))
}

function spelled(
  dialect: Dialect,
  { name, was, isListed = false, isSingle = false, isBytes = false, number }: Reading,
): string {
  const column = dialect.quote(name)
  if (!dialect.locksTables) {
    // `quote` ends a text at its first NUL.
    const quoted = `CASE WHEN typeof(${column}) = 'text' AND instr(${column}, char(0)) THEN 'X''' || hex(${column}) || '''' ELSE quote(${column}) END`
    return `CASE WHEN ${column} IS NULL THEN NULL ELSE typeof(${column}) || ' ' || ${quoted} END`
  }
  if (was === undefined) return `${column}::text`
  // Back to what it was: whatever survives that was kept. What took the place of NULL need not have a counterpart there.
  const back = (value: string): string =>
    `CASE WHEN pg_input_is_valid(${value}, ${dialect.literal(was)}) THEN ${value}::${was}::text ELSE 'new ' || ${value} END`
  if (number !== undefined) return `${column}${number === 'money' ? '' : '::text'}::numeric::${was}::text`
  // An empty list has become NULL, and a value of NULL needs no list.
  if (isSingle) return `CASE WHEN ${column} IS NULL THEN NULL ELSE ARRAY[${column}::text]::${was}::text END`
  if (isBytes) return back(`convert_from(${column}, 'UTF8')`)
  if (!isListed) return back(`${column}::text`)
  return `CASE WHEN cardinality(${column}) = 1 THEN ${back(`${column}[1]::text`)} ELSE ${column}::text END`
}

/** What became of a column. */
interface Fate {
  name: string
  alterations: { readonly from: Column; readonly to: Column }[]
  /** Why some of its values may be gone. */
  lossy: boolean
}

/**
 * What is no longer there although no operation says that it goes, in words. Rows are compared as sets: those of every table
 * that is not dropped, with the values of every column that is not dropped. A column whose type changed without a word about
 * loss must still hold the same when it is turned back.
 */
export async function lostWithoutWord(
  dialect: Dialect,
  database: Queryable,
  before: { readonly schema: Schema; readonly rows: Snapshot },
  operations: readonly Operation[],
  after: Schema,
): Promise<string[]> {
  const lost: string[] = []
  for (const { table, now, columns } of follow(before.schema, operations)) {
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
    const was = (before.rows.get(keyOf(table)) ?? []).map((row) =>
      kept.map(({ at, fate }) => turnedBack(dialect, row[at] ?? null, fate, 'was')),
    )
    const readings = kept.map(({ column, fate }): Reading =>
      // An enum may be gone: its values are compared as texts.
      isRetyped(fate)
        ? {
            name: fate.name,
            was: column.enum === undefined && !isJoined(fate) ? column.type : 'text',
            isListed: isListed(fate),
            isSingle: isSingle(fate) && !isJoined(fate),
            isBytes: isBytes(fate),
            ...numberOf(fate),
          }
        : { name: fate.name },
    )
    let is: (string | null)[][]
    try {
      is = await read(dialect, database, found, readings)
    } catch (error) {
      lost.push(`values of ${displayName(now)} can not be turned back: ${dialect.errorText(error)}`)
      continue
    }
    lost.push(
      ...missing(
        displayName(now),
        kept.map(({ column, fate }) => ({ name: column.name, isFilled: isFilled(fate) })),
        was,
        is.map((row) => row.map((value, at) => turnedBack(dialect, value, kept[at]?.fate, 'is'))),
      ),
    )
  }
  return lost
}

type Values = readonly (string | null)[]

function missing(
  table: string,
  columns: readonly { readonly name: string; readonly isFilled: boolean }[],
  was: readonly Values[],
  is: readonly Values[],
): string[] {
  if (was.length !== is.length) return [`${table} had ${String(was.length)} rows and has ${String(is.length)}`]
  const left = [...is]
  const isSame = (old: Values, now: Values): boolean =>
    columns.every(({ isFilled: filled }, at) => old[at] === now[at] || (filled && old[at] === null))
  return was.flatMap((row) => {
    const at = left.findIndex((now) => isSame(row, now))
    if (at >= 0) {
      left.splice(at, 1)
      return []
    }
    const names = columns.map(({ name }) => name).join(', ')
    return [
      `${table} had (${names}) = ${JSON.stringify(row)}; left are ${left.map((other) => JSON.stringify(other)).join(' ')}`,
    ]
  })
}

/** On SQLite a value may be of another kind in a column of another type: `real 1.0` is `text '1'`, and `blob X'61'` is `text 'a'`. */
function turnedBack(dialect: Dialect, value: string | null, fate: Fate | undefined, side: 'was' | 'is'): string | null {
  if (value !== null && dialect.locksTables && fate !== undefined && isJoined(fate) && side === 'was')
    return joined(value)
  // There is no value in an empty list.
  if (value === '{}' && dialect.locksTables && fate !== undefined && isSingle(fate)) return null
  // A number that became a boolean, or the other way round: 1 is true.
  if (value !== null && dialect.locksTables && fate !== undefined && isAboutBoolean(fate)) {
    const truth = /^(?:new )?(true|false)$/.exec(value)?.[1]
    if (truth !== undefined) return truth === 'true' ? '1' : '0'
    return Number.isNaN(Number(value)) ? value : String(Number(value))
  }
  // A text that became a number is printed with as many zeros behind the point as that has: `1.00`.
  if (value !== null && dialect.locksTables && fate !== undefined && isNowNumber(fate) && /^-?\d+\.?\d*$/.test(value))
    return value.includes('.') ? value.replace(/\.?0*$/, '') : value
  if (value === null || dialect.locksTables || fate === undefined || !isRetyped(fate)) return value
  const number = /^\w+ '?(-?[\d.]+(?:e[+-]?\d+)?)'?$/.exec(value)?.[1]
  if (number !== undefined) return `number ${String(Number(number))}`
  const bytes = /^(?:blob|text) X'(.*)'$/.exec(value)?.[1]
  return bytes === undefined
    ? value
    : turnedBack(dialect, `text ${quoted(Buffer.from(bytes, 'hex').toString())}`, fate, side)
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

function isRetyped({ alterations }: Fate): boolean {
  return alterations.some(({ from, to }) => from.type !== to.type)
}

function isListed({ alterations }: Fate): boolean {
  const [first, last] = [alterations[0]?.from, alterations.at(-1)?.to]
  return first?.type.endsWith('[]') === false && last?.type.endsWith('[]') === true
}

function isSingle({ alterations }: Fate): boolean {
  const [first, last] = [alterations[0]?.from, alterations.at(-1)?.to]
  return first?.type.endsWith('[]') === true && last?.type.endsWith('[]') === false
}

/** A list that has become the text of all its items. */
function isJoined(fate: Fate): boolean {
  const last = fate.alterations.at(-1)?.to
  return isSingle(fate) && last?.enum === undefined && /^(?:text|character)/.test(last?.type ?? '')
}

/** The items of a list as PostgreSQL prints it, with commas between them. */
function joined(list: string): string {
  const items = list.slice(1, -1).match(/"(?:[^"\\]|\\.)*"|[^,]+/gs) ?? []
  return items.map((item) => (item.startsWith('"') ? item.slice(1, -1).replace(/\\(.)/gs, '$1') : item)).join(',')
}

function isBytes({ alterations }: Fate): boolean {
  return alterations[0]?.from.type !== 'bytea' && alterations.at(-1)?.to.type === 'bytea'
}

const numbers = /^(?:smallint|integer|bigint|real|double precision|numeric(?:\(.*\))?|money)$/

function isAboutBoolean({ alterations }: Fate): boolean {
  const types = [alterations[0]?.from.type ?? '', alterations.at(-1)?.to.type ?? '']
  return types.includes('boolean') && types.some((type) => numbers.test(type))
}

function isNowNumber({ alterations }: Fate): boolean {
  const [first, last] = [alterations[0]?.from.type ?? '', alterations.at(-1)?.to.type ?? '']
  return !numbers.test(first) && numbers.test(last)
}

function numberOf({ alterations }: Fate): Pick<Reading, 'number'> {
  const [first, last] = [alterations[0]?.from.type ?? '', alterations.at(-1)?.to.type ?? '']
  if (!numbers.test(first) || !numbers.test(last)) return {}
  return { number: last === 'money' ? 'money' : 'text' }
}

/** A column that is to have no NULL gets its default in their place. */
function isFilled({ alterations }: Fate): boolean {
  return alterations.some(({ from, to }) => from.nullable && !to.nullable)
}

/** Where each table and column of `schema` is after the operations. */
function follow(
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
      // What does not fit another type stops the revision, so what has got there must be whole.
      const { from: old, to } = operation
      // How a text was spelled that is money now, or a list of words, can not be told any more.
      const isRespelled = (to.type === 'money' && !numbers.test(old.type)) || to.type === 'tsvector'
      if (fate !== undefined && (to.generated !== undefined || isRespelled)) fate.lossy = true
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
