import type { QueryRunner } from 'typeorm'

import type { Schema } from '../../schema/schema'
import type { Queryable } from '../queryable'
import type { BrokenObject } from './introspection'
import type { LockKind } from './locks'

/** What a run does around the statements of its revisions: before them, inside their transactions, and while waiting. */
export interface RunningRole {
  /**
   * Checks in advance what would make a run fail: rights, a read-only server, a full disk. Changes nothing, and skips what
   * cannot be checked.
   *
   * @throws AludelError `ALUDEL_PERMISSION` naming the grants, `ALUDEL_READ_ONLY`, `ALUDEL_SEARCH_PATH`,
   *   `ALUDEL_SERVER_VERSION`, `ALUDEL_DISK_SPACE`
   */
  preflight(queryRunner: QueryRunner, options: PreflightOptions): Promise<void>

  /**
   * Protects what a run rebuilds from losses: rows and the parts of a table that only the live database has (SQLite);
   * rights, owners, comments and parameters of recreated objects (PostgreSQL).
   *
   * @returns a watch, which does nothing when the run cannot lose anything
   * @throws AludelError `ALUDEL_DATA_LOSS` when a rebuild would drop columns that no revision knows
   */
  watch(options: RebuildWatchOptions): Promise<RebuildWatch>

  /**
   * Sets what can only be set outside a transaction (SQLite: foreign keys off). Call it with no transaction open.
   *
   * @throws the driver's error when the file is in use for longer than the connection waits
   */
  prepare(queryRunner: QueryRunner): Promise<PreparedSession>

  /** Statements that travel together: over a network, each answer that is waited for costs the time of a round trip. */
  flight(queryRunner: QueryRunner): Promise<Flight>

  /**
   * Notes which views and triggers the database can compile, so that what a revision breaks is found. Changes nothing.
   *
   * @returns null where the database itself refuses to drop what they read (PostgreSQL)
   */
  watchObjects(database: Queryable): Promise<ObjectWatch | null>

  /**
   * Begins the transaction again where the failure of a statement has ended it. Called after a statement that failed in a
   * transaction.
   *
   * @returns whether the failure had ended it; always false on PostgreSQL, which then refuses all further statements
   */
  beginAgain(session: Queryable): Promise<boolean>

  /**
   * Last check inside a transaction: deferred constraints (PostgreSQL), or new violations in `foreign_key_check` (SQLite).
   *
   * @throws AludelError `ALUDEL_FOREIGN_KEYS`
   */
  beforeCommit(queryRunner: QueryRunner): Promise<void>

  /** What {@link beforeCommit} throws, for the error of its statement, if that was sent in a flight. */
  violation(error: unknown): unknown

  /**
   * Sets the limits for the open transaction or for the session.
   *
   * @returns a function that restores the session, or does nothing for a transaction; it never throws
   */
  limit(database: Queryable, limits: StatementLimits, scope: 'transaction' | 'session'): Promise<() => Promise<void>>

  /**
   * Notes the role and the settings of a session (`search_path` and the like), which a revision may change. Every revision of a
   * run begins with them. Changes nothing.
   */
  keepSession(database: Queryable): Promise<KeptSession>

  /** The connection of a query runner, as the event loop sees it; does nothing where it never keeps a process alive. */
  socket(queryRunner: QueryRunner): Promise<Socket>

  /**
   * The sessions that hold a lock on the objects named in `sql`, strongest lock first; empty where the database does not
   * report them. Never throws. Call it outside a transaction.
   */
  blockers(database: Queryable, sql: string): Promise<readonly Blocker[]>
}

/** A session in which revisions may run, one after the other, until it is restored. */
export interface PreparedSession {
  /**
   * Notes what {@link RunningRole.beforeCommit} compares with, before each revision. Changes nothing. Costs little if this session
   * and no other has written since the last one was checked.
   */
  beforeRevision(): Promise<void>

  /** {@link RunningRole.watchObjects}; what the last revision has shown is not asked again. */
  watchObjects(): Promise<ObjectWatch | null>

  /**
   * Whether a revision has left the settings as they are.
   *
   * @param statements all that it has sent; null if they are not known
   */
  survives(statements: readonly string[] | null): boolean

  /** Gives the session its former settings. Never throws. */
  restore(): Promise<void>
}

/** A session of a database that needs no preparation. */
export const nothingPrepared: PreparedSession = {
  beforeRevision: () => Promise.resolve(),
  watchObjects: () => Promise.resolve(null),
  survives: () => true,
  restore: () => Promise.resolve(),
}

/** Statements that are sent in order, where possible without waiting for their answers. */
export interface Flight {
  /**
   * Sends the statements of `work`, which gets no rows from them. After one that failed, none has an effect: in a
   * transaction, the database refuses them, and a COMMIT among them rolls back.
   *
   * @param label returned by {@link land} if one of them fails
   */
  send(label: string, work: () => Promise<unknown>): Promise<void>

  /**
   * Calls `work`, whose first statement may travel with what was sent before it, and is executed only if that succeeded. Only
   * `work` may use the session meanwhile, by `queryRunner.query`, and it must not need the rows of a definition.
   *
   * @throws what `work` throws; after a failure of what was sent before, {@link land} returns that
   */
  takeAlong<Result>(work: () => Promise<Result>): Promise<Result>

