import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../../dialect/dialect'
import type { ColumnProfile, ColumnValue, LiveProfile } from '../../dialect/roles/scale'
import { quoteName } from '../../dialect/quote-name'
import { columnsIn } from '../../schema/expressions'
import { scopeOf } from '../../schema/normalize'
import {
  type Column,
  displayName,
  findTable,
  type ForeignKey,
  keyOf,
  sameName,
  type Schema,
  type Table,
} from '../../schema/schema'

/** Rows that were made. */
export interface FilledTables {
  /** By display name: how many, without the sample rows. */
  readonly rows: ReadonlyMap<string, number>
  /** Why a table has none: the words of the database. */
  readonly refused: ReadonlyMap<string, string>
}

/** How much is made. */
export interface FillLimits {
  /** The most rows of a table that is not {@link whole}. */
  readonly most: number
  /** The most bytes of the values in such a table. */
  readonly bytes: number
  /** Display names of tables; those that they reference are filled as well. */
  readonly only: ReadonlySet<string>
  /** Display names of tables that get as many rows as the live ones have, if the bytes allow. */
  readonly whole: ReadonlySet<string>
}

/** A column of which nothing is known. */
const unknownColumn: ColumnProfile = { nulls: 0, bytes: null, prefix: 0, distinct: null, ordered: false }

/** Numbers of unique columns begin here: the sample rows have smaller ones. */
const firstNumber = 10_000

/** Spreads numbers over 31 bits; different ones stay different in any power of two. The golden ratio, as Knuth has it. */
const spread = 2_654_435_769

/**
 * Gives tables of a scratch database many rows that are like those of the live one in number, width, order and variety, and have no
 * value of theirs. The tables have sample rows already, which show what checks accept.
 *
 */
export async function fillLike(
  dialect: Dialect,
  runner: QueryRunner,
  schema: Schema,
  live: LiveProfile,
  { most, bytes, only, whole }: FillLimits,
): Promise<FilledTables> {
  const rows = new Map<string, number>()
  const refused = new Map<string, string>()
  for (const table of parentsFirst(schema, live, only)) {
    const name = displayName(table)
    const limit = whole.has(name) ? Infinity : Math.min(most, Math.ceil(bytes / widthOf(live, name)))
    const wanted = Math.min(live.tables.get(name)?.rows ?? 0, limit)
    if (wanted === 0) continue
    const many = new ManyRows(dialect, schema, live, rows)
    const count = Math.min(wanted, many.limit(table))
    const error = await tryEach(many.attempts(table, count), async (values) => {
      await runner.query(dialect.scale.insert(table, values, count))
    })
    if (error === undefined) rows.set(name, count)
    else refused.set(name, dialect.errors.textOf(error))
  }
  return { rows, refused }
}

/** Bytes of a row, without those of which nothing is known. */
export function widthOf(live: LiveProfile, table: string): number {
  const columns = [...(live.tables.get(table)?.columns.values() ?? [])]
  return columns.reduce((sum, { bytes }) => sum + (bytes ?? 0), 1)
}

/** Returns the error of the last attempt; undefined if one succeeded. */
async function tryEach<T>(attempts: readonly T[], attempt: (one: T) => Promise<void>): Promise<unknown> {
  let last: unknown = new Error('it has no column that takes a value')
  for (const one of attempts) {
    try {
      await attempt(one)
      return undefined
    } catch (error) {
      last = error
    }
  }
  return last
}

/** The tables and those that they reference, which come before them as far as there is no cycle. */
function parentsFirst(schema: Schema, live: LiveProfile, only: ReadonlySet<string>): readonly Table[] {
  const ordered: Table[] = []
  const visited = new Set<string>()
  const visit = (table: Table | undefined): void => {
    if (table === undefined || visited.has(keyOf(table))) return
    visited.add(keyOf(table))
    for (const { references } of table.foreignKeys) visit(findTable(schema, references))
    if (live.tables.has(displayName(table))) ordered.push(table)
  }
  for (const table of schema.tables) if (only.has(displayName(table))) visit(table)
  return ordered
}

