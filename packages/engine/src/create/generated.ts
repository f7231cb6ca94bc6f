import { needsValue } from '../difference/needs'
import type { Operation } from '../operations/operation'
import { findTable } from '../schema/schema'
import type { DialectDiff } from './diff'

/**
 * The operations, in which rows get a generated value in new columns that entities declare as generated. A database that
 * does this itself when it adds the column has nothing to be added here.
 */
export function withGeneratedValues({ dialect, operations, to, generated = [] }: DialectDiff): readonly Operation[] {
  if (generated.length === 0) return operations
  return operations.map((operation) => {
    if (operation.op !== 'addColumn' || operation.values !== undefined || !needsValue(operation.column))
      return operation
    const { table: owner, column } = operation
    const found = generated.find(
      ({ table, column: name }) =>
        name === column.name &&
        table.name === owner.name &&
        (table.schema === undefined || owner.schema === undefined || table.schema === owner.schema),
    )
    const table = findTable(to, owner)
    if (found === undefined || table === undefined) return operation
    const backfill = dialect.ddl.generatedValue(column, found.strategy, table)
    return backfill === undefined ? operation : { ...operation, values: { backfill } }
  })
}
