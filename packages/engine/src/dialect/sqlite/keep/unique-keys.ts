import { sqliteEffects } from '../../../sql/sqlite/effects'
import type { Whereabouts } from '../../../sql/sqlite/tables'
import { fold, isIdentifier, nameOf, tokenize } from '../../../sql/sqlite/tokens'
import { type Clash, clashOf, shownValues } from '../../kept-errors'
import type { Queryable } from '../../queryable'
import type { KeepingStep } from '../../roles/keeping'
import { parseIndex } from '../../../sql/sqlite/parse-index'
import { parseTable } from '../../../sql/sqlite/parse-table'
import { quote, quoteText } from '../quote'
import { storedColumns } from './catalog'
import { addedColumn, type Copying, defaultExpression, readCopying } from './copying'
import { keptColumns } from './definitions'
import { type ColumnEntry, keysAfter } from './entries'
import { fillsColumn } from './gaps'
import { joined } from './values'

/**
 * Rows that will share a value of a unique key which the downgrade creates, as far as its statements show that. Changes nothing.
 *
 * @param one a column of the key
 * @param entries all columns that the step gives back
 */
export async function foreseeClash(
  database: Queryable,
  { statements }: KeepingStep,
  one: ColumnEntry,
  entries: readonly ColumnEntry[],
): Promise<Clash | undefined> {
  // What statements fill in is known when they run.
  if (statements === null || one.converted !== undefined) return undefined
  const known = entries.filter(
    ({ table, column, converted }) =>
      fold(table) === fold(one.table) && converted === undefined && !statements.some((sql) => fillsColumn(sql, column)),
  )
  if (!known.includes(one)) return undefined
  const columns = await storedColumns(database)
  const reader = sqliteEffects((name) => columns.get(name))
  const plan = new Definitions()
  for (const sql of statements) {
    plan.read(sql)
    const places = reader.whereabouts([one.table])
    for (const key of plan.keysOf(sql, places)) {
      if (!key.columns.some((name) => fold(name) === fold(one.column))) continue
      const found = await clashOfKey(database, one, known, key)
      if (found !== undefined) return found
    }
    reader.read(sql)
  }
  return undefined
}

/** A unique key that a statement creates for rows which are there now. */
interface CreatedKey {
  readonly columns: readonly string[]
  /** SQL: the default of a column; undefined if it is not known. */
  readonly defaultOf: (column: string) => string | undefined
  /** The column that has the value of one now, folded; undefined if it is not known. */
  readonly originOf: (column: string) => string | undefined
}

/** The tables and columns that statements have created so far. */
class Definitions {
  readonly #tables = new Map<string, { readonly sql: string; readonly parsed: ReturnType<typeof parseTable> }>()
  /** `table.column` → the default. */
  readonly #added = new Map<string, string>()

  read(sql: string): void {
    const table = parsed(sql)
    if (table !== undefined) this.#tables.set(fold(table.name), { sql, parsed: table })
    const column = addedColumn(sql)
    if (column !== undefined)
      this.#added.set(
        `${fold(column.table)}.${fold(column.column)}`,
        defaultIn(column.definition, column.column) ?? 'NULL',
      )
  }

  keysOf(sql: string, places: readonly Whereabouts[]): readonly CreatedKey[] {
    const copying = readCopying(sql)
    const target = copying === undefined ? undefined : this.#tables.get(fold(copying.target))
    const from = places.find(({ table }) => table === fold(copying?.source ?? ''))
    if (copying !== undefined && target !== undefined && from !== undefined) {
      const names = copying.columns ?? target.parsed.columns.map(({ name }) => name)
      return target.parsed.constraints.flatMap((constraint) => {
        if (constraint.kind !== 'unique' && constraint.kind !== 'primaryKey') return []
        return {
          columns: constraint.keys.map(({ column }) => column),
          defaultOf: (column) => defaultIn(target.sql, column),
          originOf: (column) => originIn(from, columnIn(copying, names, column)),
        }
      })
    }
    const index = uniqueIndex(sql)
    const on = places.find(({ table }) => table === fold(index?.table ?? ''))
    if (index === undefined || on === undefined) return []
    const defaultOf = (column: string): string | undefined => this.#added.get(`${fold(index.table)}.${fold(column)}`)
    return [{ columns: index.columns, defaultOf, originOf: (column) => originIn(on, column) }]
  }
}

function parsed(sql: string): ReturnType<typeof parseTable> | undefined {
  if (!/^\s*create\s+(?:temp\s+|temporary\s+)?table\b/i.test(sql)) return undefined
  try {
    return parseTable(sql)
  } catch {
    // CREATE TABLE … AS, or none that SQLite accepts.
    return undefined
  }
}

/** `CREATE UNIQUE INDEX` of columns; undefined for any other text. */
function uniqueIndex(sql: string): { readonly table: string; readonly columns: readonly string[] } | undefined {
  if (!/^\s*create\s+unique\b/i.test(sql)) return undefined
  try {
    const { table, keys, where } = parseIndex(sql)
    const columns = keys.map(({ tokens: [first, ...others] }) =>
      others.length === 0 && isIdentifier(first) ? nameOf(first) : undefined,
    )
    return where === undefined && columns.every((name) => name !== undefined) ? { table, columns } : undefined
  } catch {
    return undefined
  }
}

