import type { Queryable } from '../queryable'

/** How a table is updated in batches; see `batches/`. */
export interface BatchRole {
  /** Begins the transaction of a batch, which either sees what others commit or keeps them from writing. */
  readonly begin: string
  /** Suffix of a SELECT that locks its rows until the transaction ends. Empty where others cannot write anyway. */
  readonly lockRows: string

  /**
   * The columns of a key, in the order given.
   *
   * @throws AludelError `ALUDEL_BATCHED` when the table or a column is missing, when no unique index has exactly these
   *   columns, or when a column is nullable
   */
  keyColumns(database: Queryable, table: string, key: readonly string[]): Promise<readonly KeyColumn[]>
  /** An expression for the value of a key column as text, from which {@link parameter} restores exactly that value. */
  exact(column: KeyColumn): string
  /** That value as a parameter, with the SQL around its placeholder. */
  parameter(column: KeyColumn, exact: string, placeholder: string): { readonly sql: string; readonly value: unknown }
  /** That value as an SQL literal. */
  literal(column: KeyColumn, exact: string): string
  /**
   * Updates the rows of a batch.
   *
   * @returns the number of changed rows, and how many of them still match `where`; null where the statement cannot count these
   */
  update(database: Queryable, update: BatchUpdate): Promise<{ readonly changed: number; readonly still: number | null }>
}

/** A column of the key used to page through the table. */
export interface KeyColumn {
  readonly name: string
  /** The quoted column, for comparing and ordering; with the collation of the unique index where that matters. */
  readonly sql: string
  /** The database's name of its type, for casts. */
  readonly type: string
}

/** An UPDATE of the rows of one batch. */
export interface BatchUpdate {
  /** Quoted. */
  readonly table: string
  /** The assignments after SET. */
  readonly set: string
  /** The caller's condition combined with the range of keys. */
  readonly condition: string
  /** The caller's own condition, which an updated row should no longer match; undefined when there is none. */
  readonly where: string | undefined
  readonly parameters: readonly unknown[]
}
