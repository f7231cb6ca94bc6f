import type { Queryable } from '../../queryable'
import type { KeptEntry, Obstacle } from '../../roles/keeping'
import { fold } from '../../../sql/sqlite/tokens'
import { columnsOf, numberOf, tableNamed } from './catalog'
import { type Definitions, keptColumns } from './definitions'
import { quote } from '../quote'
import { differs, joined } from './values'

/** An entry of a column, with its names after the upgrade: those with which its downgrade begins. */
export interface ColumnEntry {
  readonly entry: KeptEntry
  /** The column before the upgrade, and after the downgrade. */
  readonly column: string
  readonly table: string
  readonly key: readonly string[]
  /** The column that has the converted values; undefined if the column is gone. */
  readonly converted: string | undefined
  readonly isMoved: boolean
  readonly wasNotNull: boolean
  readonly default: string | null
}

/** What is in `definitions`; written by this version or an earlier one. */
export function definitionsOf({ definitions }: KeptEntry): Definitions {
  return definitions
}

export function isTable({ kind }: KeptEntry): boolean {
  return kind === 'table'
}

/** Undefined for an entry of a whole table. */
export function columnEntry(entry: KeptEntry): ColumnEntry | undefined {
  const { after, keyAfter, columnAfter, movedKey, column } = definitionsOf(entry)
  if (entry.column === null || after === undefined || keyAfter === undefined) return undefined
  return {
    entry,
    column: entry.column,
    table: after,
    key: keyAfter,
    converted: columnAfter,
    isMoved: movedKey === true,
    wasNotNull: column?.notNull === true,
    default: column?.default ?? null,
  }
}

/** The columns of the kept table with the key after the upgrade. */
export function keysAfter({ key }: Pick<ColumnEntry, 'key'>): readonly string[] {
  return key.map((_name, at) => keptColumns.key(at))
}

/** The columns of the kept table with the key before it. */
export function keysBefore({ key, isMoved }: Pick<ColumnEntry, 'key' | 'isMoved'>): readonly string[] {
  return key.map((_name, at) => (isMoved ? keptColumns.before(at) : keptColumns.key(at)))
}

/** Why an entry cannot be given back to the table that is there now; undefined if it can. */
export async function obstacleTo(database: Queryable, one: ColumnEntry): Promise<Obstacle | undefined> {
  const { table, key, converted, entry } = one
  const help = `Restore it by hand, or give up what is kept: aludel migrate kept prune --revision ${entry.revision}`
  const name = await tableNamed(database, table)
  if (name === undefined) return { message: `table ${table} does not exist`, help, rows: 0 }
  const columns = new Set((await columnsOf(database, name)).map((column) => fold(column.name)))
  const missing = [...key, ...(converted === undefined ? [] : [converted])].find((item) => !columns.has(fold(item)))
  return missing === undefined ? undefined : { message: `table ${table} has no column ${missing}`, help, rows: 0 }
}

/** SQL: the rows of the table, `t`, that are in the kept table, `k`, unless they were changed since. */
export function unchanged(one: ColumnEntry): string {
  const same =
    one.converted === undefined ? '' : ` AND NOT ${differs(`t.${quote(one.converted)}`, `k.${quote(keptColumns.new)}`)}`
  return joined('t', one.key, 'k', keysAfter(one)) + same
}

/** How many values are given back. */
export function countUnchanged(database: Queryable, one: ColumnEntry): Promise<number> {
  return numberOf(
    database,
    `SELECT count(*) FROM main.${quote(one.entry.place)} AS k WHERE EXISTS (SELECT 1 FROM main.${quote(one.table)} AS t WHERE ${unchanged(one)})`,
  )
}

/** How many rows were inserted since a column was set aside. */
export function countSince(database: Queryable, one: ColumnEntry): Promise<number> {
  // The table has an index of its key; the kept table has none until a downgrade begins.
  const known = `SELECT count(*) FROM main.${quote(one.entry.place)} AS k JOIN main.${quote(one.table)} AS t ON ${joined('t', one.key, 'k', keysAfter(one))}`
  return numberOf(database, `SELECT (SELECT count(*) FROM main.${quote(one.table)}) - (${known})`)
}

/** An index of the kept table, by which rows find their values. It is dropped with the table. */
export async function indexKept(database: Queryable, one: ColumnEntry): Promise<void> {
  const list = (columns: readonly string[]): string => columns.map(quote).join(', ')
  const { place } = one.entry
  const create = (suffix: string, columns: readonly string[]): Promise<unknown> =>
    database.query(
      `CREATE INDEX IF NOT EXISTS main.${quote(`${place}_${suffix}`)} ON ${quote(place)} (${list(columns)})`,
    )
  await create('key', keysAfter(one))
  if (one.isMoved) await create('before', keysBefore(one))
}
