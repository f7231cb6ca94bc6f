import type { QueryRunner } from 'typeorm'

import { displayName } from '../../schema/schema'
import type { Queryable } from '../queryable'
import type { DatabaseDescription, ReplicationLag, TableSize } from '../roles/introspection'
import { isExtensionMember } from './introspect/fragments'
import { keptSchema } from './keep/names'
import { nameOf, parsePath, quoteName } from './names'

/** Tables with at least this many estimated rows are not counted. */
const hugeRows = 1_000_000

/** `{ name: 'app', version: '18.4' }`; never holds credentials. */
export async function describe(queryRunner: QueryRunner): Promise<DatabaseDescription> {
  const [row] = (await queryRunner.query(
    `SELECT current_database() AS name, current_setting('server_version') AS version`,
  )) as { name: string; version: string }[]
  return { name: row?.name ?? '', version: versionOf(row?.version ?? '') }
}

/** `15.14 (Debian 15.14-0+deb12u1)` without what the packager adds. */
export function versionOf(serverVersion: string): string {
  return serverVersion.split(' ')[0] ?? serverVersion
}

/** Tables that the user may read, without partitions and those of extensions. */
export const readableTables = `FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '${keptSchema}')
       AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
       AND NOT ${isExtensionMember('pg_class', 'c.oid')}`

/** Names of the tables, those of the default schema first and without it. */
export async function tableNames(database: Queryable): Promise<readonly string[]> {
  const tables = (await database.query(
    `SELECT nullif(n.nspname, current_schema())::text AS schema, c.relname::text AS name ${readableTables} ORDER BY 1 NULLS FIRST, 2`,
  )) as { schema: string | null; name: string }[]
  return tables.map((table) => displayName(nameOf(table)))
}

/**
 * Every table that the user may read, with its exact number of rows and its size on disk, including indexes and large
 * values; partitions count toward their table.
 */
export async function tableSizes(queryRunner: QueryRunner): Promise<readonly TableSize[]> {
  const tables = (await queryRunner.query(
    `SELECT nullif(n.nspname, current_schema())::text AS schema, c.relname::text AS name,
       (SELECT sum(pg_total_relation_size(p.relid)) FROM pg_partition_tree(c.oid) p) AS partitions,
       pg_total_relation_size(c.oid) AS bytes
     ${readableTables}
     ORDER BY 1 NULLS FIRST, 2`,
  )) as { schema: string | null; name: string; partitions: string | null; bytes: string }[]
  if (tables.length === 0) return []
  const named = tables.map((table) => ({
    name: nameOf(table),
    bytes: Number(table.partitions ?? table.bytes),
  }))
  const counts = (await queryRunner.query(
    named
      .map(({ name }, index) => `SELECT ${String(index)} AS place, count(*) AS rows FROM ${quoteName(name)}`)
      .join(' UNION ALL '),
  )) as { place: number; rows: string }[]
  const rows = new Map(counts.map((count) => [count.place, Number(count.rows)]))
  return named.map(({ name, bytes }, index) => ({ name: displayName(name), rows: rows.get(index) ?? 0, bytes }))
}

/** The planner's estimate for a huge table; null for a smaller one. */
export async function estimateRows(database: Queryable, table: string): Promise<number | null> {
  const [row] = (await database.query(
    'SELECT reltuples::float8 AS n FROM pg_catalog.pg_class WHERE oid = to_regclass($1)',
    [quoteName(parsePath(table))],
  )) as { n: number }[]
  return row !== undefined && row.n >= hugeRows ? Math.round(row.n) : null
}

/**
 * The lag of the slowest replica. Receivers that do not replay the log (pg_receivewal, a backup) are not replicas. The
 * lag of a replica that has caught up is null:
 * https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW
 * Subscribers of other databases of the server do not count: they receive nothing of this one, and may be paused for days.
 */
export async function replicationLag(database: Queryable): Promise<ReplicationLag | null> {
  const [row] = (await database.query(
    `SELECT count(*)::integer AS replicas, coalesce(max(extract(epoch FROM replay_lag)), 0)::float8 * 1000 AS ms,
       coalesce(max(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), replay_lsn)), 0)::float8 AS bytes
     FROM pg_catalog.pg_stat_replication r WHERE replay_lsn IS NOT NULL
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots s
         WHERE s.active_pid = r.pid AND s.database <> current_database())`,
  )) as { replicas: number; ms: number; bytes: number }[]
  return row === undefined || row.replicas === 0 ? null : { ms: row.ms, bytes: row.bytes }
}
