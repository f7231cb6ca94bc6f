import { fold } from '../../../sql/sqlite/tokens'
import type { Queryable } from '../../queryable'
import type { KeepingSession, KeptEntry } from '../../roles/keeping'
import { quote } from '../quote'
import { columnsOf, numberOf, tableNamed } from './catalog'
import type { ColumnEntry } from './entries'
import { joined } from './values'

interface Reference {
  readonly columns: readonly string[]
  readonly parent: string
  readonly parentColumns: readonly string[]
  readonly onDelete: string
}

/**
 * Does to rows that were given back what the database would have done when their parent was deleted, as their foreign key says:
 * CASCADE removes a row of a table that was dropped, SET NULL clears its reference. A row that stayed is never removed: where its
 * column is given back, CASCADE clears it as well. What then references nothing is refused before the transaction ends.
 */
export async function followDeletes(
  session: KeepingSession,
  tables: readonly KeptEntry[],
  columns: readonly ColumnEntry[],
): Promise<void> {
  const { database, warn } = session
  const removed = new Map<string, number>()
  // A row that is removed may be the parent of others.
  for (let isChanged = true; isChanged;) {
    isChanged = false
    for (const entry of tables) {
      for (const reference of await referencesOf(database, entry.table)) {
        if ((await countOf(database, entry.table, isOrphan(reference))) === 0) continue
        await indexKey(database, entry)
        const orphans = `${isOrphan(reference)} AND ${isKept(entry)}`
        const rows = await countOf(database, entry.table, orphans)
        if (rows === 0) continue
        if (reference.onDelete === 'CASCADE') {
          await database.query(`DELETE FROM main.${quote(entry.table)} AS t WHERE ${orphans}`)
          removed.set(entry.table, (removed.get(entry.table) ?? 0) + rows)
          isChanged = true
        } else if (reference.onDelete === 'SET NULL') {
          await clear(database, entry.table, reference, orphans)
        }
      }
    }
  }
  for (const one of columns) {
    const { table } = one.entry
    const live = await columnsOf(database, table)
    for (const reference of await referencesOf(database, table)) {
      const own = reference.columns.some((name) => fold(name) === fold(one.column))
      const follows = reference.onDelete === 'CASCADE' || reference.onDelete === 'SET NULL'
      const isNullable = live.some(({ name, notNull }) => fold(name) === fold(one.column) && !notNull)
      if (!own || !follows || !isNullable) continue
      const cleared = { ...reference, columns: [one.column] }
      await clear(database, table, cleared, isOrphan(reference))
    }
  }
  for (const [table, rows] of removed) {
    warn(
      `${rows === 1 ? '1 row' : `${String(rows)} rows`} of ${table} ${rows === 1 ? 'is' : 'are'} not given back: what ${rows === 1 ? 'it references' : 'they reference'} was deleted since, and the foreign key says ON DELETE CASCADE`,
    )
  }
}

async function referencesOf(database: Queryable, table: string): Promise<readonly Reference[]> {
  const rows = (await database.query(`PRAGMA main.foreign_key_list(${quote(table)})`)) as {
    id: number
    seq: number
    table: string
    from: string
    to: string | null
    on_delete: string
  }[]
  const found: Reference[] = []
  for (const id of new Set(rows.map((row) => row.id))) {
    const parts = rows.filter((row) => row.id === id).sort((a, b) => a.seq - b.seq)
    const [first] = parts
    const parent = first === undefined ? undefined : await tableNamed(database, first.table)
    if (first === undefined || parent === undefined) continue
    const keys = (await columnsOf(database, parent)).filter(({ key }) => key > 0).sort((a, b) => a.key - b.key)
    const parentColumns = parts.map(({ to }, at) => to ?? keys[at]?.name ?? '')
    if (parentColumns.includes('')) continue
    found.push({ columns: parts.map(({ from }) => from), parent, parentColumns, onDelete: first.on_delete })
  }
  return found
}

/** SQL: true for a row `t` that references nothing. */
function isOrphan({ columns, parent, parentColumns }: Reference): string {
  const set = columns.map((name) => `t.${quote(name)} IS NOT NULL`).join(' AND ')
  const there = joined('p', parentColumns, 't', columns)
  return `${set} AND NOT EXISTS (SELECT 1 FROM main.${quote(parent)} AS p WHERE ${there})`
}

/** SQL: true for a row `t` that was given back. */
function isKept({ place, key }: KeptEntry): string {
  if (key.length === 0) return 'TRUE'
  return `EXISTS (SELECT 1 FROM main.${quote(place)} AS k WHERE ${joined('t', key, 'k', key)})`
}

/** Without an index, each orphan would be searched for in the whole kept table. */
async function indexKey(database: Queryable, { place, key }: KeptEntry): Promise<void> {
  if (key.length === 0) return
  await database.query(
    `CREATE INDEX IF NOT EXISTS main.${quote(`${place}_key`)} ON ${quote(place)} (${key.map(quote).join(', ')})`,
  )
}

function countOf(database: Queryable, table: string, condition: string): Promise<number> {
  return numberOf(database, `SELECT count(*) FROM main.${quote(table)} AS t WHERE ${condition}`)
}

async function clear(
  database: Queryable,
  table: string,
  { columns }: Pick<Reference, 'columns'>,
  condition: string,
): Promise<void> {
  const set = columns.map((name) => `${quote(name)} = NULL`).join(', ')
  await database.query(`UPDATE main.${quote(table)} AS t SET ${set} WHERE ${condition}`)
}
