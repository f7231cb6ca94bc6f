import { parseType } from '../../../operations/columns/type-change'
import { type Column, displayName, type ObjectName, type Table } from '../../../schema/schema'
import { isStronger, type TableLock } from '../../../sql/effects'
import type { Queryable } from '../../queryable'
import type { Blocks, ColumnValue, LiveProfile, ScaleRole, ValueShape } from '../../roles/scale'
import { text } from '../literal'
import { quote, quoteName } from '../names'
import { howToSetRows } from './planned-rows'
import { profile, serverOf } from './profile'

/** See `ScaleRole`. */
export const scale: ScaleRole = {
  sizes: [20_000, 160_000],
  growth: (sql) => (sorting.test(sql) ? 'sorting' : 'linear'),
  profile,
  fit,
  insert,
  value,
  plansAsLive: async (scratch) => (await howToSetRows(scratch)) !== null,
  settle,
  blocks,
  // Each table has locks of its own.
  blocksAll: () => null,
}

/** Builds an index, or adds rows to those that are there. */
const sorting =
  /^\s*(?:CREATE\s+(?:UNIQUE\s+)?INDEX|REINDEX|CLUSTER|UPDATE|INSERT|MERGE)\b|\bADD\b.*\b(?:PRIMARY\s+KEY|UNIQUE|EXCLUDE)\b/is

async function fit(scratch: Queryable, live: LiveProfile): Promise<string | null> {
  if ((await serverOf(scratch)) !== live.server) return 'the scratch database is on another server'
  const names = Object.keys(live.settings)
  if (names.length > 0)
    await scratch.query(
      `SELECT ${names.map((_, at) => `set_config($${String(2 * at + 1)}, $${String(2 * at + 2)}, false)`).join(', ')}`,
      names.flatMap((name) => [name, live.settings[name]]),
    )
  return null
}

function insert(table: Table, values: readonly ColumnValue[], rows: number): string {
  const names = values.map(({ column }) => quote(column.name)).join(', ')
  const isGiven = values.some(({ column }) => column.identity !== undefined)
  const columns = values.map(({ sql }) => sql).join(', ')
  return `INSERT INTO ${quoteName(table)} (${names}) ${isGiven ? 'OVERRIDING SYSTEM VALUE ' : ''}SELECT ${columns} FROM generate_series(1::bigint, ${String(rows)}) AS numbers(n)`
}

type Maker = (v: string, shape: ValueShape, args: readonly number[]) => string

/** From what width on the text begins with a hash, so that texts differ in their first characters as names do. */
const hashed = 12

const words: Maker = (v, { bytes, prefix }, [length]) => {
  // The width of a value includes one byte of its own.
  const width = Math.max(1, Math.min(bytes === null ? 16 : bytes - 1, length ?? Infinity))
  const shared = Math.min(prefix, Math.max(0, width - 8))
  const rest = width - shared
  const hash = `md5((${v})::text)`
  const own =
    rest >= hashed
      ? `rpad(${hash}, ${String(rest)}, ${hash})`
      : `lpad(to_hex(${v}), greatest(length(to_hex(${v})), ${String(Math.min(rest, 8))}), '0')`
  return shared === 0 ? own : `(repeat('x', ${String(shared)}) || ${own})`
}
const whole: Maker = (v) => `(${v})`
const moment: Maker = (v) => `${text('2020-01-01 00:00:00+00')}::timestamptz + (${v}) * interval '1 second'`
const document: Maker = (v, { bytes }) =>
  `jsonb_build_object('sample', rpad(md5((${v})::text), ${String(Math.max(8, (bytes ?? 40) - 20))}, md5((${v})::text)))`

const makers: Readonly<Record<string, Maker>> = {
  smallint: (v) => `((${v}) % 32000)`,
  integer: whole,
  bigint: whole,
  real: (v) => `((${v}) / 16.0)`,
  'double precision': (v) => `((${v}) / 16.0)`,
  numeric: (v, _, [precision, places = 0]) =>
    precision === undefined
      ? `((${v})::numeric / 100)`
      : `(((${v}) % ${String(10 ** Math.min(precision, 15))})::numeric / ${String(10 ** Math.max(places, 0))})`,
  text: words,
  citext: words,
  'character varying': words,
  uuid: (v) => `md5((${v})::text)::uuid`,
  json: document,
  jsonb: document,
  bytea: (v, shape) => `convert_to(${words(v, shape, [])}, 'UTF8')`,
  date: (v) => `(${text('2000-01-01')}::date + ((${v}) % 20000)::integer)`,
  'timestamp without time zone': (v, ...rest) => `(${moment(v, ...rest)}) AT TIME ZONE 'UTC'`,
  'timestamp with time zone': moment,
}

function value(column: Column, v: string, shape: ValueShape): string | null {
  if (column.enum !== undefined) return null
  const { base, args } = parseType(column.type)
  const maker = makers[base]
  return maker === undefined || column.type.endsWith('[]') ? null : `(${maker(v, shape, args)})::${column.type}`
}

/**
 * VACUUM FULL leaves no page to be written later, and frozen rows, as those of a table that was vacuumed. Nothing else of the server is
 * touched. Indexes are built after it: that brings a table of this size into the shared buffers, where a scan takes about a tenth less
 * than one of a large table, which PostgreSQL reads past them.
 */
async function settle(scratch: Queryable, tables: readonly ObjectName[], live: LiveProfile): Promise<void> {
  const setRows = await howToSetRows(scratch)
  for (const table of tables) {
    await scratch.query(`ANALYZE ${quoteName(table)}`)
    await scratch.query(`VACUUM (FULL) ${quoteName(table)}`)
    const rows = live.tables.get(displayName(table))?.rows ?? null
    // The planner multiplies what it finds for a page by the pages that there are.
    if (setRows !== null && rows !== null && rows > 0)
      await scratch.query(setRows, [table.schema ?? null, table.name, rows])
  }
}

/** https://www.postgresql.org/docs/current/explicit-locking.html#TABLE-LOCK-COMPATIBILITY */
function blocks({ level, isIndex }: TableLock): Blocks | null {
  if (isIndex === true) return null
  if (level === 'ACCESS EXCLUSIVE') return 'reads and writes'
  if (level === 'SHARE' || isStronger(level, 'SHARE')) return 'writes'
  return level === 'ROW EXCLUSIVE' ? 'changed rows' : null
}
