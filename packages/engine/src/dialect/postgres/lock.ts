import { setTimeout as wait } from 'node:timers/promises'

import type { QueryRunner } from 'typeorm'

import { AludelError } from '../../errors'
import type { Lock, LockOptions, Queryable } from '../dialect'

/** First half of every advisory lock of Aludel: "alud" in ASCII. */
const lockClass = 0x616c7564

/** Polls come quickly at first, then this often at most, in milliseconds. */
const shortestPoll = 25
const longestPoll = 500

/**
 * Takes a session-level advisory lock on the query runner's own session: it ends with the session, however that ends.
 * Never a blocking lock: a waiting statement would hold a snapshot open and stop CREATE INDEX CONCURRENTLY elsewhere.
 *
 * The lock is of the database, the default schema and the key, so tenants in schemas of one database do not wait for
 * each other.
 *
 * @throws AludelError `ALUDEL_LOCKED` when somebody else holds it for longer than `timeoutMs`; `ALUDEL_INTERRUPTED`
 */
export async function lock(queryRunner: QueryRunner, options: LockOptions): Promise<Lock> {
  if (queryRunner.isTransactionActive) {
    throw new AludelError('ALUDEL_INTERNAL', 'the lock must be taken outside a transaction')
  }
  const sleep =
    options.sleep ??
    ((ms: number) =>
      wait(ms, undefined, options.signal === undefined ? {} : { signal: options.signal }).catch(() => undefined))
  const started = performance.now()
  // With an injected sleep the clock may stand still: what was slept counts as well.
  let slept = 0
  let poll = shortestPoll
  for (;;) {
    refuseAborted(options.signal)
    const key = await tryLock(queryRunner, options.key)
    if (key.taken) return { release: () => release(queryRunner, key.id) }
    const waited = Math.max(performance.now() - started, slept)
    if (waited >= options.timeoutMs) throw await lockedError(queryRunner, key.id, options.timeoutMs)
    options.onWait?.(Math.round(waited))
    const pause = Math.min(poll * (0.5 + Math.random()), options.timeoutMs - waited)
    await sleep(pause)
    slept += pause
    poll = Math.min(poll * 1.5, longestPoll)
  }
}

interface Attempt {
  readonly taken: boolean
  readonly id: number
}

async function tryLock(database: Queryable, key: string): Promise<Attempt> {
  const [row] = (await database.query(
    `SELECT lock.id AS id, pg_try_advisory_lock(${String(lockClass)}, lock.id) AS taken
     FROM (SELECT hashtext($1 || '/' || coalesce(current_schema(), ''))) AS lock (id)`,
    [key],
  )) as { id: number; taken: boolean }[]
  return { taken: row?.taken === true, id: Number(row?.id) }
}

async function release(queryRunner: QueryRunner, id: number): Promise<void> {
  const unlock = `SELECT pg_advisory_unlock(${String(lockClass)}, ${String(id)})`
  try {
    await queryRunner.query(unlock)
  } catch {
    // Perhaps a failed transaction is still open on the session. If the session is gone, so is the lock.
    try {
      await queryRunner.query('ROLLBACK')
      await queryRunner.query(unlock)
    } catch {
      // What was done stays done.
    }
  }
}

interface Holder {
  readonly pid: number
  readonly application: string | null
  readonly user: string | null
  readonly client: string | null
  readonly since: string | null
}

async function lockedError(database: Queryable, id: number, timeoutMs: number): Promise<AludelError> {
  const holder = await holderOf(database, id)
  const who = holder === undefined ? 'another session' : wordsOf(holder)
  const waited = timeoutMs === 0 ? '' : ` after ${String(timeoutMs / 1000)} s`
  return new AludelError('ALUDEL_LOCKED', `another migrator is at work on this database${waited}: ${who}`, {
    help: [
      'Wait for it, or give it more time with --lock-timeout.',
      ...(holder === undefined ? [] : [`If it hangs: SELECT pg_terminate_backend(${String(holder.pid)})`]),
    ].join('\n'),
    details: holder === undefined ? {} : { ...holder },
  })
}

async function holderOf(database: Queryable, id: number): Promise<Holder | undefined> {
  try {
    const [row] = (await database.query(
      `SELECT l.pid, nullif(a.application_name, '') AS application, a.usename AS user, host(a.client_addr) AS client,
         to_char(a.query_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
       FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
       WHERE l.locktype = 'advisory' AND l.granted AND l.classid::bigint = ${String(lockClass)} AND l.objsubid = 2
         AND l.objid::bigint = ${String(id < 0 ? id + 2 ** 32 : id)}
         AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`,
    )) as Holder[]
    return row
  } catch {
    return undefined
  }
}

function wordsOf({ pid, application, user, client, since }: Holder): string {
  return [
    `session ${String(pid)}`,
    ...(application === null ? [] : [`(${application})`]),
    ...(user === null ? [] : [`of ${user}`]),
    ...(client === null ? [] : [`from ${client}`]),
    ...(since === null ? [] : [`, last heard of at ${since}`]),
  ]
    .join(' ')
    .replace(' ,', ',')
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new AludelError('ALUDEL_INTERRUPTED', 'interrupted while waiting for the lock', {
      help: 'Nothing was changed.',
    })
  }
}
