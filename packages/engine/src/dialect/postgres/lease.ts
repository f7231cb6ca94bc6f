import { randomUUID } from 'node:crypto'

import type { QueryRunner } from 'typeorm'

import type { Queryable } from '../queryable'
import type { Lock, LockOptions } from '../roles/locks'
import { lockLost, poll } from '../polling'
import { lockHolder } from './holder'
import { leaveToItself } from './client'
import { endLease, type Lease, ownsLease, renewLease, takeLeaseAnyhow } from './lease-rows'
import { isOurs, type LockKey, lockKey } from './lock-key'
import { closeSide, openSide } from './side-session'

/** How long a lease lasts without a heartbeat, in milliseconds. */
export const defaultLease = 30_000

/** Heartbeats in the time of one lease: two may be lost. */
const beats = 3

/**
 * Takes a lease: a row in a table beside the history, which is renewed while the work goes on. It needs no session of its
 * own, so it goes through a pooler in transaction mode: nothing is set there but with SET LOCAL.
 *
 * A lease that is not renewed (its process is dead, stopped, or cut off) ends after `leaseMs`, and the next one has a
 * greater token. Whoever comes back with the old token is refused: by this process when it looks at the clock, and by the
 * database at the end of each transaction, where the row is locked until COMMIT.
 * https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html
 *
 * @throws AludelError `ALUDEL_LOCKED`, `ALUDEL_INTERRUPTED`
 */
export async function lockLease(work: QueryRunner, options: LockOptions): Promise<Lock> {
  const side = await openSide(work)
  const run = randomUUID()
  const leaseMs = options.leaseMs ?? defaultLease
  try {
    const key = await lockKey(work, options.key)
    const by = { owner: options.owner ?? 'somebody', pid: process.pid, run, leaseMs }
    const database = side ?? work
    let beatAt = performance.now()
    const lease = await poll<Lease>(
      {
        attempt: async () => {
          beatAt = performance.now()
          const taken = await takeLeaseAnyhow(database, key, options.key, by)
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
    await closeSide(side)
    throw error
  }
}

/** Somebody who uses no lease is at work. */
async function sessionHolds(database: Queryable, key: LockKey): Promise<boolean> {
  const rows = await database.query(`SELECT FROM pg_catalog.pg_locks l WHERE ${isOurs(key, 'l')} LIMIT 1`)
  return (rows as unknown[]).length > 0
}

/** What a transaction of this run calls itself, so that it can be found when its process has stopped in the middle. */
function transactionName(run: string): string {
  return `aludel lease ${run}`
}

/**
 * A process that has stopped in a transaction keeps the locks on its tables, and the next one would wait for them. It may
 * not commit any more, so its sessions are ended, where the role may do that.
 */
async function endTransactionsOf(database: Queryable, run: string): Promise<void> {
  try {
    await database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
       WHERE datname = current_database() AND application_name = $1 AND state LIKE 'idle in transaction%'`,
      [transactionName(run)],
    )
  } catch {
    // Then they are waited for.
  }
}

interface LeaseState {
  readonly run: string
  readonly token: string
  readonly leaseMs: number
  /** When the last heartbeat was sent that got an answer, by this process's own clock. */
  beatAt: number
}

class LeaseLock implements Lock {
  readonly #work: QueryRunner
  /** As it was before a revision is watched: what is asked here is no statement of the revision. */
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
      // On the session that works a heartbeat would get between its statements; there they renew the lease themselves.
      if (this.#side !== undefined) void this.#beat().catch(() => undefined)
    }, state.leaseMs / beats)
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
    // No heartbeat for so long: this process was stopped, or the connection is gone, and somebody else may have begun.
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
      // It ends by itself.
    }
    await closeSide(this.#side)
    leaveToItself(this.#work)
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

  /** A connection may be lost without harm, as long as another can be made before the lease ends. */
  async #reopenSide(): Promise<void> {
    if (this.#side?.isReleased !== true) return
    this.#side = await openSide(this.#work).catch(() => undefined)
  }

  #refuseLost(): void {
    if (this.#lost) throw lockLost('its lease had ended, and was taken by somebody else or removed')
  }
}
