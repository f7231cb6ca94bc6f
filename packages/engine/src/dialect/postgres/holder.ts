import type { QueryRunner } from 'typeorm'

import type { Queryable } from '../queryable'
import type { LockHolder } from '../roles/locks'
import { readLease } from './lease-rows'
import { isOurs, lockKey, migratorClass } from './lock-key'

/** `NAMEDATALEN - 1` is what there is room for in `application_name`; a time takes 20 of it. */
const roomForName = 63 - 20

/** How times are written: ISO 8601 in UTC, to the second. */
export const isoFormat = `'YYYY-MM-DD"T"HH24:MI:SS"Z"'`

/** Lets everybody who looks at the sessions of the server see who has the lock, and since when by the server's clock. */
export async function nameSession(session: Queryable, owner = 'somebody'): Promise<void> {
  const process_ = ` ${String(process.pid)} `
  // The server replaces what is not ASCII, and later versions by something longer.
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

/** Who holds the lock: by a session, else by a lease. */
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