/** SQL: the default of a column in the text of CREATE TABLE; undefined if it is not known. */
function defaultIn(sql: string, column: string): string | undefined {
  const found = parsed(sql)?.columns.find(({ name }) => fold(name) === fold(column))
  if (found === undefined) return undefined
  const [first, last] = [found.default?.tokens[0], found.default?.tokens.at(-1)]
  if (first === undefined || last === undefined) return 'NULL'
  return defaultExpression(sql.slice(first.start, last.end), quoteText)
}

/** The column of the source that a copying statement puts into one of its target; undefined for any other expression. */
function columnIn(copying: Copying, names: readonly string[], column: string): string | undefined {
  const place = copying.expressions[names.findIndex((name) => fold(name) === fold(column))]
  const [first, ...others] = place === undefined ? [] : tokenize(copying.sql.slice(place.start, place.end))
  return others.length === 0 && isIdentifier(first) ? nameOf(first) : undefined
}

function originIn({ columns }: Whereabouts, now: string | undefined): string | undefined {
  return now === undefined ? undefined : [...columns].find(([, name]) => name === fold(now))?.[0]
}

async function clashOfKey(
  database: Queryable,
  one: ColumnEntry,
  known: readonly ColumnEntry[],
  { columns, defaultOf, originOf }: CreatedKey,
): Promise<Clash | undefined> {
  const joins: string[] = []
  const values: string[] = []
  for (const column of columns) {
    const entry = known.find((other) => fold(other.column) === fold(column))
    const origin = originOf(column)
    if (entry !== undefined) {
      const otherwise = defaultOf(column)
      if (otherwise === undefined) return undefined
      const alias = `kept${String(joins.length)}`
      joins.push(
        `LEFT JOIN main.${quote(entry.entry.place)} AS ${alias} ON ${joined('t', entry.key, alias, keysAfter(entry))}`,
      )
      values.push(
        `CASE WHEN ${alias}.${quote(keptColumns.key(0))} IS NULL THEN ${otherwise} ELSE ${alias}.${quote(keptColumns.old)} END`,
      )
    } else if (origin !== undefined) values.push(`t.${quote(origin)}`)
    else return undefined
  }
  const rows = `SELECT ${listed(values)} FROM main.${quote(one.table)} AS t ${joins.join(' ')}`
  const found = await sharedIn(database, rows, columns.length)
  return found.length === 0 ? undefined : clashOf(one.table, columns, found)
}

/** `a AS v0, b AS v1` */
function listed(values: readonly string[]): string {
  return values.map((value, at) => `${value} AS v${String(at)}`).join(', ')
}

/** Values that rows share, with their numbers. */
async function sharedIn(
  database: Queryable,
  rows: string,
  count: number,
): Promise<readonly { readonly value: string; readonly n: number }[]> {
  const names = Array.from({ length: count }, (_, at) => `v${String(at)}`)
  return (await database.query(
    `SELECT ${names.map((name) => `CAST(${name} AS text)`).join(` || ', ' || `)} AS value, count(*) AS n FROM (${rows}) ` +
      `WHERE ${names.map((name) => `${name} IS NOT NULL`).join(' AND ')} GROUP BY ${names.join(', ')} HAVING count(*) > 1 ORDER BY 1 LIMIT ${String(shownValues)}`,
  )) as { value: string; n: number }[]
}

/**
 * The rows because of which a statement of a downgrade failed, if they share a value of a unique key that has a column which is given
 * back.
 *
 * @param sql as it was sent
 * @param message of SQLite
 */
export async function clashAfter(
  database: Queryable,
  sql: string,
  message: string,
  { entries, whereabouts }: { readonly entries: readonly ColumnEntry[]; readonly whereabouts: readonly Whereabouts[] },
): Promise<Clash | undefined> {
  const failed = /^UNIQUE constraint failed: (.+)$/s.exec(message)?.[1]
  if (failed === undefined) return undefined
  const copying = readCopying(sql)
  const table = copying?.target ?? uniqueIndex(sql)?.table ?? failed.slice(0, failed.indexOf('.'))
  const columns = failed.split(', ').map((name) => (name.startsWith(`${table}.`) ? name.slice(table.length + 1) : name))
  const from = fold(copying?.source ?? table)
  const origins = whereabouts.flatMap((place) => (place.table === from ? [fold(place.origin)] : []))
  const kept = entries.find(
    (one) => origins.includes(fold(one.table)) && columns.some((name) => fold(name) === fold(one.column)),
  )
  if (kept === undefined) return undefined
  const found = await sharedIn(database, rowsOf(copying, table, columns), columns.length).catch(() => [])
  return clashOf(kept.entry.table, columns, found)
}

/** SQL: the values of a key as a statement would have put them into a table. */
function rowsOf(copying: Copying | undefined, table: string, columns: readonly string[]): string {
  if (copying === undefined) return `SELECT ${listed(columns.map(quote))} FROM main.${quote(table)}`
  const { sql, columns: names = [], expressions, expressionsEnd } = copying
  const values = columns.map((column) => {
    const place = expressions[names.findIndex((name) => fold(name) === fold(column))]
    return place === undefined ? 'NULL' : sql.slice(place.start, place.end)
  })
  return `SELECT ${listed(values)} ${sql.slice(expressionsEnd).replace(/;\s*$/, '')}`
}
