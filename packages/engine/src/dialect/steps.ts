import type { Queryable } from './dialect'

/** Whether a statement that was begun took effect. One that can be run again without harm counts as not done. */
export type Probe = 'done' | 'not done' | 'unknown'

/** Why a statement was refused that may go through when it is tried again. */
export type Contention = 'lock timeout' | 'deadlock' | 'serialization' | 'busy'

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

/** What running the statements of a revision asks of an engine: which go into a transaction, and what became of one. */
export interface StepSupport {
  /**
   * The first of a revision's statements that no transaction takes; undefined when one takes them all.
   *
   * @param statements of one direction, in order: whether `ALTER TYPE … ADD VALUE` can be in a transaction depends on
   *   what comes behind it
   */
  outsideTransaction(statements: readonly string[]): string | undefined

  /** True when `sql` failed because it was in a transaction. */
  refusedByTransaction(error: unknown, sql: string): boolean

  /**
   * True for a statement (or several in one text) that can be executed in a transaction together with the note that it was:
   * then there is never a doubt about it. False for what no transaction takes, and for what may end one by itself.
   */
  sharesTransaction(sql: string): boolean

  /** True for a statement that lives and dies with the session (`SET`, `ATTACH`): a resumed revision needs it again. */
  isOfSession(sql: string): boolean

  /** True for a statement that waits without anybody having to wait for it (`… CONCURRENTLY`). */
  waitsAlone(sql: string): boolean

  /** Asks the catalog whether a statement took effect. Only for one that {@link sharesTransaction} says no to. */
  probe(database: Queryable, sql: string): Promise<Probe>

  /**
   * Statements that clear away what an earlier, failed execution of `sql` has left (an INVALID index); empty for nearly
   * all. To be run outside a transaction, before `sql` is executed.
   *
   * @throws AludelError `ALUDEL_TABLE_LOCKED` when another session is still at it
   */
  leftovers(database: Queryable, sql: string): Promise<readonly string[]>

  /**
   * Sets the limits, for the transaction that is open or for the session.
   *
   * @returns what sets a session back to what it was; never throws, and does nothing for a transaction, which forgets them
   */
  limit(database: Queryable, limits: StatementLimits, scope: 'transaction' | 'session'): Promise<() => Promise<void>>

  /** Undefined when trying again would be of no use. */
  contention(error: unknown): Contention | undefined

  /** Who holds a lock on what `sql` names, strongest lock first. Never throws. Outside a transaction. */
  blockers(database: Queryable, sql: string): Promise<readonly Blocker[]>
}
