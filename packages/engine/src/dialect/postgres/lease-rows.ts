import type { Queryable } from '../queryable'
import type { LockHolder } from '../roles/locks'
import { sqlStateOf } from './errors'
import { createSchema, createTable } from './journal'
import type { LockKey } from './lock-key'

/**
 * The table of leases: one row for each history table. All times are the server's, independent of the clients' clocks.
 * Each statement is a separate transaction, changes one row, and never waits for another session.
 *
 * The token grows with every new lease; a run with an older token cannot commit.
 */

/** `undefined_table` */
const missingTable = '42P01'
/**
 * Another session creates the table or the schema at the same moment: `unique_violation`, `duplicate_table`,
 * `duplicate_schema`, and `duplicate_object` for the type that every table has.
 */
const createdMeanwhile = new Set(['23505', '42P07', '42P06', '42710'])

/** A lease that was taken. */
export interface Lease {
  /** bigint, as text */
  readonly token: string
  /** The run whose lease expired without a release; null when it was free. */
  readonly previous: string | null
}

interface LeaseOwner {
  /** `user@host` */
  readonly owner: string
  readonly pid: number
  /** UUID */
  readonly run: string
  readonly leaseMs: number
}

/** Statements that create the table. */
function createLeases(key: LockKey, schemaOf: string): readonly string[] {
  return [
    ...createSchema(schemaOf),
    createTable(key.leaseTable, [
      '"key" character varying(255) NOT NULL PRIMARY KEY',
      '"owner" character varying(255)',
      '"pid" integer',
      '"run_id" character varying(36)',
      '"acquired_at" timestamp with time zone',
      '"heartbeat_at" timestamp with time zone',
      '"expires_at" timestamp with time zone NOT NULL',
      '"token" bigint NOT NULL',
    ]),
  ]
}

/** Takes the lease when it is free or has ended, in one statement; undefined when another run has it. */
async function tryLease(database: Queryable, key: LockKey, by: LeaseOwner): Promise<Lease | undefined> {
  // One timestamp for all three: each call of clock_timestamp() returns another one.
  const values = `$2::text, $3::integer, $4::text, "at", "at", "at" + $5 * interval '1 ms'`
  // SKIP LOCKED: the holder is about to commit a locked row.
  const [row] = (await database.query(
    `WITH moment AS (SELECT clock_timestamp() AS "at"), free AS (
       SELECT "key", "run_id" FROM ${key.leaseTable} WHERE "key" = $1 AND "expires_at" <= clock_timestamp() FOR UPDATE SKIP LOCKED
     ), taken AS (
       UPDATE ${key.leaseTable} l SET ("owner", "pid", "run_id", "acquired_at", "heartbeat_at", "expires_at") = ROW (${values}),
         "token" = l."token" + 1
       FROM free, moment WHERE l."key" = free."key" RETURNING l."token", free."run_id" AS previous
     ), made AS (
       INSERT INTO ${key.leaseTable} ("key", "owner", "pid", "run_id", "acquired_at", "heartbeat_at", "expires_at", "token")
       SELECT $1, ${values}, 1 FROM moment WHERE NOT EXISTS (SELECT FROM ${key.leaseTable} WHERE "key" = $1)
       ON CONFLICT ("key") DO NOTHING RETURNING "token", NULL::text AS previous
     )
     SELECT "token"::text AS token, previous FROM taken UNION ALL SELECT "token"::text, previous FROM made`,
    [key.leaseRow, by.owner.slice(0, 255), by.pid, by.run, by.leaseMs],
  )) as Lease[]
  return row
}

/** Takes the lease when it is free or has ended, and creates its table when missing; undefined when another run has it. */
export async function takeLease(
  database: Queryable,
  key: LockKey,
  schemaOf: string,
  by: LeaseOwner,
): Promise<Lease | undefined> {
  try {
    return await tryLease(database, key, by)
  } catch (error) {
    if (sqlStateOf(error) !== missingTable && sqlStateOf(error) !== '3F000') throw error
  }
  for (const sql of createLeases(key, schemaOf)) {
    try {
      await database.query(sql)
    } catch (error) {
      // IF NOT EXISTS is not atomic: of several concurrent sessions, all but one may fail.
      if (!createdMeanwhile.has(sqlStateOf(error) ?? '')) throw error
    }
  }
  return tryLease(database, key, by)
}

