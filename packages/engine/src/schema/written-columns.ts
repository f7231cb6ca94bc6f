import type { ColumnsOf } from '../sql/effects'
import type { Schema } from './schema'

/** The columns of each table that statements write: all but the generated ones. */
export function writtenColumns({ tables }: Schema): ColumnsOf {
  return (name) =>
    tables
      .find((table) => table.name === name)
      ?.columns.flatMap((column) => (column.generated === undefined ? [column.name] : []))
}
