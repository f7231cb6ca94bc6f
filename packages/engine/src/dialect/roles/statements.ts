import type { Queryable } from '../queryable'

/** Which statements go into a transaction, and what became of one that did not. */
export interface StatementRole {
  /**
   * The first of a revision's statements that no transaction takes; undefined when one takes them all.
   *
   * @param statements of one direction, in order: whether `ALTER TYPE … ADD VALUE` can be in a transaction depends on
   *   what comes after it
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
}

/** Whether a statement that was begun took effect. One that can be run again without harm counts as not done. */
export type Probe = 'done' | 'not done' | 'unknown'
