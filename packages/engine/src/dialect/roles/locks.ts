import type { QueryRunner } from 'typeorm'

import type { Queryable } from '../queryable'

/** Keeps migrators apart: one at a time per database. */
export interface LockRole {
  /**
   * Takes the lock for a run on this query runner.
   *
   * @throws AludelError `ALUDEL_LOCKED`, `ALUDEL_INTERRUPTED`, `ALUDEL_POOLER` …
   */
  acquire(queryRunner: QueryRunner, options: LockOptions): Promise<Lock>

  /**
   * The current holder of the lock; null when it is free.
   *
   * @param key as in {@link LockOptions}
   */
  holder(queryRunner: QueryRunner, key: string): Promise<LockHolder | null>

  /**
   * Ends the lease `seen`, and no later one.
   *
   * @returns false when the lease has changed since, or `seen` is not a lease
   */
  removeLease(queryRunner: QueryRunner, key: string, seen: LockHolder): Promise<boolean>
}

export interface LockOptions {
  /** Name of the history table, which identifies the lock; may include its schema. */
  readonly key: string
  /** Milliseconds to keep trying; 0 tries once. */
  readonly timeoutMs: number
  /** Default is `session`. */
  readonly kind?: LockKind
  /** Milliseconds that a lease lasts without a heartbeat. Default is 30,000. */
  readonly leaseMs?: number
  /** `user@host`, shown to processes that wait. */
  readonly owner?: string
  /** Called at every poll while another session holds the lock; `holder` describes who, and since when. */
  readonly onWait?: (waitedMs: number, holder: string | undefined) => void
  readonly signal?: AbortSignal
  readonly sleep?: (ms: number) => Promise<void>
}

/** `session`: held by the database session. `lease`: a row with a heartbeat, which works through poolers. */
export type LockKind = 'session' | 'lease'

/**
 * A lock that is held. When its process dies, it ends with its session or its lease.
 *
 * All methods but {@link release} throw `ALUDEL_LOCK_LOST` when the lock is no longer held; nothing may be changed then.
 */
export interface Lock {
  /** Asks the database whether it is still held. Call it outside a transaction. */
  check(): Promise<void>
  /** Call it inside a transaction, as the first statement. */
  begin(database: Queryable): Promise<void>
  /** Throws when the lock is known to be lost; returns a promise where it must ask the database, as always outside a transaction. */
  beforeStatement(transactional: boolean): Promise<void> | undefined
  /** Last statement before COMMIT: no other process gets the lock until the transaction ends. */
  beforeCommit(database: Queryable): Promise<void>
  /** The same as a statement that fails unless the lock is held; undefined where the answer must be read. */
  readonly proof: LockProof | undefined
  /** Never throws: a finished run stays finished. */
  release(): Promise<void>
}

/** A statement that fails, and with it the transaction, unless the lock is held. */
export interface LockProof {
  send(database: Queryable): Promise<unknown>
  /** What to throw for its failure. */
  explain(error: unknown): unknown
}

/** Who holds the lock, as far as the database knows. */
export interface LockHolder {
  readonly kind: LockKind
  /** `user@host`, or another description of the session; null when unknown. */
  readonly owner: string | null
  /** Process that holds it. */
  readonly pid: number | null
  /** ISO 8601, by the clock of the server. */
  readonly since: string | null
  readonly ageMs: number | null
  /** False for a lease without a heartbeat: its process is dead, stopped or disconnected. */
  readonly live: boolean
  /** Of a lease: ISO 8601. */
  readonly heartbeatAt?: string
  readonly expiresAt?: string
  /** Of a lease: its number, which grows with every new lease. */
  readonly token?: string
  /** Of a PostgreSQL session: its server process. */
  readonly session?: number
  /** Of a session: the command that ends it, for `psql` or a shell. */
  readonly endWith?: string
}
