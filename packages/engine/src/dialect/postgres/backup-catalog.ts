import type { QueryRunner } from 'typeorm'

import type { Queryable } from '../queryable'
import type { BackedUpDatabase, TablePath } from '../roles/backup'
import { isExtensionMember } from './introspect/fragments'
import { parsePath, quote, quoteName } from './names'
import { versionOf } from './statistics'
import { lastKnownSize, withoutWaiting } from './without-waiting'

/**
 * What a dump does not contain of its database, as it only has what is inside of it: see CREATE DATABASE, ALTER DATABASE, and the
 * view pg_db_role_setting. Absent where the server has no such setting.
 */
export interface DatabaseSettings {
  readonly owner: string
  /** `UTF8` */
  readonly encoding: string
  readonly collate: string
  readonly ctype: string
  /** `c`, `i` (ICU), `b` (built in); since PostgreSQL 15. */
  readonly localeProvider?: string
  /** The locale of ICU or of the built-in provider. */
  readonly locale?: string
  readonly icuRules?: string
  readonly tablespace: string
  /** -1: no limit. */
  readonly connectionLimit: number
  readonly comment?: string
  /** Entries like `role=CTc/owner`; absent: the default rights. */
  readonly acl?: readonly string[]
  /** `ALTER DATABASE … SET` (role null), and `ALTER ROLE … IN DATABASE … SET`: entries like `search_path=app, public`. */
  readonly configuration: readonly { readonly role: string | null; readonly settings: readonly string[] }[]
}

/** A row of pg_database; later versions have more columns. */
interface DatabaseRow {
  readonly datcollate: string
  readonly datctype: string
  readonly datlocprovider?: string
  readonly datlocale?: string | null
  readonly daticulocale?: string | null
  readonly daticurules?: string | null
  readonly datconnlimit: number
  readonly datacl: readonly string[] | null
}

/** See `BackupRole.describe`. */
export async function describeBackup(queryRunner: QueryRunner): Promise<BackedUpDatabase> {
  const [found] = (await queryRunner.query(
    `SELECT d.datname::text AS name, current_setting('server_version') AS version, to_jsonb(d) AS row,
       pg_get_userbyid(d.datdba)::text AS owner, pg_encoding_to_char(d.encoding)::text AS encoding,
       shobj_description(d.oid, 'pg_database') AS comment, t.spcname::text AS tablespace,
       (SELECT coalesce(json_agg(json_build_object('role', r.rolname, 'settings', s.setconfig) ORDER BY r.rolname NULLS FIRST), '[]')
        FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
        WHERE s.setdatabase = d.oid) AS configuration
     FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace
     WHERE d.datname = current_database()`,
  )) as {
    name: string
    version: string
    row: DatabaseRow
    owner: string
    encoding: string
    comment: string | null
    tablespace: string
    configuration: DatabaseSettings['configuration']
  }[]
  if (found === undefined) throw new Error('the server does not describe this database')
  const { row } = found
  const settings: DatabaseSettings = {
    owner: found.owner,
    encoding: found.encoding,
    collate: row.datcollate,
    ctype: row.datctype,
    localeProvider: row.datlocprovider,
    locale: row.datlocale ?? row.daticulocale ?? undefined,
    icuRules: row.daticurules ?? undefined,
    tablespace: found.tablespace,
    connectionLimit: row.datconnlimit,
    comment: found.comment ?? undefined,
    acl: row.datacl ?? undefined,
    configuration: found.configuration,
  }
  const server = await serverOf(queryRunner)
  return { name: found.name, serverVersion: versionOf(found.version), server, settings: { ...settings } }
}

/** The number that a server gets when it is initialized, and its replicas have too; undefined where it is not readable. */
async function serverOf(queryRunner: QueryRunner): Promise<string | undefined> {
  try {
    const [row] = (await queryRunner.query(
      'SELECT system_identifier::text AS server FROM pg_catalog.pg_control_system()',
    )) as { server: string }[]
    return row?.server
  } catch {
    return undefined
  }
}

/**
 * How much smaller a compressed dump is than its tables, at least: it has neither indexes, row headers nor free space. Data that
 * does not compress needs more, and the backup then fails when the disk is full.
 */
