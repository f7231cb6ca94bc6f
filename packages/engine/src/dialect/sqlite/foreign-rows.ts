// cspell:ignore julianday
import { createHash } from 'node:crypto'

import { parseType } from '../../operations/columns/type-change'
import type { Column, ObjectName } from '../../schema/schema'
import { fold } from '../../sql/sqlite/tokens'
import type { Queryable } from '../queryable'
import type { ConversionRole, Misread, Witness, WitnessRequest } from '../roles/conversion'
import { affinityOf } from './keep/catalog'
import { quote, quoteText } from './quote'

/** A date with a time of day and a fraction; what follows the dot begins at {@link fractionAt}. */
const withFraction = '____-__-_____:__:__._%'
const fractionAt = 21
/** The length of such a date with three digits and without a zone. */
const written = 23
/** Where the time of day begins. */
const timeAt = 12

/** JSON as text: `simple-json` of both TypeORMs, `json` and `jsonb` of TypeORM 1. */
const jsonTypes: ReadonlySet<string> = new Set(['simple-json', 'json', 'jsonb'])

const truths = `('true', 't', 'yes', 'y', 'on')`
const falsehoods = `('false', 'f', 'no', 'n', 'off')`

/** SQLite stores what it is given, so another program's dates and truth values are in the form of that program. */
export function misread(column: Column, entityType: string | undefined): Misread | null {
  const name = quote(column.name)
  const { base } = parseType(column.type)
  if (base === 'datetime') return misreadDates(name)
  if (base === 'boolean') return misreadTruths(name)
  if (entityType !== undefined && jsonTypes.has(entityType))
    return { mended: [], unreadable: `${name} IS NOT NULL AND NOT json_valid(${name})`, expected: 'JSON' }
  return null
}

/**
 * TypeORM reads a date without a zone as UTC only if it has no fraction, or one of three digits; any other is in the time zone of
 * the process. It reads none with a space before its zone, as Sequelize writes it. Either form keeps all its digits.
 *
 * https://github.com/typeorm/typeorm/blob/master/src/driver/sqlite-abstract/AbstractSqliteDriver.ts (prepareHydratedValue)
 */
function misreadDates(name: string): Misread {
  const isText = `typeof(${name}) = 'text'`
  const elsewhere = (sql: string): string => `CASE typeof(${name}) WHEN 'text' THEN ${name} ELSE ${sql} END`
  return {
    mended: [
      {
        condition: `${isText} AND ${name} LIKE '${withFraction}' AND length(${name}) <> ${String(written)} AND substr(${name}, ${String(fractionAt)}) NOT GLOB '*[^0-9]*'`,
        becomes: `${name} || 'Z'`,
        reason: 'TypeORM would read these dates as local time; a Z after each makes them UTC',
      },
      {
        condition: `${isText} AND substr(${name}, ${String(timeAt)}) LIKE '% %' AND julianday(${name}) IS NOT NULL`,
        becomes: `substr(${name}, 1, ${String(timeAt - 1)}) || replace(substr(${name}, ${String(timeAt)}), ' ', '')`,
        reason: 'TypeORM cannot read these dates while there is a space before their zone; it is removed',
      },
    ],
    unreadable: `${name} IS NOT NULL AND (typeof(${name}) <> 'text' OR ${name} NOT LIKE '____-__-__%' OR julianday(${name}) IS NULL)`,
    expected: 'a date',
    ways: [
      {
        using: elsewhere(`strftime('%Y-%m-%d %H:%M:%f', ${name} / 1000.0, 'unixepoch')`),
        words: 'milliseconds since 1970',
      },
      { using: elsewhere(`datetime(${name}, 'unixepoch')`), words: 'seconds since 1970' },
    ],
  }
}

