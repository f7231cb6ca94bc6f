/** How the values of a column are computed: answers of the user, as SQL expressions over the columns of its table. */
export interface ColumnValues {
  /** The value in the new type, from the old value. */
  readonly using?: string
  /** The value of rows without one: all rows for a new column, or those with NULL. */
  readonly backfill?: string
}
