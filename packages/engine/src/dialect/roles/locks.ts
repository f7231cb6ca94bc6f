import type { QueryRunner } from 'typeorm'

import type { Queryable } from '../queryable'

/** One migrator per database: who may change it now. */
export interface LockRole {
  /**
   * Takes the lock of a run that works on this query runner.
   *
   * @throws AludelError `ALUDEL_LOCKED`, `ALUDEL_INTERRUPTED`, `ALUDEL_POOLER` …
   */
  acquire(queryRunner: QueryRunner, options: LockOptions): Promise<Lock>

  /**
   * Who holds the lock now; null: nobody.
   *
   * @param key as in {@link LockOptions}
   */
  holder(queryRunner: QueryRunner, key: string): Promise<LockHolder | null>

  /**
   * Ends the lease that was seen, and no later one.
   *
   * @returns false when it has changed since, or is not a lease
   */
  removeLease(queryRunner: QueryRunner, key: string, seen: LockHolder): Promise<boolean>
}

export interface LockOptions {
  /** What is locked: the name of the history table, perhaps with its schema. */
  readonly key: string
  /** Milliseconds to keep trying. 0: try once. */
  readonly timeoutMs: number
  /** What keeps the lock: the database session (default), or a row with a heartbeat, which needs no session. */
  readonly kind?: LockKind
  /** Milliseconds that a lease lasts without a heartbeat. Default 30,000. */
  readonly leaseMs?: number
  /** `user@host`, for those who wait. */
  readonly owner?: string
  /** Called once when somebody else holds the lock, and then at every poll; `holder` says who, since when. */
  readonly onWait?: (waitedMs: number, holder: string | undefined) => void
  readonly signal?: AbortSignal
  readonly sleep?: (ms: number) => Promise<void>
}

/** `session`: ends with its session. `lease`: a row in a table, which goes through poolers. */
export type LockKind = 'session' | 'lease'

/**
 * One migrator per database. Ends with its session when the process dies, or with its lease.
 *
 * All but {@link release} throw `ALUDEL_LOCK_LOST` when the lock is held no longer: nothing may be changed then.
 */
export interface Lock {
  /** Asks the database whether it is still held. To be called outside a transaction. */
  check(): Promise<void>
  /** To be called when a transaction has begun, inside it. */
  begin(database: Queryable): Promise<void>
  /** Throws what is known already; a promise where the database has to be asked, always so outside a transaction. */
  beforeStatement(transactional: boolean): Promise<void> | undefined
  /** Last statement before COMMIT: until the transaction ends nobody else gets the lock. */
  beforeCommit(database: Queryable): Promise<void>
  /** Never throws: a run that is done stays done. */
  release(): Promise<void>
}

/** Who holds the lock, as far as the database can say. */
export interface LockHolder {
  readonly kind: LockKind
  /** `user@host`, or what else is known of it; null: nothing. */
  readonly owner: string | null
  /** Of the process that holds it. */
  readonly pid: number | null
  /** ISO 8601, by the clock of the server. */
  readonly since: string | null
  readonly ageMs: number | null
  /** False for a lease without a heartbeat: its process is dead, stopped or cut off. */
  readonly live: boolean
  /** Of a lease: ISO 8601. */
  readonly heartbeatAt?: string
  readonly expiresAt?: string
  /** Of a lease: its number, which grows with each that is given. */
  readonly token?: string
  /** Of a session of PostgreSQL: the server process that serves it. */
  readonly session?: number
  /** Of a session: what ends it, for `psql` or a shell. */
  readonly endWith?: string
}