const compression = 3

/** See `BackupRole.estimate`: a third of all tables and large objects for a compressed dump; the tables for a copy as text. */
export async function estimateBackup(database: Queryable, tables: readonly TablePath[] | null): Promise<number> {
  if (tables?.length === 0) return 0
  const read = async (size: string): Promise<number> => {
    const [row] = (await database.query(
      `SELECT coalesce(sum(${size}), 0)::float8 AS bytes
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE ${tables === null ? allTables : theseTables}`,
      tables === null ? [] : [tables.map(quoteName)],
    )) as { bytes: number }[]
    return Math.round((row?.bytes ?? 0) / (tables === null ? compression : 1))
  }
  return withoutWaiting(
    database,
    () => read('pg_table_size(c.oid)'),
    () => read(lastKnownSize),
  )
}

const allTables = `c.relkind IN ('r', 'm') AND
  (n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' OR c.oid = 'pg_catalog.pg_largeobject'::regclass)`
const theseTables = `c.oid = ANY ($1::regclass[]) OR c.oid IN (SELECT p.relid FROM unnest($1::regclass[]) t, pg_partition_tree(t) p)`

/**
 * See `BackupRole.tablesOf`. A partitioned table stands for its partitions; other children of a table are copied themselves, since
 * its own rows do not include theirs. Tables follow that a foreign key empties or changes along with a table.
 */
export async function tablesOf(database: Queryable, names: readonly string[]): Promise<readonly TablePath[]> {
  if (names.length === 0) return []
  return (await database.query(
    `WITH RECURSIVE named(oid) AS (
       SELECT to_regclass(t)::oid FROM unnest($1::text[]) t
       UNION SELECT r.oid FROM named d CROSS JOIN LATERAL (
         SELECT i.inhrelid AS oid FROM pg_catalog.pg_inherits i
           JOIN pg_catalog.pg_class p ON p.oid = i.inhparent AND p.relkind = 'r' WHERE i.inhparent = d.oid
         UNION ALL SELECT k.conrelid FROM pg_catalog.pg_constraint k
           WHERE k.confrelid = d.oid AND k.contype = 'f' AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd'))
       ) r
     )
     SELECT n.nspname::text AS schema, c.relname::text AS name
     FROM named d JOIN pg_catalog.pg_class c ON c.oid = d.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') ORDER BY 1, 2`,
    [names.map((name) => quoteName(parsePath(name)))],
  )) as TablePath[]
}

/** A table of whose rows a dump has a copy. */
export interface DumpedTable {
  readonly oid: number
  readonly schema: string
  readonly name: string
}

/** The tables that `pg_dump` copies, partitions one by one. On a replica, rows of unlogged tables do not exist. */
export async function dumpedTables(database: Queryable): Promise<readonly DumpedTable[]> {
  return (await database.query(
    `SELECT c.oid::bigint::float8 AS oid, n.nspname::text AS schema, c.relname::text AS name
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND (c.relpersistence = 'p' OR c.relpersistence = 'u' AND NOT pg_is_in_recovery())
       AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT ${isExtensionMember('pg_class', 'c.oid')}
     ORDER BY 2, 3`,
  )) as DumpedTable[]
}

/** Tables in one query. */
const tablesAtOnce = 100

/** The own rows of each table, without those of its children, in the order of `tables`. */
export async function countRows(database: Queryable, tables: readonly TablePath[]): Promise<readonly number[]> {
  const counts: number[] = []
  for (let from = 0; from < tables.length; from += tablesAtOnce) {
    const queries = tables
      .slice(from, from + tablesAtOnce)
      .map((table, index) => `SELECT ${String(index)} AS place, count(*)::float8 AS rows FROM ONLY ${pathOf(table)}`)
    const rows = (await database.query(queries.join(' UNION ALL '))) as { place: number; rows: number }[]
    for (const { place, rows: count } of rows) counts[from + place] = count
  }
  return counts
}

/** The quoted path. */
export function pathOf({ schema, name }: TablePath): string {
  return schema === undefined ? quote(name) : `${quote(schema)}.${quote(name)}`
}