/** Makes the expressions of rows, each of which reads the number `n` of its row. */
class ManyRows {
  constructor(
    readonly dialect: Dialect,
    readonly schema: Schema,
    readonly live: LiveProfile,
    /** Of the tables that are filled. */
    readonly rows: ReadonlyMap<string, number>,
  ) {}

  /** A row that must reference a row of its own has no more siblings than there are such rows. */
  limit(table: Table): number {
    const limits = table.foreignKeys
      .filter((key) => isUnique(table, key.columns) && !sameName(key.references, table))
      .flatMap(({ references }) => this.rows.get(displayName(references)) ?? [])
    return Math.min(Infinity, ...limits)
  }

  /** The columns of rows, first like those of the live table, then as near to the sample rows as keys allow. */
  attempts(table: Table, count: number): readonly (readonly ColumnValue[])[] {
    const checked = new Set(table.checks.flatMap(({ expression }) => columnsIn(expression, scopeOf(table))))
    const keys = new Set(uniqueSets(table).flat())
    const make = (isFixed: (name: string) => boolean): readonly ColumnValue[] =>
      table.columns.flatMap((column) => {
        if (column.generated !== undefined) return []
        const fixed = isFixed(column.name) && !keys.has(column.name)
        const sql = fixed ? this.#sample(table, column) : this.#valueIn(table, column, 'n', count)
        return [{ column, sql }]
      })
    return [make((name) => checked.has(name)), make(() => true)]
  }

  /** The value of a sample row. */
  #sample(table: Table, column: Column): string {
    const name = this.dialect.sql.quote(column.name)
    return `(SELECT ${name} FROM ${quoteName(this.dialect, table)} ORDER BY ${name} LIMIT 1)`
  }

  /** @param n SQL of the number of the row */
  #valueIn(table: Table, column: Column, n: string, count: number): string {
    const shape = this.#profileOf(table, column)
    const { nulls, ordered } = shape
    const rows = this.live.tables.get(displayName(table))?.rows ?? count
    const variety = varietyOf(shape, rows, count)
    const key = table.foreignKeys.find(({ columns }) => columns.includes(column.name))
    const own = key === undefined ? undefined : this.#referenced(table, column, key, n, count)
    const sets = uniqueSets(table).filter((set) => set.includes(column.name))
    // One column of a key that has several makes the rows different.
    const isUniqueHere = sets.some((set) => varying(table, set) === column.name)
    const value =
      own ??
      this.dialect.scale.value(
        column,
        isUniqueHere || variety >= count ? ownNumber(n, count, ordered) : picked(n, count, variety, ordered),
        shape,
      ) ??
      this.#oneOfFew(column, n) ??
      this.#sample(table, column)
    if (nulls === 0 || !column.nullable) return value
    return `CASE WHEN (${n} * 7919) % 1000 < ${String(Math.round(nulls * 1000))} THEN NULL ELSE ${value} END`
  }

  #profileOf(table: Table, column: Column): ColumnProfile {
    const known = this.live.tables.get(displayName(table))?.columns.get(column.name)
    const isNumbered = column.identity !== undefined || column.serial !== undefined || column.autoincrement === true
    return known ?? (isNumbered ? { ...unknownColumn, ordered: true } : unknownColumn)
  }

  /** The key of another row; undefined if the table that it is in has only sample rows. */
  #referenced(table: Table, column: Column, key: ForeignKey, n: string, count: number): string | undefined {
    const { references } = key
    const parent = findTable(this.schema, references)
    const other = parent?.columns.find(({ name }) => name === references.columns[key.columns.indexOf(column.name)])
    if (parent === undefined || other === undefined) return undefined
    // The rows of the table itself are there at the end of the statement.
    const others = sameName(parent, table) ? count : (this.rows.get(displayName(parent)) ?? 0)
    if (others === 0) return this.#sample(parent, other)
    const { ordered } = this.#profileOf(table, column)
    const at = isUnique(table, key.columns)
      ? n
      : isPart(table, key)
        ? inPairs(n, count, others, table.foreignKeys.indexOf(key) === 0)
        : `(1 + ${picked(n, count, others, ordered)})`
    if (sameName(parent, table)) {
      // A row of its own: deeper references would have no end.
      const shape = this.#profileOf(table, other)
      return this.dialect.scale.value(other, ownNumber(at, count, shape.ordered), shape) ?? this.#sample(parent, other)
    }
    return this.#valueIn(parent, other, at, others)
  }

  /** One of some values that samples have, of a type of which no others can be made. */
  #oneOfFew(column: Column, n: string): string | undefined {
    const values = Array.from(
      { length: 8 },
      (_, seed) => this.dialect.shadow.sampleValue(column, this.schema, seed)?.sql,
    )
    if (values.some((value) => value === undefined)) return undefined
    return `CASE ${random(n)} % 8 ${values.map((sql, at) => `WHEN ${String(at)} THEN ${sql ?? 'NULL'}`).join(' ')} END`
  }
}

