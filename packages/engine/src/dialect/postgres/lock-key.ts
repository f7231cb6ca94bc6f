import type { Queryable } from '../queryable'
import { beside } from '../../schema/schema'
import { parsePath, quoteName } from './names'

/** First halves of the two advisory locks: "alud" and "aluw" in ASCII. */
export const migratorClass = 0x616c7564
export const workerClass = 0x616c7577

/** First half of the advisory lock by which a run proves that its session lives: "alur" in ASCII. */
export const runClass = 0x616c7572

/** Identifies the lock of one history table, as advisory locks and as a lease. */
export interface LockKey {
  /** Second half of the advisory locks. */
  readonly id: number
  /** Quoted name of the table of leases, and the key of the row in it. */
  readonly leaseTable: string
  readonly leaseRow: string
  /** Whether the table of leases existed when this key was read. */
  readonly hasLeases: boolean
}

/** The table of leases, in the schema of the history. */
export const leaseTableName = 'aludel_lock'

/**
 * The lock's key, derived from the schema and the history table, so that tenants in schemas of one database do not wait for
 * each other. Advisory locks belong to a database anyway.
 *
 * @param database the session of the run, whose default schema is used unless `key` contains one
 */
export async function lockKey(database: Queryable, key: string): Promise<LockKey> {
  const { schema, name } = parsePath(key)
  const leaseTable = quoteName(beside(parsePath(key), leaseTableName))
  const [row] = (await database.query(
    `SELECT hashtext($1::text || '/' || coalesce($2::text, current_schema(), '')) AS id, to_regclass($3) IS NOT NULL AS leases`,
    [name, schema ?? null, leaseTable],
  )) as { id: number; leases: boolean }[]
  return { id: Number(row?.id), leaseTable, leaseRow: name, hasLeases: row?.leases === true }
}

/** The condition on `pg_locks` for both advisory locks. */
export function isOurs({ id }: LockKey, alias: string): string {
  return (
    `${alias}.locktype = 'advisory' AND ${alias}.granted AND ${alias}.objsubid = 2` +
    ` AND ${alias}.classid::bigint IN (${String(migratorClass)}, ${String(workerClass)})` +
    ` AND ${alias}.objid::bigint = ${String(id < 0 ? id + 2 ** 32 : id)}` +
    ` AND ${alias}.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`
  )
}