  /** Waits for all answers. Returns the first failure. */
  land(): Promise<Landed | undefined>
}

/** A statement of a flight that failed. */
export interface Landed {
  readonly label: string
  readonly error: unknown
}

/** A flight of a database without a network: each statement is answered before the next is sent. */
export function waitingFlight(): Flight {
  let failed: Landed | undefined
  return {
    send: async (label, work) => {
      if (failed !== undefined) return
      try {
        await work()
      } catch (error) {
        failed = { label, error }
      }
    },
    takeAlong: async (work) => {
      if (failed !== undefined) throw failed.error
      return work()
    },
    land: () => {
      const landed = failed
      failed = undefined
      return Promise.resolve(landed)
    },
  }
}

/**
 * Returns the views and triggers that do not compile now, without those that did not when the watch began.
 *
 * @param statements all that was sent since then; null if they are not known
 */
export type ObjectWatch = (statements: readonly string[] | null) => Promise<readonly NewlyBroken[]>

/** A view or trigger that does not compile, and did or was not there before. */
export interface NewlyBroken extends BrokenObject {
  /** True if there was none of this name. */
  readonly isNew: boolean
}

/** The role and the settings that a session had before the revisions of a run; see {@link RunningRole.keepSession}. */
export interface KeptSession {
  /**
   * Gives them back to the session.
   *
   * @param scope `transaction`: without the limits that the run has set for its open transaction
   */
  restore(session: Queryable, scope: 'transaction' | 'session'): Promise<void>

  /**
   * The session for the tool's own statements between those of a revision: they are executed in the role of the run.
   *
   * @param options `isLocal`: whether a transaction of the revision is open; `sent`: the statements that it has sent
   */
  own(
    session: Queryable,
    options: { readonly isLocal: () => boolean; readonly sent: () => readonly string[] },
  ): Queryable
}

/** Whether a connection keeps the process alive. */
export interface Socket {
  /** It does, as sockets do by default. */
  ref(): void
  /** It does not: a revision that waits for nothing but its idle connection would wait forever. */
  unref(): void
}

/** The requirements of a run; see {@link RunningRole.preflight}. */
export interface PreflightOptions {
  /** The tool's own tables, which the run writes to; either may be `schema.table`. */
  readonly historyTable: string
  readonly journalTable: string
  readonly lock: LockKind
  /** The statements that will run, as far as they are known without a database. Called only when needed. */
  readonly statements: () => Promise<readonly string[]>
  readonly warn: (message: string) => void
}

/** Watches the statements of one revision. */
export interface StatementWatch {
  /** Called before each statement; undefined when the statement does not matter. A rejection stops the revision. */
  before(sql: string): Promise<void> | undefined
  /** The SQL to send instead, with the same parameters; absent or undefined: as it is. Called after {@link before}. */
  instead?(sql: string): Promise<string> | undefined
  /** Called after each statement that succeeded, with its own text; undefined when there is nothing to wait for. */
  after?(sql: string): Promise<void> | undefined
  /** Called after a statement that failed, to restore what {@link before} has set for the session. It must not throw. */
  failed?(sql: string): Promise<void> | undefined
  /**
   * Called after {@link failed} with the error of the statement.
   *
   * @returns the error to report instead; undefined: that of the statement
   */
  explain?(sql: string, error: unknown): Promise<unknown> | undefined
  /** Called after the last statement, in the same transaction. */
  finish(): Promise<void>
}

/** The run to be watched, and its database; see {@link RunningRole.watch}. */
export interface RebuildWatchOptions {
  /** The live database, before the first step. */
  readonly database: Queryable
  /** Statements of each step in order; null for a step whose statements depend on the database. */
  readonly steps: readonly (readonly string[] | null)[]
  /** The schema that the applied revisions produce; null when none is applied, or when they cannot be replayed. */
  readonly expected: () => Promise<Schema | null>
  /** See `IntrospectOptions`. */
  readonly ignoreTables: readonly string[]
  readonly warn: (message: string) => void
}

/** Watches a run that rebuilds tables, or drops objects and creates them again. */
export interface RebuildWatch {
  /** @param database the session of the run, not itself watched */
  step(database: Queryable, step: WatchedStep): StatementWatch
}

/** A step to be watched. */
export interface WatchedStep {
  /** Null when they depend on the database. */
  readonly statements: readonly string[] | null
  /** The effects that the tool wrote into the file; absent if a person wrote the statements. */
  readonly recorded?: object
}

/** A session that holds a lock which a statement waited for. */
export interface Blocker {
  readonly pid: number
  readonly user: string | null
  readonly application: string | null
  /** `active`, `idle in transaction` … */
  readonly state: string | null
  /** Start of its transaction; ISO 8601, UTC. */
  readonly since: string | null
  /** Its current or last query; at most 200 characters. Null where this role may not see it. */
  readonly query: string | null
  /** `ACCESS EXCLUSIVE on "workflows"`. */
  readonly holds: string
}

/** How long the statements of a step may wait and run, in milliseconds. Absent keeps the session's limit; 0 is no limit. */
export interface StatementLimits {
  readonly lockTimeoutMs?: number
  readonly statementTimeoutMs?: number
}
