import type { QueryRunner } from 'typeorm'

import type { Lock } from '../dialect/roles/locks'
import { AludelError } from '../errors'
import type { RunSettings } from './settings'

/** How long a server may take to notice that a connection is gone, in milliseconds. */
const endOfSession = 10_000

/**
 * Calls `work` under the migration lock, and releases it.
 *
 * @throws AludelError `ALUDEL_LOCKED` when another migrator holds it for longer than the settings allow; whatever `work`
 *   throws
 */
export async function underLock<T>(settings: RunSettings, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await Session.open(settings)
  try {
    return await work(session)
  } catch (error) {
    const { dialect, dataSource } = settings
    throw dialect.errors.contention(error) === 'busy' ? dialect.errors.connectError(error, dataSource.options) : error
  } finally {
    await session.close()
  }
}

/**
 * Does `work` in one transaction under the lock, all of it or nothing.
 *
 * @throws AludelError `ALUDEL_LOCK_LOST`; what `work` or the commit throws
 */
export async function inOneTransaction(session: Session, work: () => Promise<void>): Promise<void> {
  const { queryRunner, lock } = session
  await lock.check()
  await queryRunner.startTransaction()
  try {
    await lock.begin(queryRunner)
    await work()
    await lock.beforeCommit(queryRunner)
    await queryRunner.commitTransaction()
  } catch (error) {
    await queryRunner.rollbackTransaction().catch(() => undefined)
    throw error
  }
}

/** The one database session of a run, with the lock it holds. */
export class Session {
  #queryRunner: QueryRunner
  #lock: Lock | undefined

  private constructor(readonly settings: RunSettings) {
    this.#queryRunner = settings.queryRunner
  }

  static async open(settings: RunSettings): Promise<Session> {
    const session = new Session(settings)
    await session.#takeLock(settings.lock.timeoutMs)
    return session
  }

  get queryRunner(): QueryRunner {
    return this.#queryRunner
  }

  /** The lock of the run. Its methods throw `ALUDEL_LOCK_LOST` once the lock is lost. */
  get lock(): Omit<Lock, 'release'> {
    if (this.#lock === undefined) throw new AludelError('ALUDEL_INTERNAL', 'there is no lock')
    return this.#lock
  }

  /** True with a lease: a pooler may give the session to other clients between two transactions. */
  get isShared(): boolean {
    return this.settings.lock.kind === 'lease'
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
   * Opens a new connection after the old one was lost. Holding the lock again proves that the server has ended the old
   * session, so the history can be trusted from here on.
   */
  async reconnect(): Promise<void> {
    const { dataSource, lock } = this.settings
    // A pool may have room for only one connection.
    await this.#lock?.release()
    this.#lock = undefined
    await this.#releaseOwn()
    this.#queryRunner = dataSource.createQueryRunner()
    await this.#takeLock(Math.max(lock.timeoutMs, endOfSession))
  }

  /** Releases the lock. Never throws: what is committed stays committed. */
  async close(): Promise<void> {
    await this.#lock?.release()
    if (this.#queryRunner !== this.settings.queryRunner) await this.#releaseOwn()
  }

  async #releaseOwn(): Promise<void> {
    await this.#queryRunner.release().catch(() => undefined)
  }

  async #takeLock(timeoutMs: number): Promise<void> {
    const { dialect, lock, actor, signal, emit } = this.settings
    this.#lock = await dialect.locks.acquire(this.#queryRunner, {
      key: lock.key,
      timeoutMs,
      kind: lock.kind,
      owner: actor,
      onWait: (waitedMs, holder) => {
        emit({ type: 'waiting', waitedMs, holder })
      },
      leaseMs: lock.leaseMs,
      signal,
    })
    emit({ type: 'locked' })
  }
}
