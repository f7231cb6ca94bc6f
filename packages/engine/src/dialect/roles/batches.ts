import type { Queryable } from '../queryable'

/** How a table is updated in batches; see `batches/`. */
export interface BatchRole {
  /** Begins the transaction of a batch: one that sees what others commit, or that keeps them from writing at once. */
  readonly begin: string
  /** Follows a SELECT: nobody else changes these rows until the transaction ends. Empty where nobody can anyway. */
  readonly lockRows: string

  /**
   * The columns of a key, in the order given.
   *
   * @throws AludelError `ALUDEL_BATCHED` when there is no such table or column, when no unique index has exactly these
   *   columns, or when one may be null
   */
  keyColumns(database: Queryable, table: string, key: readonly string[]): Promise<readonly KeyColumn[]>
  /** An expression for the value of a key column as text, from which {@link parameter} makes the very same value again. */
  exact(column: KeyColumn): string
  /** That value as a parameter, with the SQL around its placeholder. */
  parameter(column: KeyColumn, exact: string, placeholder: string): { readonly sql: string; readonly value: unknown }
  /** That value written into the SQL. */
  literal(column: KeyColumn, exact: string): string
  /**
   * Updates the rows of a batch.
   *
   * @returns how many rows were changed, and how many of these still meet `where` as far as the statement itself can tell
   *   (null: it cannot)
   */
  update(database: Queryable, update: BatchUpdate): Promise<{ readonly changed: number; readonly still: number | null }>
}

/** A column of the key used to page through the table. */
export interface KeyColumn {
  readonly name: string
  /** The column as it is compared and ordered: quoted, where it matters with the collation of the unique index. */
  readonly sql: string
  /** The engine's name of its type, for casts. */
  readonly type: string
}

/** An UPDATE of the rows of one batch. */
export interface BatchUpdate {
  /** Quoted. */
  readonly table: string
  /** What follows SET. */
  readonly set: string
  /** Which rows: the caller's condition and the range of keys. */
  readonly condition: string
  /** The caller's own condition, which a row that was updated should no longer meet; undefined where there is none. */
  readonly where: string | undefined
  readonly parameters: readonly unknown[]
}
