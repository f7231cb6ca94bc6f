import type { DataSource, QueryRunner } from 'typeorm'

import type { Dialect, Lock, LockKind } from '../dialect/dialect'
import { AludelError } from '../errors'
import type { RunListener } from '../project/events'

export interface SessionOptions {
  readonly dialect: Dialect
  readonly dataSource: DataSource
  readonly queryRunner: QueryRunner
  readonly lockKey: string
  readonly lockTimeoutMs: number
  /** Default `session`. */
  readonly lockKind?: LockKind
  /** Milliseconds that a lease lasts without a heartbeat. */
  readonly leaseMs?: number
  /** `user@host`, for those who wait for the lock. */
  readonly actor?: string
  readonly signal?: AbortSignal
  /** A lock that the caller holds already on `queryRunner`; it stays the caller's. */
  readonly lock?: Lock
}

/** How long a server may take to notice that a connection is gone, in milliseconds. */
const endOfSession = 10_000

/** The one database session of a run, with the lock it holds. */
export class Session {
  readonly #options: SessionOptions
  readonly #tell: RunListener
  #queryRunner: QueryRunner
  #lock: Lock | undefined

  private constructor(options: SessionOptions, tell: RunListener) {
    this.#options = options
    this.#tell = tell
    this.#queryRunner = options.queryRunner
  }

  /**
   * Takes the lock, waiting for it as long as the options allow.
   *
   * @throws AludelError `ALUDEL_LOCKED` when somebody else holds it for longer
   */
  static async open(options: SessionOptions, tell: RunListener): Promise<Session> {
    const session = new Session(options, tell)
    if (options.lock === undefined) await session.#takeLock()
    return session
  }

  get queryRunner(): QueryRunner {
    return this.#queryRunner
  }

  /** The lock of the run. Its methods throw `ALUDEL_LOCK_LOST` when it is held no longer. */
  get lock(): Pick<Lock, 'check' | 'begin' | 'beforeStatement' | 'beforeCommit'> {
    const lock = this.#lock ?? this.#options.lock
    if (lock === undefined) throw new AludelError('ALUDEL_INTERNAL', 'there is no lock')
    return lock
  }

  /** True where a pooler may give the session to others between two transactions: with a lease. */
  get isShared(): boolean {
    return this.#options.lockKind === 'lease'
  }

  /** True while the database answers on this session. */
  async isAlive(): Promise<boolean> {
    if (this.#queryRunner.isReleased) return false
    try {
      await this.#queryRunner.query('SELECT 1')
      return true
    } catch {
      return false
    }
  }

  /**
   * Starts over on a new connection after the old one was lost. Holding the lock again proves that the server has done
   * with the old session, so that what the history says from here on is final.
   */
  async reconnect(): Promise<void> {
    // A pool may have room for one connection only. A caller's lock was of the session that is lost, too.
    await (this.#lock ?? this.#options.lock)?.release()
    this.#lock = undefined
    await this.#queryRunner.release().catch(() => undefined)
    this.#queryRunner = this.#options.dataSource.createQueryRunner()
    await this.#takeLock(Math.max(this.#options.lockTimeoutMs, endOfSession))
  }

  /** Gives the lock back. Never throws: what is done stays done. */
  async close(): Promise<void> {
    await this.#lock?.release()
    if (this.#queryRunner !== this.#options.queryRunner) await this.#queryRunner.release().catch(() => undefined)
  }

  async #takeLock(timeoutMs = this.#options.lockTimeoutMs): Promise<void> {
    const { dialect, lockKey, lockKind, leaseMs, actor, signal } = this.#options
    this.#lock = await dialect.lock(this.#queryRunner, {
      key: lockKey,
      timeoutMs,
      onWait: (waitedMs, holder) => {
        this.#tell({ type: 'waiting', waitedMs, ...(holder === undefined ? {} : { holder }) })
      },
      ...(lockKind === undefined ? {} : { kind: lockKind }),
      ...(leaseMs === undefined ? {} : { leaseMs }),
      ...(actor === undefined ? {} : { owner: actor }),
      ...(signal === undefined ? {} : { signal }),
    })
    this.#tell({ type: 'locked' })
  }
}
