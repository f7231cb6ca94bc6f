import type { QueryRunner } from 'typeorm'

import { displayName } from '../../../schema/schema'
import type { Queryable } from '../../queryable'
import type { ColumnProfile, LiveProfile, TableProfile } from '../../roles/scale'
import { estimateSizes } from '../estimate-sizes'
import { nameOf } from '../names'
import { readableTables } from '../statistics'

interface ColumnRow {
  readonly schema: string | null
  readonly name: string
  readonly column: string
  readonly nulls: number
  readonly bytes: number
  /** Negative: as a share of the rows. */
  readonly distinct: number
  readonly correlation: number | null
  readonly prefix: number
}

interface TableRow {
  readonly schema: string | null
  readonly name: string
  readonly indexes: readonly string[]
  /** Share of the table that is in its TOAST table, where values of more than 2,000 bytes are. */
  readonly toast: number
}

/** Settings that decide how fast a statement is, and that a role or a database may have for itself. */
const settings = [
  'maintenance_work_mem',
  'work_mem',
  'max_parallel_maintenance_workers',
  'max_parallel_workers_per_gather',
  'synchronous_commit',
  'jit',
]

/** Above it, values outside the rows cost as much as the rows. */
const muchToast = 0.25

/**
 * The number of characters with which most texts begin: those that one of the first and one of the last bounds of the histogram share.
 * The bounds themselves stay in the database.
 */
const prefix = `SELECT count(*)::int FROM (SELECT s.histogram_bounds::text::text[] AS list) bounds, generate_series(1, 60) AS length
  WHERE left(list[1 + cardinality(list) / 10], length) = left(list[cardinality(list) - cardinality(list) / 10], length)
    AND length <= char_length(list[1 + cardinality(list) / 10])`

/** From this correlation on, the values count as ordered. */
const ordered = 0.9

/**
 * See `ScaleRole.profile`. What ANALYZE has found (`pg_stats`) without the values in it:
 * https://www.postgresql.org/docs/current/view-pg-stats.html
 */
export async function profile(queryRunner: QueryRunner, tables: readonly string[]): Promise<LiveProfile> {
  const sizes = new Map((await estimateSizes(queryRunner, tables)).map(({ name, rows }) => [name, rows]))
  const columns = (await queryRunner.query(
    `SELECT t.schema, t.name, s.attname::text AS column, s.null_frac::float8 AS nulls, s.avg_width::int AS bytes,
       s.n_distinct::float8 AS distinct, s.correlation::float8 AS correlation,
       (${prefix}) AS prefix
     FROM (SELECT nullif(n.nspname, current_schema())::text AS schema, n.nspname AS own, c.relname::text AS name, c.relkind AS kind ${readableTables}) t
     JOIN pg_catalog.pg_stats s ON s.schemaname = t.own AND s.tablename = t.name AND s.inherited = (t.kind = 'p')
     WHERE coalesce(t.schema || '.', '') || t.name = ANY ($1::text[])`,
    [tables],
  )) as ColumnRow[]
  const relations = (await queryRunner.query(
    `SELECT t.schema, t.name,
       ARRAY(SELECT x.relname::text FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
         WHERE i.indrelid = t.oid ORDER BY 1) AS indexes,
       coalesce((SELECT o.relpages / nullif(o.relpages + t.pages, 0)::float8 FROM pg_catalog.pg_class o WHERE o.oid = t.toast), 0) AS toast
     FROM (SELECT nullif(n.nspname, current_schema())::text AS schema, c.relname::text AS name, c.oid,
       c.reltoastrelid AS toast, c.relpages AS pages ${readableTables}) t
     WHERE coalesce(t.schema || '.', '') || t.name = ANY ($1::text[])`,
    [tables],
  )) as TableRow[]
  const found = relations.map((relation): [string, TableProfile] => {
    const name = displayName(nameOf(relation))
    const rows = sizes.get(name) ?? null
    const own = columns.filter((column) => displayName(nameOf(column)) === name)
    return [
      name,
      {
        rows,
        columns: new Map(own.map((column) => [column.column, columnOf(column, rows)])),
        indexes: relation.indexes,
        ...(relation.toast > muchToast && { unlike: `large values of ${name} are stored outside its rows` }),
      },
    ]
  })
  return {
    tables: new Map(found),
    server: await serverOf(queryRunner),
    settings: await settingsOf(queryRunner),
  }
}

function columnOf(
  { nulls, bytes, distinct, correlation, prefix: shared }: ColumnRow,
  rows: number | null,
): ColumnProfile {
  return {
    nulls,
    bytes,
    prefix: shared,
    distinct: distinct >= 0 ? distinct : rows === null ? null : Math.max(1, Math.round(-distinct * rows)),
    ordered: Math.abs(correlation ?? 0) >= ordered,
  }
}

/** Two servers hardly start in the same microsecond. */
export async function serverOf(database: Queryable): Promise<string> {
  const [row] = (await database.query(
    `SELECT pg_postmaster_start_time()::text || ' ' || current_setting('port') AS server`,
  )) as { server: string }[]
  return row?.server ?? ''
}

async function settingsOf(database: Queryable): Promise<Readonly<Record<string, string>>> {
  const rows = (await database.query(
    'SELECT name, setting || coalesce(unit, $2) AS value FROM pg_catalog.pg_settings WHERE name = ANY ($1::text[])',
    [settings, ''],
  )) as { name: string; value: string }[]
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
}