/** TypeORM reads every text as true, but for the empty one. */
function misreadTruths(name: string): Misread {
  const isOneOf = (words: string): string => `typeof(${name}) = 'text' AND lower(${name}) IN ${words}`
  const reason = 'TypeORM reads every text as true; 1 and 0 are written instead'
  return {
    mended: [
      { condition: isOneOf(truths), becomes: '1', reason },
      { condition: isOneOf(falsehoods), becomes: '0', reason },
    ],
    unreadable: `typeof(${name}) NOT IN ('null', 'integer') AND NOT (${isOneOf(truths)}) AND NOT (${isOneOf(falsehoods)})`,
    expected: 'a truth value',
  }
}

/** Of the texts and numbers of a column. */
export function valuesIn(table: ObjectName, { name }: Column, limit: number): string {
  const column = quote(name)
  return `SELECT CAST(${column} AS text) AS "value", count(*) AS n FROM ${quote(table.name)} WHERE ${column} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${String(limit)}`
}

export function replaced(from: Column, _to: Column, values: ReadonlyMap<string, string>): string {
  const name = quote(from.name)
  const cases = [...values].map(([old, value]) => `WHEN ${quoteText(old)} THEN ${quoteText(value)}`)
  return `CASE ${name} ${cases.join(' ')} ELSE ${name} END`
}

export const printsTheSame: ConversionRole['printsTheSame'] = (from, to) =>
  affinityOf(from.type) === affinityOf(to.type)

/** Rows that are read at once. */
const pageSize = 500

/** SQLite has no function for a checksum, so the rows are read, page by page. */
export async function witness(
  database: Queryable,
  { name }: ObjectName,
  { exact, counted }: WitnessRequest,
): Promise<Witness> {
  const table = quote(name)
  const counts = counted.map((column, index) => `count(${quote(column)}) AS ${quote(`c${String(index)}`)}`)
  const [totals] = (await database.query(`SELECT ${['count(*) AS n', ...counts].join(', ')} FROM ${table}`)) as Record<
    string,
    number
  >[]
  let sum = 0n
  if (exact.length > 0) {
    for await (const text of texts(database, table, exact)) {
      sum += BigInt(`0x${createHash('md5').update(text).digest('hex')}`)
    }
  }
  return {
    rows: totals?.['n'] ?? 0,
    digest: sum.toString(16),
    values: Object.fromEntries(counted.map((column, index) => [column, totals?.[`c${String(index)}`] ?? 0])),
  }
}

async function* texts(database: Queryable, table: string, exact: readonly string[]): AsyncGenerator<string> {
  const row = exact.map((expression) => `quote(${expression})`).join(` || ',' || `)
  const rowid = await rowidOf(database, table)
  if (rowid === undefined) {
    yield* (await pageOf(database, `SELECT ${row} AS v FROM ${table}`, [])).map(({ v }) => v)
    return
  }
  let last: string | undefined
  for (;;) {
    // As text: a driver may round a large number.
    const after = last === undefined ? '' : `WHERE ${rowid} > CAST(? AS INTEGER)`
    const page = await pageOf(
      database,
      `SELECT CAST(${rowid} AS text) AS r, ${row} AS v FROM ${table} ${after} ORDER BY ${rowid} LIMIT ${String(pageSize)}`,
      last === undefined ? [] : [last],
    )
    yield* page.map(({ v }) => v)
    last = page.at(-1)?.r
    if (page.length < pageSize || last === undefined) return
  }
}

async function pageOf(
  database: Queryable,
  sql: string,
  parameters: readonly string[],
): Promise<readonly { readonly r?: string; readonly v: string }[]> {
  return (await database.query(sql, [...parameters])) as { readonly r?: string; readonly v: string }[]
}

/** The first name of the rowid that no column has; undefined for a table without rowids. */
async function rowidOf(database: Queryable, table: string): Promise<string | undefined> {
  const [any] = (await database.query(`SELECT * FROM ${table} LIMIT 1`)) as object[]
  const columns = new Set(Object.keys(any ?? {}).map(fold))
  const name = ['rowid', '_rowid_', 'oid'].find((each) => !columns.has(each))
  if (name === undefined) return undefined
  try {
    await database.query(`SELECT ${name} FROM ${table} LIMIT 1`)
    return name
  } catch {
    return undefined
  }
}
