import { randomBytes } from 'node:crypto'

import type { DataSource, QueryRunner } from 'typeorm'

import { constructDataSource } from '../driver-error'
import { AludelError } from '../../errors'
import type { Queryable } from '../queryable'
import type { ConnectedSession } from '../roles/restore'
import { connectError, errorText, sqlStateOf } from './errors'
import { migratorClass, workerClass } from './lock-key'
import { refusePooler } from './pooler'
import { adminOptions, type Connection, toDatabase } from './shadow-options'

/** Shown in the server's list of sessions. */
const application = 'aludel restore'

/** First half of the advisory lock of a restore: "alue" in ASCII. It is in another database than the one that is restored. */
const restoreClass = 0x616c7565

/** `invalid_catalog_name` */
const missingDatabase = '3D000'
/** `object_not_in_prerequisite_state`: the database accepts no connections. */
const closedDatabase = '55000'

/** A session on the database that is to be replaced, or why there can be none. */
export type Target =
  | { readonly state: 'missing' | 'closed' }
  | { readonly state: 'open'; readonly dataSource: DataSource; readonly application: string }

/**
 * Connects to the database that is to be replaced.
 *
 * @throws AludelError `ALUDEL_CONNECT`, `ALUDEL_AUTHENTICATION` …
 */
export async function openTarget(template: DataSource, connection: Connection): Promise<Target> {
  // Tells its sessions from those of others.
  const name = `${application} ${randomBytes(4).toString('hex')}`
  // The second session is for the lock.
  const options = adminOptions(connection, { poolSize: 2, applicationName: name })
  try {
    const dataSource = await constructDataSource(template, options).initialize()
    return { state: 'open', dataSource, application: name }
  } catch (error) {
    const state = sqlStateOf(error)
    if (state === missingDatabase) return { state: 'missing' }
    if (state === closedDatabase) return { state: 'closed' }
    throw connectError(error, options)
  }
}

/**
 * Connects to another database of the server, from which one can be renamed.
 *
 * @param others all databases that could be used, as far as they are known
 * @param wanted the only one to use, if it was configured
 * @throws AludelError `ALUDEL_CONNECT`
 */
export async function openMaintenance(
  template: DataSource,
  connection: Connection,
  { not, others, wanted }: { readonly not: string; readonly others: readonly string[]; readonly wanted?: string },
): Promise<DataSource> {
  const names = wanted === undefined ? [...new Set(['postgres', 'template1', ...others])] : [wanted]
  let failure: unknown
  for (const name of names) {
    if (name === not) continue
    const options = adminOptions(toDatabase(connection, name), { poolSize: 3, applicationName: application })
    try {
      return await constructDataSource(template, options).initialize()
    } catch (error) {
      failure ??= error
    }
  }
  const why = failure === undefined ? '' : `: ${errorText(failure)}`
  throw new AludelError('ALUDEL_CONNECT', `no other database of the server can be connected to${why}`, {
    help:
      `Nothing was changed. "${not}" is replaced by renaming it, which needs a session on another database. ` +
      `Allow one (GRANT CONNECT ON DATABASE postgres TO …), or name one: --maintenance-database NAME`,
    details: { database: not },
    cause: failure,
  })
}

/**
 * Refuses a connection pooler in transaction mode: the lock of {@link lockRestore} would be left in one of its server processes, and
 * keep later restores out. A lease does not help, since the database that holds it is replaced.
 *
 * @throws AludelError `ALUDEL_POOLER`
 */
export async function refusePooledRestore(session: QueryRunner, admin: DataSource): Promise<void> {
  const side = admin.createQueryRunner()
  try {
    await refusePooler(
      session,
      side,
      'A database is replaced by renaming it, for which its sessions must end, and those of a pooler are not known to it. ' +
        'Connect to the server itself (its own port, not that of PgBouncer). Nothing was changed.',
    )
  } finally {
    await side.release()
  }
}

/**
 * Keeps other restores of the same database out, until the session ends.
 *
 * @throws AludelError `ALUDEL_LOCKED`
 */
export async function lockRestore(session: QueryRunner, database: string): Promise<void> {
  const [row] = (await session.query(
    `SELECT pg_try_advisory_lock(${String(restoreClass)}, hashtext($1)) AS taken, ${restoreIsAtWork} AS others`,
    [database],
  )) as { taken: boolean; others: boolean }[]
  if (row?.taken === true && !row.others) return
  throw new AludelError('ALUDEL_LOCKED', `another process is restoring the database "${database}"`, {
    help: 'Nothing was changed. Wait until it has ended.',
    details: { database },
  })
}

/** Whether another session restores the database `$1`: `pg_locks` shows the locks of all databases. */
export const restoreIsAtWork = `EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
  AND l.classid::bigint = ${String(restoreClass)} AND l.objid::bigint = hashtext($1)::bigint & 4294967295 AND l.pid <> pg_backend_pid())`

/** Sessions on a database, and its prepared transactions. */
export interface Users {
  readonly sessions: readonly (ConnectedSession & { readonly pid: number; readonly isMigrator: boolean })[]
  /** Their names. */
  readonly prepared: readonly string[]
}

/** Sessions that are not counted: those with a name, and others of which the processes are known. A pooler may hide the name. */
interface OwnSessions {
  readonly application?: string
  readonly pids?: readonly number[]
}

/** The sessions on a database, without our own. */
export async function usersOf(admin: Queryable, database: string, own: OwnSessions = {}): Promise<Users> {
  const sessions = (await admin.query(
    `SELECT a.pid, a.usename::text AS "user", nullif(a.application_name, '') AS application, host(a.client_addr) AS client,
       EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.pid = a.pid AND l.locktype = 'advisory' AND l.granted
         AND l.classid::bigint IN (${String(migratorClass)}, ${String(workerClass)})) AS "isMigrator"
     FROM pg_catalog.pg_stat_activity a
     WHERE a.datname = $1 AND a.application_name IS DISTINCT FROM $2 AND a.pid <> ALL ($3::integer[]) AND a.backend_type IS DISTINCT FROM 'autovacuum worker' ORDER BY a.backend_start`,
    [database, own.application ?? null, own.pids ?? []],
  )) as Omit<Users['sessions'][number], 'canBeEnded'>[]
  const prepared = (await admin.query(
    'SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = $1 ORDER BY prepared',
    [database],
  )) as { gid: string }[]
  return {
    sessions: sessions.map((session) => ({ ...session, canBeEnded: !session.isMigrator })),
    prepared: prepared.map(({ gid }) => gid),
  }
}
