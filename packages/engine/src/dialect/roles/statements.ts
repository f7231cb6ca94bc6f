import type { Queryable } from '../queryable'

/** Decides which statements can run in a transaction, and whether one that ran outside took effect. */
export interface StatementRole {
  /**
   * The first statement of a revision that cannot run in a transaction; undefined when all can.
   *
   * @param statements of one direction, in order: whether `ALTER TYPE … ADD VALUE` can run in a transaction depends on the
   *   statements after it
   */
  outsideTransaction(statements: readonly string[]): string | undefined

  /** True when `sql` failed because it was in a transaction. */
  refusedByTransaction(error: unknown, sql: string): boolean

  /**
   * True for a statement (or several in one text) that can be executed and recorded in one transaction, so that it is never
   * in doubt. False for statements that cannot run in a transaction, and for those that may end one.
   */
  sharesTransaction(sql: string): boolean

  /** True for a statement whose effect ends with the session (`SET`, `ATTACH`): a resumed revision must repeat it. */
  isOfSession(sql: string): boolean

  /** True for a statement whose waiting blocks no other session (`… CONCURRENTLY`). */
  waitsAlone(sql: string): boolean

  /** Asks the catalog whether a statement took effect. Only for statements for which {@link sharesTransaction} is false. */
  probe(database: Queryable, sql: string): Promise<Probe>

  /**
   * Statements that remove what a failed execution of `sql` has left (an INVALID index); empty for nearly all. Run them
   * outside a transaction, before `sql`.
   *
   * @throws AludelError `ALUDEL_TABLE_LOCKED` when another session is still executing it
   */
  leftovers(database: Queryable, sql: string): Promise<readonly string[]>
}

/** Whether a statement that was started took effect. One that can safely run again counts as not done. */
export type Probe = 'done' | 'not done' | 'unknown'