/** Renews the lease; false when another run has it. */
export async function renewLease(database: Queryable, key: LockKey, token: string, leaseMs: number): Promise<boolean> {
  const rows = await database.query(
    `WITH mine AS (
       UPDATE ${key.leaseTable} SET "heartbeat_at" = "at", "expires_at" = "at" + $3 * interval '1 ms'
       FROM (SELECT clock_timestamp() AS "at") moment
       WHERE "key" = $1 AND "token" = $2 AND "run_id" IS NOT NULL RETURNING 1
     ) SELECT FROM mine`,
    [key.leaseRow, token, leaseMs],
  )
  return (rows as unknown[]).length > 0
}

/** Whether the lease is still ours; `lock` keeps it so until the transaction ends. */
export async function ownsLease(
  database: Queryable,
  key: LockKey,
  token: string,
  { lock = false, name }: { readonly lock?: boolean; readonly name?: string } = {},
): Promise<boolean> {
  const columns = name === undefined ? '' : `set_config('application_name', $3, true)`
  const rows = await database.query(
    `SELECT ${columns} FROM ${key.leaseTable} WHERE "key" = $1 AND "token" = $2 AND "run_id" IS NOT NULL${lock ? ' FOR UPDATE' : ''}`,
    [key.leaseRow, token, ...(name === undefined ? [] : [name])],
  )
  return (rows as unknown[]).length > 0
}

/** Ends the lease with this token; false when it has been replaced since. */
export async function endLease(database: Queryable, key: LockKey, token: string): Promise<boolean> {
  const rows = await database.query(
    `WITH mine AS (
       SELECT "key" FROM ${key.leaseTable} WHERE "key" = $1 AND "token" = $2 AND "run_id" IS NOT NULL FOR UPDATE SKIP LOCKED
     ), ended AS (
       UPDATE ${key.leaseTable} l SET "owner" = NULL, "pid" = NULL, "run_id" = NULL, "expires_at" = clock_timestamp()
       FROM mine WHERE l."key" = mine."key" RETURNING 1
     ) SELECT FROM ended`,
    [key.leaseRow, token],
  )
  return (rows as unknown[]).length > 0
}

/** True when a run has a lease that has not ended. */
export async function liveLease(database: Queryable, key: LockKey): Promise<boolean> {
  if (!key.hasLeases) {
    const [found] = (await database.query('SELECT to_regclass($1) IS NOT NULL AS there', [key.leaseTable])) as {
      there: boolean
    }[]
    if (found?.there !== true) return false
  }
  const rows = await database.query(
    `SELECT FROM ${key.leaseTable} WHERE "key" = $1 AND "run_id" IS NOT NULL AND "expires_at" > clock_timestamp()`,
    [key.leaseRow],
  )
  return (rows as unknown[]).length > 0
}

interface LeaseRow {
  readonly owner: string | null
  readonly pid: number | null
  readonly acquired: Date
  readonly heartbeat: Date
  readonly expires: Date
  readonly age: string
  readonly live: boolean
  readonly token: string
}

/** The current lease, whether it has ended or not; null when it was released. */
export async function readLease(database: Queryable, key: LockKey): Promise<LockHolder | null> {
  if (!key.hasLeases) return null
  const [row] = (await database.query(
    `SELECT "owner", "pid", "acquired_at" AS acquired, "heartbeat_at" AS heartbeat, "expires_at" AS expires, "token"::text AS token,
       extract(epoch FROM clock_timestamp() - "acquired_at") * 1000 AS age, "expires_at" > clock_timestamp() AS live
     FROM ${key.leaseTable} WHERE "key" = $1 AND "run_id" IS NOT NULL`,
    [key.leaseRow],
  )) as LeaseRow[]
  if (row === undefined) return null
  return {
    kind: 'lease',
    owner: row.owner,
    pid: row.pid,
    since: toSecond(row.acquired),
    ageMs: Math.max(0, Math.round(Number(row.age))),
    live: row.live,
    heartbeatAt: toSecond(row.heartbeat),
    expiresAt: toSecond(row.expires),
    token: row.token,
  }
}

function toSecond(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}
