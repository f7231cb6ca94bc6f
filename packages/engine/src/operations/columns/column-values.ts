/** What somebody has said about the values of a column, as SQL expressions over the columns of its table. */
export interface ColumnValues {
  /** The value in its new type, made from the old one. */
  readonly using?: string
  /** The value where there is none: in the rows of a new column, or instead of NULL. */
  readonly backfill?: string
}

interface Both {
  readonly values?: ColumnValues
  readonly undo?: ColumnValues
}

/** The two for the reverse of an operation. Absent keys stay absent. */
export function swapped({ values, undo }: { [K in keyof Both]: Both[K] | undefined }): Both {
  return { ...(undo === undefined ? {} : { values: undo }), ...(values === undefined ? {} : { undo: values }) }
}
