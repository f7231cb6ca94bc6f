import type { Queryable } from '../queryable'

/** The tables that Aludel keeps in a database. A table name may be `schema.table`, unquoted. */
export interface JournalRole {
  /**
   * The table with the schema in which the session finds it, or would create it: a revision may change what a name without a
   * schema means. The table as given where names have no such meaning, or the schema cannot be determined.
   */
  locate(database: Queryable, table: string): Promise<string>

  /** Statements that create the schema of a table when it is missing. */
  createSchema(table: string): readonly string[]

  /** Statements that create TypeORM's history table when it is missing, exactly as TypeORM does. */
  createHistory(table: string): readonly string[]

  /**
   * SELECT of `name` and `timestamp` of every applied migration, in the order they were applied.
   *
   * @param more SQL: a condition, which is asked in the same query, and is in each row as `more`
   */
  selectApplied(table: string, more?: string): string

  /**
   * Statements that create the journal when it is missing. Columns, named as in `history/types.ts` JournalEntry but in
   * snake case: id (generated key), run_id, revision, name, direction, statement (integer), progress (text, nullable),
   * checksum, started_at, finished_at, duration_ms (integer), actor, tool_version, outcome, error (text, nullable), history
   * (the name of the history table; empty by default).
   * No CHECK on outcome. Each statement can be repeated (IF NOT EXISTS).
   */
  createJournal(table: string): readonly string[]

  /**
   * Statements that create the table of batch cursors when it is missing. Columns: history, revision, direction, name (the
   * key), definition, cursor (text, nullable), pass, pass_rows, batches, rows, total (nullable; all integers), started_at,
   * updated_at, finished_at (nullable).
   */
  createCursors(table: string): readonly string[]

  /** Statements that add the column `history`, empty in every row, to a journal of an earlier version. */
  addHistory(table: string): readonly string[]

  /** Statements that add the column `history`, empty in every row, to the key of a table of cursors. All of them, or none. */
  addHistoryToCursors(table: string): readonly string[]

  /**
   * SELECT of `schema` (null in the default schema) and `name` of every table with exactly the columns of TypeORM's history
   * table.
   */
  selectHistories: string
}