/** Whether a key is part of a unique set of nothing but keys, as in a table that joins two others. */
function isPart(table: Table, { columns }: ForeignKey): boolean {
  return uniqueSets(table).some(
    (set) => varying(table, set) === undefined && set.some((name) => columns.includes(name)),
  )
}

/** Numbers of two other rows: no pair twice, as long as there are enough of both. */
function inPairs(n: string, count: number, others: number, isFirst: boolean): string {
  return isFirst ? `(1 + (${n} - 1) / ${String(Math.ceil(count / others))})` : `(1 + (${n} - 1) % ${String(others)})`
}

/**
 * A number that has nothing to do with that of the row. Multiples of one number are sorted faster than numbers without an order, since
 * their order repeats itself; the middle of their squares has none. B. Widynski, Middle-Square Weyl Sequence RNG, arXiv:1704.00358.
 */
function random(n: string): string {
  const multiple = `((${n} * ${String(spread)}) & 2147483647)`
  return `((${multiple} * ${multiple} >> 16) & 2147483647)`
}

/** A number of its own for each row, in no order: x (2x + 1) is another one for each x below a power of two, as in the cipher RC6. */
function scattered(n: string, count: number): string {
  const mask = String(2 ** Math.ceil(Math.log2(count + 1)) - 1)
  const multiple = `((${n} * ${String(spread)}) & ${mask})`
  return `((${multiple} * (2 * ${multiple} + 1)) & ${mask})`
}

/** A number that no other row has, and no sample row. */
function ownNumber(n: string, count: number, ordered: boolean): string {
  return `(${ordered ? n : scattered(n, count)} + ${String(firstNumber)})`
}

/** The share of rows from which on new rows bring new values; PostgreSQL has the same. */
const growing = 0.1

/** How many different values some of the rows have. */
function varietyOf({ distinct }: ColumnProfile, rows: number, count: number): number {
  if (distinct === null || rows === 0) return count
  return distinct >= rows * growing ? Math.round((distinct / rows) * count) : distinct
}

/** One of as many numbers as there are different values. */
function picked(n: string, count: number, variety: number, ordered: boolean): string {
  const of = String(Math.max(1, Math.min(variety, count)))
  return ordered ? `((${n} - 1) * ${of} / ${String(count)})` : `(${random(n)} % ${of})`
}

/** The columns of keys and unique indexes. */
function uniqueSets(table: Table): readonly (readonly string[])[] {
  return [
    ...(table.primaryKey === undefined ? [] : [table.primaryKey.columns]),
    ...table.uniques.map(({ columns }) => columns),
    ...table.indexes.filter(({ unique }) => unique).map(({ keys }) => keys.flatMap(({ column }) => column ?? [])),
  ]
}

function isUnique(table: Table, columns: readonly string[]): boolean {
  return uniqueSets(table).some((set) => set.length > 0 && set.every((name) => columns.includes(name)))
}

/** The column of a unique set that has another value in each row: one that references nothing. */
function varying(table: Table, set: readonly string[]): string | undefined {
  const free = set.filter((name) => !table.foreignKeys.some(({ columns }) => columns.includes(name)))
  // A number rather than a flag.
  const isWide = (name: string): boolean =>
    table.columns.some((column) => column.name === name && !/^(?:bool|smallint)/.test(column.type) && !column.enum)
  return free.find(isWide) ?? free[0]
}
