import { randomUUID } from 'node:crypto'

import type { QueryRunner } from 'typeorm'

import type { Queryable } from '../queryable'
import type { Lock, LockOptions } from '../roles/locks'
import { lockLost, poll } from '../polling'
import { lockHolder } from './holder'
import { stopWatching } from './client'
import { endLease, type Lease, ownsLease, renewLease, takeLease } from './lease-rows'
import { isOurs, type LockKey, lockKey } from './lock-key'
import { refuseStatementPooler } from './pooler'
import { closeSideSession, openSideSession } from './side-session'

/** Milliseconds that a lease lasts without a heartbeat. */
const defaultLease = 30_000

/** Heartbeats per lease: two may fail. */
const beatsPerLease = 3

/**
 * Takes a lease: a row in a table next to the history, which is renewed during the run. It needs no dedicated session and
 * sets nothing except by SET LOCAL, so it works through a pooler in transaction mode.
 *
 * A lease that is not renewed (its process is dead, stopped, or disconnected) ends after `leaseMs`, and the next one has a
 * greater token. A run with the old token is refused: by its own process when it checks the clock, and by the database at
 * the end of each transaction, where the row is locked until COMMIT.
 * https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html
 *
 * @throws AludelError `ALUDEL_LOCKED`, `ALUDEL_INTERRUPTED`; `ALUDEL_POOLER` through a pooler in statement mode
 */
export async function lockLease(work: QueryRunner, options: LockOptions): Promise<Lock> {
  await refuseStatementPooler(work)
  const side = await openSideSession(work)
  const run = randomUUID()
  const leaseMs = options.leaseMs ?? defaultLease
  try {
    const key = await lockKey(work, options.key)
    const by = { owner: options.owner ?? 'unknown', pid: process.pid, run, leaseMs }
    const database = side ?? work
    let beatAt = performance.now()
    const lease = await poll<Lease>(
      {
        attempt: async () => {
          beatAt = performance.now()
          const taken = await takeLease(database, key, options.key, by)
          if (taken === undefined || !(await sessionHolds(database, key))) return taken
          await endLease(database, key, taken.token)
          return undefined
        },
        holder: () => lockHolder(work, options.key),
      },
      options,
    )
    if (lease.previous !== null) await endTransactionsOf(database, lease.previous)
    return new LeaseLock(work, side, key, { run, leaseMs, token: lease.token, beatAt })
  } catch (error) {
    await closeSideSession(side)
    throw error
  }
}

/** True when a run that uses a session lock is working. */
async function sessionHolds(database: Queryable, key: LockKey): Promise<boolean> {
  const rows = await database.query(`SELECT FROM pg_catalog.pg_locks l WHERE ${isOurs(key, 'l')} LIMIT 1`)
  return (rows as unknown[]).length > 0
}

/** The `application_name` of a run's transactions, which identifies them when its process has stopped halfway. */
function transactionName(run: string): string {
  return `aludel lease ${run}`
}

/**
 * Ends the sessions of a run that has stopped in a transaction and so keeps its locks on tables, where the role may do
 * that. Without the lease the run cannot commit anyway.
 */
async function endTransactionsOf(database: Queryable, run: string): Promise<void> {
  try {
    await database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
       WHERE datname = current_database() AND application_name = $1 AND state LIKE 'idle in transaction%'`,
      [transactionName(run)],
    )
  } catch {
    // Without the right, the next statements wait for these sessions.
  }
}

interface LeaseState {
  readonly run: string
  readonly token: string
  readonly leaseMs: number
  /** When the last answered heartbeat was sent, by this process's clock. */
  beatAt: number
}

class LeaseLock implements Lock {
  /** Whether the lease is locked shows in an answer. */
  readonly proof = undefined
  readonly #work: QueryRunner
  /** The query runner before a revision is watched: queries of the lock are not statements of the revision. */
  readonly #ask: Queryable
  readonly #key: LockKey
  readonly #state: LeaseState
  readonly #timer: NodeJS.Timeout
  #side: QueryRunner | undefined
  #lost = false
  #released = false
  #beating: Promise<void> | undefined

  constructor(work: QueryRunner, side: QueryRunner | undefined, key: LockKey, state: LeaseState) {
    this.#work = work
    this.#ask = { query: work.query.bind(work) }
    this.#side = side
    this.#key = key
    this.#state = state
    this.#timer = setInterval(() => {
      // Without a second session, a heartbeat would interleave with the run's statements; those renew the lease instead.
      if (this.#side !== undefined) void this.#beat().catch(() => undefined)
    }, state.leaseMs / beatsPerLease)
    this.#timer.unref()
  }

  async check(): Promise<void> {
    this.#refuseLost()
    await this.#beat()
    this.#refuseLost()
  }

  async begin(database: Queryable): Promise<void> {
    await this.#own(database, { name: transactionName(this.#state.run) })
  }

  beforeStatement(transactional: boolean): Promise<void> | undefined {
    this.#refuseLost()
    if (!transactional) return this.check()
    // No heartbeat for so long: this process was stopped or disconnected, and another run may have started.
    if (performance.now() - this.#state.beatAt < this.#state.leaseMs) return undefined
    return this.#side === undefined ? this.#own(this.#ask) : this.check()
  }

  async beforeCommit(database: Queryable): Promise<void> {
    await this.#own(database, { lock: true })
  }

  async release(): Promise<void> {
    if (this.#released) return
    this.#released = true
    clearInterval(this.#timer)
    await this.#beating?.catch(() => undefined)
    try {
      await endLease(this.#side ?? this.#ask, this.#key, this.#state.token)
    } catch {
      // It expires anyway.
    }
    await closeSideSession(this.#side)
    stopWatching(this.#work)
  }

  async #own(database: Queryable, how: Parameters<typeof ownsLease>[3] = {}): Promise<void> {
    this.#refuseLost()
    if (await ownsLease(database, this.#key, this.#state.token, how)) return
    this.#lost = true
    this.#refuseLost()
  }

  #beat(): Promise<void> {
    return (this.#beating ??= this.#renew().finally(() => {
      this.#beating = undefined
    }))
  }

  async #renew(): Promise<void> {
    const sentAt = performance.now()
    const { token, leaseMs } = this.#state
    try {
      if (await renewLease(this.#side ?? this.#ask, this.#key, token, leaseMs)) this.#state.beatAt = sentAt
      else this.#lost = true
    } catch (cause) {
      await this.#reopenSide()
      if (performance.now() - this.#state.beatAt >= leaseMs) throw lockLost('its lease could not be renewed', cause)
    }
  }

  /** A lost connection does no harm if it is replaced before the lease ends. */
  async #reopenSide(): Promise<void> {
    if (this.#side?.isReleased !== true) return
    this.#side = await openSideSession(this.#work).catch(() => undefined)
  }

  #refuseLost(): void {
    if (this.#lost) throw lockLost('its lease ended, and was taken by another run or removed')
  }
}
