import type { TableLock } from '../../sql/effects'
import type { Queryable } from '../queryable'

/** Measures what statements do to tables that existed before them. */
export interface TraceRole {
  /** False where there is nothing to measure: a writer of SQLite locks the whole file, whatever it does. */
  readonly measures: boolean

  /**
   * Executes one statement in the open transaction, and reads back what it did.
   *
   * @param run sends the statement
   */
  around(database: Queryable, run: () => Promise<unknown>): Promise<Traced>
}

/** A statement that was executed, with what was measured. */
export interface Traced extends Measured {
  /** Of the statement. */
  readonly result: unknown
}

/** What a statement did to tables and indexes that existed before it. */
export interface Measured {
  /**
   * New locks on tables and views, the strongest of each; all levels. On an index only one that blocks rows and is stronger than
   * that of its table: REINDEX lets others read the table, but not plan a query with the index.
   */
  readonly locks: readonly TableLock[]
  /** Tables whose rows were written anew (or removed, by TRUNCATE). */
  readonly rewrites: readonly string[]
  /** Indexes that were built anew. */
  readonly rebuilds: readonly string[]
  /** Tables that were read from beginning to end. */
  readonly scans: readonly string[]
}

/** For a dialect without anything to measure. */
export const nothingMeasured: TraceRole = {
  measures: false,
  around: async (_, run) => ({ result: await run(), locks: [], rewrites: [], rebuilds: [], scans: [] }),
}
