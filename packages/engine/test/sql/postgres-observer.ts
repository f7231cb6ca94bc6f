import type { Client } from 'pg'

import { lockModes, type LockMode } from '../../src/sql/effects'

/** The state of a database at one time, read from its catalog, rows and locks. */
export interface Observation {
  readonly relations: ReadonlyMap<number, ObservedRelation>
  /** Rows of each table: values as text by the number of their column, which a rename does not change. */
  readonly rows: ReadonlyMap<number, readonly ReadonlyMap<number, string>[]>
  /** Catalog, rows and sequences as one text, which a statement that only reads does not change. */
  readonly fingerprint: string
  /** The strongest blocking lock of each relation. */
  readonly locks: ReadonlyMap<number, LockMode>
  /** Pairs of relations that the catalog connects: foreign keys, inheritance, indexes and their tables, views. */
  readonly links: readonly (readonly [number, number])[]
  /** False if an unqualified name may be in one of several schemas. */
  readonly isDefaultPath: boolean
}

interface ObservedRelation {
  readonly oid: number
  /** The name that effects use. */
  readonly text: string
  readonly name: string
  readonly kind: string
  readonly file: number
  /** Numbers of the columns that are not generated, by name. */
  readonly columns: ReadonlyMap<string, number>
}

interface RelationRow {
  readonly oid: number
  readonly text: string
  readonly schema: string
  readonly name: string
  readonly kind: string
  readonly file: number
  readonly columns: Record<string, number> | null
}

export async function observe(client: Client): Promise<Observation> {
  // Everything is qualified, because the statements may have changed the search path.
  const found = await client.query<RelationRow>(`
    SELECT c.oid::int, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind, c.relfilenode::int AS file,
      CASE WHEN n.nspname = 'public' OR n.nspname LIKE 'pg_temp%' THEN c.relname ELSE n.nspname || '.' || c.relname END AS text,
      (SELECT pg_catalog.jsonb_object_agg(attname, attnum) FROM pg_catalog.pg_attribute
        WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE (n.nspname IN ('public', 's', 's2') OR n.nspname LIKE 'pg_temp%') AND c.relkind IN ('r', 'p', 'v', 'm', 'i', 'I', 'S')`)
  const relations = new Map(
    found.rows.map(({ columns, ...row }) => [row.oid, { ...row, columns: new Map(Object.entries(columns ?? {})) }]),
  )
  const tableRows = found.rows.filter(({ kind }) => kind === 'r')
  const rows = await client.query<{ oid: number; rows: Record<string, unknown>[] }>(
    tableRows
      .map(
        ({ oid, schema, name }) =>
          `SELECT ${String(oid)} AS oid, coalesce(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(t) ORDER BY t::text), '[]') AS rows FROM ONLY ${quoted(schema)}.${quoted(name)} t`,
      )
      .join(' UNION ALL '),
  )
  const tables = new Map(
    rows.rows.map((row) => {
      const columns = relations.get(row.oid)?.columns ?? new Map<string, number>()
      return [row.oid, row.rows.map((one) => valuesOf(one, columns))] as const
    }),
  )
  const sequences = found.rows.filter(({ kind }) => kind === 'S')
  const positions = await Promise.all(
    sequences.map(({ schema, name }) =>
      client.query(`SELECT last_value, is_called FROM ${quoted(schema)}.${quoted(name)}`),
    ),
  )
  const lockRows = await client.query<{ oid: number; mode: string }>(`
    SELECT relation::int AS oid, mode FROM pg_catalog.pg_locks
    WHERE locktype = 'relation' AND pid = pg_catalog.pg_backend_pid() AND granted`)
  const locks = new Map<number, LockMode>()
  for (const { oid, mode } of lockRows.rows) {
    const level = lockModes.indexOf(words(mode))
    const before = locks.get(oid)
    if (level >= lockModes.indexOf('SHARE') && (before === undefined || lockModes.indexOf(before) < level))
      locks.set(oid, words(mode))
  }
  const links = await client.query<{ a: number; b: number }>(`
    SELECT conrelid::int AS a, confrelid::int AS b FROM pg_catalog.pg_constraint WHERE contype = 'f'
    UNION ALL SELECT inhrelid::int, inhparent::int FROM pg_catalog.pg_inherits
    UNION ALL SELECT indexrelid::int, indrelid::int FROM pg_catalog.pg_index
    UNION ALL SELECT DISTINCT r.ev_class::int, d.refobjid::int FROM pg_catalog.pg_rewrite r
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
      WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> r.ev_class`)
  const setting = await client.query<{ path: string }>(`SELECT pg_catalog.current_setting('search_path') AS path`)
  const path = setting.rows[0]?.path ?? ''
  return {
    relations,
    rows: tables,
    fingerprint: JSON.stringify([
      found.rows.map((row) => JSON.stringify(row)).sort(),
      rows.rows.map((row) => JSON.stringify(row)).sort(),
      positions.map((result) => result.rows as unknown),
    ]),
    locks,
    isDefaultPath: path.endsWith('public') && !path.includes('s,'),
    links: links.rows.map(({ a, b }) => [a, b] as const),
  }
}

function valuesOf(row: Record<string, unknown>, columns: ReadonlyMap<string, number>): ReadonlyMap<number, string> {
  return new Map(
    [...columns].flatMap(([name, number]) => {
      const value = row[name]
      if (value === null || value === undefined) return []
      return [[number, typeof value === 'string' ? value : JSON.stringify(value)] as const]
    }),
  )
}

/** Converts `AccessExclusiveLock` to `ACCESS EXCLUSIVE`. */
function words(mode: string): LockMode {
  return mode
    .replace(/Lock$/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase() as LockMode
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
