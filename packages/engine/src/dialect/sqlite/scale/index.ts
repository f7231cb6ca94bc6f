import type { Column, ObjectName, Table } from '../../../schema/schema'
import type { Queryable } from '../../queryable'
import type { ColumnValue, LiveProfile, ScaleRole, ValueShape } from '../../roles/scale'
import { quote, quoteText } from '../quote'
import { pragmas, profile } from './profile'

/** See `ScaleRole`. */
export const scale: ScaleRole = {
  // Larger than the cache of a connection: pages are written before the end of the transaction, as with a large table.
  sizes: [50_000, 400_000],
  growth: (sql) => (/^\s*(?:CREATE\s+(?:UNIQUE\s+)?INDEX|REINDEX)\b/i.test(sql) ? 'sorting' : 'linear'),
  profile,
  fit,
  insert,
  value,
  // It looks keys up one by one, whatever the number of rows.
  plansAsLive: () => Promise.resolve(false),
  settle,
  // One lock is on all tables.
  blocks: () => null,
  // Readers of a file with a rollback journal wait while pages are written to it: https://www.sqlite.org/lockingv3.html#writing
  blocksAll: ({ settings }) => (settings['journal_mode'] === 'wal' ? 'writes' : 'reads and writes'),
}

async function fit(scratch: Queryable, live: LiveProfile): Promise<string | null> {
  if (live.file === undefined) return 'the database is in memory'
  for (const name of pragmas) {
    const value = live.settings[name]
    if (value !== undefined && /^-?\w+$/.test(value)) await scratch.query(`PRAGMA ${name} = ${value}`)
  }
  return null
}

function insert(table: Table, values: readonly ColumnValue[], rows: number): string {
  const names = values.map(({ column }) => quote(column.name)).join(', ')
  const columns = values.map(({ sql }) => sql).join(', ')
  return `INSERT INTO ${quote(table.name)} (${names}) WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${String(rows)}) SELECT ${columns} FROM numbers`
}

/** From what width on a text begins with a hash, so that texts differ in their first characters as names do. */
const hashed = 12

const filler = 'a text that is as long as those of the live database, and made of words as many of them are '

function words(v: string, bytes: number | null, longest: number): string {
  const width = Math.max(1, Math.min(Math.round(bytes ?? 16), longest))
  if (width < hashed) return `printf('%0${String(Math.min(width, 8))}x', ${v})`
  // Different numbers have different hashes below 2^32: the factor is odd.
  const rest = filler.repeat(Math.ceil(width / filler.length)).slice(0, width - 8)
  return `(printf('%08x', ((${v}) * 2654435769) & 4294967295) || ${quoteText(rest)})`
}

/** See `ScaleRole.value`: by SQLite's own rules, https://sqlite.org/datatype3.html#determination_of_column_affinity */
function value({ type }: Column, v: string, { bytes }: ValueShape): string | null {
  if (/^datetime|^timestamp/.test(type)) return `datetime('2020-01-01', '+' || (${v}) || ' seconds')`
  if (type.startsWith('date')) return `date('2000-01-01', '+' || ((${v}) % 20000) || ' days')`
  if (type.startsWith('time')) return `time((${v}) % 86400, 'unixepoch')`
  if (type.startsWith('bool')) return `((${v}) % 2)`
  if (type.includes('json')) return `json_object('sample', ${words(v, (bytes ?? 40) - 13, Infinity)})`
  if (type.includes('int')) return `(${v})`
  if (type.includes('blob')) return `CAST(${words(v, bytes, Infinity)} AS BLOB)`
  if (/char|clob|text|uuid|^any$|^$/.test(type)) {
    const [, longest] = /\((\d+)\)/.exec(type) ?? []
    return words(v, bytes, longest === undefined ? Infinity : Number(longest))
  }
  return `((${v}) / 16.0)`
}

/** The live file is read from the file system, and so is this one. */
async function settle(scratch: Queryable, _: readonly ObjectName[], live: LiveProfile): Promise<void> {
  if (live.settings['journal_mode'] === 'wal') await scratch.query('PRAGMA wal_checkpoint(TRUNCATE)')
  await scratch.query('PRAGMA shrink_memory')
}
