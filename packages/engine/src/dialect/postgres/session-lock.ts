import { randomInt } from 'node:crypto'

import type { QueryRunner } from 'typeorm'

import type { Queryable } from '../queryable'
import type { Lock, LockOptions, LockProof } from '../roles/locks'
import { lockLost, poll } from '../polling'
import { lockHolder, nameSession } from './holder'
import { liveLease } from './lease-rows'
import type { AludelError } from '../../errors'
import { errorText, sqlStateOf } from './errors'
import { isOurs, type LockKey, lockKey, migratorClass, runClass, workerClass } from './lock-key'
import { poolerError, refusePooler } from './pooler'
import { clientOf, stopWatching } from './client'
import { closeSideSession, openSideSession } from './side-session'

/** Of the proof, which divides by zero if it could take one of the locks. */
const divisionByZero = '22012'

/** Milliseconds between checks of the lock's session, which is idle during the run; they also keep it alive. */
const checkInterval = 30_000

/**
 * Takes two advisory locks of one key. The migrator's lock is on a separate session where the pool has room for one: an
 * operator may end that session, and its name shows who is working since when. The worker's lock is on the session of the
 * run: if the first one is lost, no other run starts before the last statement of this one has finished, and after a COMMIT
 * without an answer it proves that the server has finished the old session.
 *
 * @throws AludelError `ALUDEL_LOCKED` when another run holds it for longer than `timeoutMs`; `ALUDEL_INTERRUPTED`;
 *   `ALUDEL_POOLER`
 */
export async function lockSession(work: QueryRunner, options: LockOptions): Promise<Lock> {
  const side = await openSideSession(work)
  try {
    const mayBePooled = await refusePooler(work, side)
    const key = await lockKey(work, options.key)
    await poll(
      { attempt: () => takeBoth(work, side ?? work, key, options), holder: () => lockHolder(work, options.key) },
      options,
    )
    const held = new SessionLock(work, side, key, side === undefined ? undefined : await takeOwn(side))
    if (mayBePooled) {
      await held.check().catch(async (error: unknown) => {
        await held.release()
        throw error instanceof Error && error.cause === undefined
          ? poolerError('a lock is lost one statement later')
          : error
      })
    }
    return await held.watch()
  } catch (error) {
    await closeSideSession(side)
    throw error
  }
}

async function takeBoth(
  work: QueryRunner,
  session: QueryRunner,
  key: LockKey,
  options: LockOptions,
): Promise<true | undefined> {
  if (!(await tryLock(session, migratorClass, key.id))) return undefined
  if (await tryLock(work, workerClass, key.id)) {
    // A run that takes a lease checks these locks in turn, so that of two concurrent runs at least one withdraws.
    if (!(await liveLease(work, key))) {
      await nameSession(session, options.owner)
      return true
    }
    await unlock(work, [workerClass, key.id])
  }
  await unlock(session, [migratorClass, key.id])
  return undefined
}

/**
 * Takes a lock that no other session ever asks for, so that it shows whether this session still has its locks.
 *
 * @returns the second half of its key
 */
async function takeOwn(session: QueryRunner): Promise<number> {
  for (;;) {
    const id = randomInt(-(2 ** 31), 2 ** 31)
    if (await tryLock(session, runClass, id)) return id
  }
}

async function tryLock(database: Queryable, lockClass: number, id: number): Promise<boolean> {
  const [row] = (await database.query(`SELECT pg_try_advisory_lock(${String(lockClass)}, ${String(id)}) AS taken`)) as {
    taken: boolean
  }[]
  return row?.taken === true
}

async function unlock(
  database: Queryable,
  ...locks: readonly (readonly [lockClass: number, id: number])[]
): Promise<void> {
  const calls = locks.map(([lockClass, id]) => `pg_advisory_unlock(${String(lockClass)}, ${String(id)})`)
  const statement = `SELECT ${calls.join(', ')}`
  try {
    await database.query(statement)
  } catch {
    // A failed transaction may still be open on the session. If the session has ended, so has the lock.
    try {
      await database.query('ROLLBACK')
      await database.query(statement)
    } catch {
      // A finished run stays finished.
    }
  }
}

