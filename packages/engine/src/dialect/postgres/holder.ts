import type { QueryRunner } from 'typeorm'

import type { Queryable } from '../queryable'
import type { LockHolder } from '../roles/locks'
import { readLease } from './lease-rows'
import { isOurs, lockKey, migratorClass } from './lock-key'

/** Bytes left in `application_name`, which holds `NAMEDATALEN - 1`; a time takes 20. */
const roomForName = 63 - 20

/** The format of times: ISO 8601 in UTC, to the second. */
const isoFormat = `'YYYY-MM-DD"T"HH24:MI:SS"Z"'`

/** Shows in the server's list of sessions who has the lock, and since when by the server's clock. */
export async function nameSession(session: Queryable, owner = 'unknown'): Promise<void> {
  const process_ = ` ${String(process.pid)} `
  // The server replaces non-ASCII characters, in later versions by longer text.
  const name = `aludel ${owner.replaceAll(/[^!-~]/g, '?')}`.slice(0, roomForName - process_.length)
  await session.query(
    `SELECT set_config('application_name', $1 || to_char(clock_timestamp() AT TIME ZONE 'UTC', ${isoFormat}), false)`,
    [name + process_],
  )
}

interface Row {
  readonly pid: number
  readonly application: string | null
  readonly user: string | null
  readonly client: string | null
  readonly now: Date
}

/** The holder of the lock, either a session or a lease; null when it is free. */
export async function lockHolder(queryRunner: QueryRunner, key: string): Promise<LockHolder | null> {
  const names = await lockKey(queryRunner, key)
  const [row] = (await queryRunner.query(
    `SELECT l.pid, nullif(a.application_name, '') AS application, a.usename AS user, host(a.client_addr) AS client,
       clock_timestamp() AS now
     FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
     WHERE ${isOurs(names, 'l')} ORDER BY l.classid::bigint <> ${String(migratorClass)} LIMIT 1`,
  )) as Row[]
  if (row !== undefined) return sessionHolder(row)
  return readLease(queryRunner, names)
}

function sessionHolder({ pid, application, user, client, now }: Row): LockHolder {
  const named = /^aludel (\S+) (\d+) (\S+Z)$/.exec(application ?? '')
  const where = [
    `session ${String(pid)}`,
    ...(named !== null || application === null ? [] : [`(${application})`]),
    ...(user === null ? [] : [`of ${user}`]),
    ...(client === null ? [] : [`from ${client}`]),
  ].join(' ')
  const since = named?.[3] ?? null
  return {
    kind: 'session',
    owner: named?.[1] ?? where,
    pid: named === null ? null : Number(named[2]),
    since,
    ageMs: since === null ? null : Math.max(0, now.getTime() - Date.parse(since)),
    live: true,
    session: pid,
    endWith: `SELECT pg_terminate_backend(${String(pid)})  -- ${where}`,
  }
}
