import { displayName } from '../../schema/schema'
import type { Queryable } from '../queryable'
import type { TableEstimate } from '../roles/introspection'
import { nameOf, quoteName } from './names'
import { readableTables } from './statistics'
import { lastKnownSize, withoutWaiting } from './without-waiting'

/** Bytes of a table up to which its rows are counted if nothing has analyzed it: autovacuum leaves small tables alone for long. */
const countedBytes = 8 * 1024 * 1024

interface Row {
  readonly schema: string | null
  readonly name: string
  /** `r`, or `p` for a partitioned table, whose partitions may be on other servers. */
  readonly kind: string
  /** The least of its partitions: -1 if one of them was never analyzed. */
  readonly least: number
  readonly rows: number
  readonly bytes: number
}

/** Before PostgreSQL 14, a table that was never analyzed has 0 rows on 0 pages. */
const rowsNow =
  'CASE WHEN c.reltuples = 0 AND c.relpages = 0 AND pg_relation_size(c.oid) > 0 THEN -1 ELSE c.reltuples END'

/**
 * See `IntrospectionRole.estimateSizes`: the rows that the planner expects, or the exact number of a small table that nothing has
 * analyzed; and the size with indexes and large values.
 */
export async function estimateSizes(database: Queryable, tables: readonly string[]): Promise<readonly TableEstimate[]> {
  if (tables.length === 0) return []
  const read = async (rows: string, bytes: string): Promise<readonly Row[]> =>
    (await database.query(
      `SELECT t.schema, t.name, t.relkind AS kind, coalesce(min(${rows}), 0)::float8 AS least,
         coalesce(sum(${rows}), 0)::float8 AS rows, coalesce(sum(${bytes}), 0)::float8 AS bytes
       FROM (SELECT c.oid, c.relkind, nullif(n.nspname, current_schema())::text AS schema, c.relname::text AS name ${readableTables}) t
       LEFT JOIN LATERAL (SELECT t.oid WHERE t.relkind = 'r'
         UNION ALL SELECT p.relid FROM pg_partition_tree(t.oid) p WHERE t.relkind = 'p' AND p.isleaf) part ON true
       LEFT JOIN pg_catalog.pg_class c ON c.oid = part.oid
       WHERE coalesce(t.schema || '.', '') || t.name = ANY ($1::text[])
       GROUP BY 1, 2, 3 ORDER BY 1 NULLS FIRST, 2`,
      [tables],
    )) as Row[]
  return withoutWaiting(
    database,
    async () => {
      const found = await read(rowsNow, 'pg_total_relation_size(c.oid)')
      const counts = await countRows(
        database,
        found.filter(({ kind, least, bytes }) => kind === 'r' && least < 0 && bytes <= countedBytes),
      )
      return found.map((row) => estimateOf(row, counts.get(row)))
    },
    async () => (await read('c.reltuples', lastKnownSize)).map((row) => estimateOf(row)),
  )
}

async function countRows(database: Queryable, tables: readonly Row[]): Promise<ReadonlyMap<Row, number>> {
  if (tables.length === 0) return new Map()
  const counts = (await database.query(
    tables
      .map(
        (table, place) => `SELECT ${String(place)} AS place, count(*)::float8 AS rows FROM ${quoteName(nameOf(table))}`,
      )
      .join(' UNION ALL '),
  )) as { place: number; rows: number }[]
  return new Map(
    counts.flatMap(({ place, rows }) => {
      const table = tables[place]
      return table === undefined ? [] : [[table, rows] as const]
    }),
  )
}

function estimateOf(row: Row, counted?: number): TableEstimate {
  return {
    name: displayName(nameOf(row)),
    rows: counted ?? (row.least < 0 ? null : Math.round(row.rows)),
    bytes: Math.round(row.bytes),
  }
}