class SessionLock implements Lock {
  readonly #work: QueryRunner
  readonly #side: QueryRunner | undefined
  readonly #key: LockKey
  readonly #own: number | undefined
  #ended = false
  /** With what words the server ended the session of the lock. */
  #lastWords: unknown
  #released = false
  #timer: NodeJS.Timeout | undefined
  #unwatch: (() => void) | undefined

  /** @param own see {@link takeOwn}; of `side` */
  constructor(work: QueryRunner, side: QueryRunner | undefined, key: LockKey, own: number | undefined) {
    this.#work = work
    this.#side = side
    this.#key = key
    this.#own = own
  }

  /**
   * The session of the run tries to take the locks of the other one, which must fail, so that no answer of the other is waited for.
   * `pg_locks` would show the same, but the server takes a hundred times as long to list all locks of all sessions.
   */
  get proof(): LockProof {
    return {
      send: async (database) => {
        this.#refuseEnded()
        // With a single session, that one holds the lock: as long as it can send statements, it has the lock.
        if (this.#own === undefined) return
        const isFree = [
          [runClass, this.#own],
          [migratorClass, this.#key.id],
        ].map(([half, id]) => `pg_catalog.pg_try_advisory_xact_lock(${String(half)}, ${String(id)})`)
        await database.query(`SELECT 1 / (NOT (${isFree.join(' OR ')}))::int`)
      },
      explain: (error) => (sqlStateOf(error) === divisionByZero ? lockLost('its session no longer holds it') : error),
    }
  }

  /** Notices at once when the session of the lock ends. */
  async watch(): Promise<this> {
    const side = this.#side
    if (side === undefined) return this
    const client = await clientOf(side)
    const ended = (error?: unknown): void => {
      this.#ended = true
      this.#lastWords ??= error
    }
    for (const event of ['error', 'end'] as const) client.on?.(event, ended)
    this.#unwatch = () => {
      for (const event of ['error', 'end'] as const) client.off?.(event, ended)
    }
    this.#timer = setInterval(() => void this.check().catch(() => undefined), checkInterval)
    this.#timer.unref()
    return this
  }

  async check(): Promise<void> {
    this.#refuseEnded()
    let rows: unknown
    try {
      rows = await (this.#side ?? this.#work).query(
        `SELECT FROM pg_catalog.pg_locks l WHERE l.pid = pg_backend_pid() AND l.classid::bigint = ${String(migratorClass)} AND ${isOurs(this.#key, 'l')}`,
      )
    } catch (cause) {
      this.#ended = true
      this.#lastWords ??= cause
      throw this.#sessionEnded()
    }
    if ((rows as unknown[]).length === 0) throw lockLost('its session no longer holds it')
  }

  begin(): Promise<void> {
    return Promise.resolve()
  }

  beforeStatement(transactional: boolean): Promise<void> | undefined {
    this.#refuseEnded()
    // With a single session, that one holds the lock: as long as it can send statements, it has the lock.
    return transactional || this.#side === undefined ? undefined : this.check()
  }

  async beforeCommit(): Promise<void> {
    if (this.#side !== undefined) await this.check()
  }

  async release(): Promise<void> {
    if (this.#released) return
    this.#released = true
    clearInterval(this.#timer)
    this.#unwatch?.()
    await unlock(this.#work, [workerClass, this.#key.id])
    const session = this.#side ?? this.#work
    const own = this.#own === undefined ? [] : [[runClass, this.#own] as const]
    await unlock(session, ...own, [migratorClass, this.#key.id])
    await session.query('RESET application_name').catch(() => undefined)
    await closeSideSession(this.#side)
    stopWatching(this.#work)
  }

  #sessionEnded(): AludelError {
    const words = this.#lastWords === undefined ? '' : `: ${errorText(this.#lastWords)}`
    return lockLost(`its session has ended${words}`, this.#lastWords)
  }

  #refuseEnded(): void {
    if (this.#ended || this.#side?.isReleased === true) throw this.#sessionEnded()
  }
}
