import type { QueryRunner } from 'typeorm'

import type { Schema } from '../../schema/schema'
import type { Queryable } from '../queryable'
import type { LockKind } from './locks'

/** What a run does around the statements of its revisions: before it, in its transactions, and while others are at work. */
export interface RunningRole {
  /**
   * Looks for what would make a run fail: rights, a read-only server, a full disk. Changes nothing; what cannot be checked
   * is skipped.
   *
   * @throws AludelError `ALUDEL_PERMISSION` naming the grants, `ALUDEL_READ_ONLY`, `ALUDEL_SEARCH_PATH`,
   *   `ALUDEL_SERVER_VERSION`, `ALUDEL_DISK_SPACE`
   */
  preflight(queryRunner: QueryRunner, options: PreflightOptions): Promise<void>

  /**
   * Sees to it that what a run rebuilds loses nothing: rows, what only the live database has of a table (SQLite), rights,
   * owner and comments of a view (PostgreSQL).
   *
   * @returns a watch that does nothing where nothing of the run can lose anything
   * @throws AludelError `ALUDEL_DATA_LOSS` when a table has columns that no revision knows and that would be lost
   */
  watch(options: RebuildWatchOptions): Promise<RebuildWatch>

  /**
   * Does what must be done outside a transaction before it begins (SQLite: foreign keys off).
   *
   * @returns what restores the session; it never throws
   */
  beforeTransaction(queryRunner: QueryRunner): Promise<() => Promise<void>>

  /**
   * Called after a statement that failed in a transaction: begins it again where the database has ended all of it with the
   * statement.
   *
   * @returns whether it had been ended; always false where a failure never does that unseen (PostgreSQL refuses every
   *   statement that follows)
   */
  beginAgain(session: Queryable): Promise<boolean>

  /**
   * Last check inside a transaction: deferred constraints (PostgreSQL), `foreign_key_check` for violations that are new
   * (SQLite).
   *
   * @throws AludelError `ALUDEL_FOREIGN_KEYS`
   */
  beforeCommit(queryRunner: QueryRunner): Promise<void>

  /**
   * Sets the limits, for the transaction that is open or for the session.
   *
   * @returns what restores the session; it never throws, and does nothing for a transaction, which forgets its limits
   */
  limit(database: Queryable, limits: StatementLimits, scope: 'transaction' | 'session'): Promise<() => Promise<void>>

  /** The connection of a query runner, as the event loop sees it; does nothing where it never keeps a process alive. */
  socket(queryRunner: QueryRunner): Promise<Socket>

  /**
   * Who holds a lock on what `sql` names, strongest lock first; empty where the database cannot tell. Never throws. To be
   * called outside a transaction.
   */
  blockers(database: Queryable, sql: string): Promise<readonly Blocker[]>
}

/** Whether a connection keeps the process alive. */
export interface Socket {
  /** It does, as sockets do by default. */
  ref(): void
  /** It does not: a revision that waits for nothing but its idle connection waits forever, and must be seen to. */
  unref(): void
}

/** What must be true before anything is changed; see {@link RunningRole.preflight}. */
export interface PreflightOptions {
  /** The tables that the run writes to; either may be `schema.table`. */
  readonly historyTable: string
  readonly journalTable: string
  readonly lock: LockKind
  /** The statements that will run, as far as they can be known without a database. Asked for when it matters. */
  readonly statements: () => Promise<readonly string[]>
  readonly warn: (message: string) => void
}

/** Stands by while the statements of one revision run. */
export interface StatementWatch {
  /** Called before a statement; undefined when it is of no interest. A rejection stops the revision. */
  before(sql: string): Promise<void> | undefined
  /** Called after the last statement, in the same transaction. */
  finish(): Promise<void>
}

/** What is about to run, and on what; see {@link RunningRole.watch}. */
export interface RebuildWatchOptions {
  /** The live database, before the first step. */
  readonly database: Queryable
  /** Statements of each step in order; null for a step that asks the database what to do. */
  readonly steps: readonly (readonly string[] | null)[]
  /** The schema that the applied revisions give; null when none is applied, or when they cannot be replayed. */
  readonly expected: () => Promise<Schema | null>
  /** See `IntrospectOptions`. */
  readonly ignoreTables: readonly string[]
  readonly warn: (message: string) => void
}

/** Watches over a run that rebuilds tables or views. */
export interface RebuildWatch {
  /** @param database the session of the run, not itself watched */
  step(database: Queryable): StatementWatch
}

/** A session that holds what a statement waited for. */
export interface Blocker {
  readonly pid: number
  readonly user: string | null
  readonly application: string | null
  /** `active`, `idle in transaction` … */
  readonly state: string | null
  /** When its transaction began; ISO 8601, UTC. */
  readonly since: string | null
  /** What it runs, or ran last; at most 200 characters. Null where this role may not see it. */
  readonly query: string | null
  /** `ACCESS EXCLUSIVE on "workflows"`. */
  readonly holds: string
}

/** How long the statements of a step may wait and run, in milliseconds. Absent: what the session has; 0: no limit. */
export interface StatementLimits {
  readonly lockTimeoutMs?: number
  readonly statementTimeoutMs?: number
}
