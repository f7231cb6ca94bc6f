import type { ColumnValues } from './operation'

interface Both {
  readonly values?: ColumnValues
  readonly undo?: ColumnValues
}

/** What somebody said about the values, for the reverse of an operation. Absent keys stay absent. */
export function swapped({ values, undo }: { [K in keyof Both]: Both[K] | undefined }): Both {
  return { ...(undo === undefined ? {} : { values: undo }), ...(values === undefined ? {} : { undo: values }) }
}
