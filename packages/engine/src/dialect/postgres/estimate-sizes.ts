import { displayName } from '../../schema/schema'
import type { Queryable } from '../queryable'
import type { TableEstimate } from '../roles/introspection'
import { nameOf } from './names'
import { readableTables } from './statistics'
import { lastKnownSize, withoutWaiting } from './without-waiting'

interface Row {
  readonly schema: string | null
  readonly name: string
  /** The least of its partitions: -1 if one of them was never analyzed. */
  readonly least: number
  readonly rows: number
  readonly bytes: number
}

/** Before PostgreSQL 14, a table that was never analyzed has 0 rows on 0 pages. */
const rowsNow =
  'CASE WHEN c.reltuples = 0 AND c.relpages = 0 AND pg_relation_size(c.oid) > 0 THEN -1 ELSE c.reltuples END'

/** See `IntrospectionRole.estimateSizes`: the rows that the planner expects, and the size with indexes and large values. */
export async function estimateSizes(database: Queryable, tables: readonly string[]): Promise<readonly TableEstimate[]> {
  if (tables.length === 0) return []
  const read = async (rows: string, bytes: string): Promise<readonly TableEstimate[]> => {
    const found = (await database.query(
      `SELECT t.schema, t.name, coalesce(min(${rows}), 0)::float8 AS least, coalesce(sum(${rows}), 0)::float8 AS rows,
         coalesce(sum(${bytes}), 0)::float8 AS bytes
       FROM (SELECT c.oid, c.relkind, nullif(n.nspname, current_schema())::text AS schema, c.relname::text AS name ${readableTables}) t
       LEFT JOIN LATERAL (SELECT t.oid WHERE t.relkind = 'r'
         UNION ALL SELECT p.relid FROM pg_partition_tree(t.oid) p WHERE t.relkind = 'p' AND p.isleaf) part ON true
       LEFT JOIN pg_catalog.pg_class c ON c.oid = part.oid
       WHERE coalesce(t.schema || '.', '') || t.name = ANY ($1::text[])
       GROUP BY 1, 2 ORDER BY 1 NULLS FIRST, 2`,
      [tables],
    )) as Row[]
    return found.map((row) => ({
      name: displayName(nameOf(row)),
      rows: row.least < 0 ? null : Math.round(row.rows),
      bytes: Math.round(row.bytes),
    }))
  }
  return withoutWaiting(
    database,
    () => read(rowsNow, 'pg_total_relation_size(c.oid)'),
    () => read('c.reltuples', lastKnownSize),
  )
}
