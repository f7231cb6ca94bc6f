// cspell:ignore doub floa
import type { Queryable } from '../../queryable'
import { quote, quoteText } from '../quote'
import { fold } from '../../../sql/sqlite/tokens'

/** A column as `PRAGMA table_xinfo` shows it. */
export interface CatalogColumn {
  readonly name: string
  /** As declared: it decides what SQLite makes of a value. */
  readonly type: string
  readonly notNull: boolean
  /** SQL; null without one. */
  readonly default: string | null
  /** Position in the primary key, from 1; 0 if it is not in it. */
  readonly key: number
  readonly isGenerated: boolean
}

/** An index or a trigger, with the text that creates it. */
export interface CatalogObject {
  readonly type: 'index' | 'trigger'
  readonly name: string
  readonly table: string
  readonly sql: string
}

/** The columns of a table of the main database, in their order; empty if it is not there. */
export async function columnsOf(database: Queryable, table: string): Promise<readonly CatalogColumn[]> {
  const rows = (await database.query(`PRAGMA main.table_xinfo(${quote(table)})`)) as {
    name: string
    type: string
    notnull: number
    dflt_value: string | null
    pk: number
    hidden: number
  }[]
  // Hidden columns of virtual tables are 1, generated ones 2 and 3.
  return rows.map(({ name, type, notnull, dflt_value, pk, hidden }) => ({
    name,
    type,
    notNull: notnull !== 0,
    default: dflt_value,
    key: pk,
    isGenerated: hidden !== 0,
  }))
}

/** The columns that store values, of all tables of the main database that are not virtual. */
export async function storedColumns(database: Queryable): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = (await database.query(
    `SELECT m.name AS "table", c.name AS "column" FROM main.sqlite_master AS m JOIN pragma_table_xinfo(m.name, 'main') AS c ` +
      `WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND m.sql NOT LIKE 'CREATE VIRTUAL%' AND c.hidden = 0 ORDER BY m.rowid, c.cid`,
  )) as { table: string; column: string }[]
  const tables = new Map<string, string[]>()
  for (const { table, column } of rows) {
    const columns = tables.get(table)
    if (columns === undefined) tables.set(table, [column])
    else columns.push(column)
  }
  return tables
}

/** The table as the database spells it. */
export async function tableNamed(database: Queryable, name: string): Promise<string | undefined> {
  const rows = (await database.query(
    `SELECT name FROM main.sqlite_master WHERE type = 'table' AND lower(name) = lower(${quoteText(name)})`,
  )) as { name: string }[]
  return rows[0]?.name
}

/** Whether a module of SQLite stores its rows. */
export async function isVirtual(database: Queryable, table: string): Promise<boolean> {
  const rows = (await database.query(
    `SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = ${quoteText(table)} AND sql LIKE 'CREATE VIRTUAL%'`,
  )) as unknown[]
  return rows.length > 0
}

/** The indexes and triggers of a table, in the order of their creation. */
export async function objectsOf(database: Queryable, table: string): Promise<readonly CatalogObject[]> {
  return (await database.query(
    `SELECT type, name, tbl_name AS "table", sql FROM main.sqlite_master WHERE lower(tbl_name) = lower(${quoteText(table)}) AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid`,
  )) as CatalogObject[]
}

/** Whether the main database has an object of that type and name. */
export async function objectExists(database: Queryable, type: string, name: string): Promise<boolean> {
  const rows = (await database.query(
    `SELECT 1 FROM main.sqlite_master WHERE type = ${quoteText(type)} AND lower(name) = lower(${quoteText(name)})`,
  )) as unknown[]
  return rows.length > 0
}

/**
 * The sets of columns that identify a row, best first: the primary key, then unique constraints and indexes. Without keys that
 * contain a generated column or an expression, or of which some row has a NULL.
 */
export async function keysOf(database: Queryable, table: string): Promise<readonly (readonly string[])[]> {
  const columns = await columnsOf(database, table)
  const stored = new Map(columns.flatMap((one) => (one.isGenerated ? [] : [[fold(one.name), one] as const])))
  const primary = columns.filter(({ key }) => key > 0).sort((a, b) => a.key - b.key)
  const candidates = primary.length > 0 ? [primary.map(({ name }) => name)] : []
  const indexes = (await database.query(`PRAGMA main.index_list(${quote(table)})`)) as {
    name: string
    unique: number
    partial: number
  }[]
  for (const { name, unique, partial } of indexes) {
    if (unique === 0 || partial !== 0) continue
    const parts = (await database.query(`PRAGMA main.index_info(${quote(name)})`)) as { name: string | null }[]
    const names = parts.flatMap((part) => part.name ?? [])
    if (names.length === parts.length) candidates.push(names)
  }
  const found: (readonly string[])[] = []
  for (const key of candidates) {
    if (!key.every((name) => stored.has(fold(name)))) continue
    if (found.some((other) => other.map(fold).join('\0') === key.map(fold).join('\0'))) continue
    if (!(await hasNull(database, table, key))) found.push(key)
  }
  return found
}

async function hasNull(database: Queryable, table: string, columns: readonly string[]): Promise<boolean> {
  const condition = columns.map((name) => `${quote(name)} IS NULL`).join(' OR ')
  const rows = (await database.query(`SELECT 1 FROM main.${quote(table)} WHERE ${condition} LIMIT 1`)) as unknown[]
  return rows.length > 0
}

/** https://www.sqlite.org/datatype3.html#determination_of_column_affinity */
export function affinityOf(type: string): 'integer' | 'text' | 'blob' | 'real' | 'numeric' {
  if (/int/i.test(type)) return 'integer'
  if (/char|clob|text/i.test(type)) return 'text'
  if (type === '' || /blob/i.test(type)) return 'blob'
  return /real|floa|doub/i.test(type) ? 'real' : 'numeric'
}

/** The only value of the only row. */
export async function numberOf(database: Queryable, sql: string): Promise<number> {
  const [row] = (await database.query(sql)) as Record<string, number>[]
  return Object.values(row ?? {})[0] ?? 0
}
