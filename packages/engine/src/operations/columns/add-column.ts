import { type Column, displayName, type ObjectName } from '../../schema/schema'
import { editTable, cannotApply, requireTypeOf } from '../edit-schema'
import type { OperationKind } from '../operation'
import { brief } from '../wording'
import { type ColumnValues, swapped } from './column-values'

export interface AddColumn {
  readonly op: 'addColumn'
  readonly table: ObjectName
  readonly column: Column
  readonly values?: ColumnValues
  /** The `values` of its reverse: nothing for a column that is dropped. Kept so that two reversals give the operation. */
  readonly undo?: ColumnValues
}

export const addColumn: OperationKind<AddColumn> = {
  apply({ table, column }, schema) {
    requireTypeOf(column, schema)
    return editTable(schema, table, (current) => {
      if (current.columns.some((other) => other.name === column.name)) {
        throw cannotApply(`${displayName(table)} has a column ${column.name} already`)
      }
      return { ...current, columns: [...current.columns, column] }
    })
  },
  reverse: ({ table, column, values, undo }) => ({ op: 'dropColumn', table, column, ...swapped({ values, undo }) }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  phase: ({ column }) => (column.generated === undefined ? 'addColumn' : 'addGeneratedColumn'),
  describe: ({ table, column }) => {
    const rest = [
      ...(column.nullable ? [] : ['not null']),
      ...(column.default === undefined ? [] : [`default ${brief(column.default)}`]),
    ]
    return [`add column ${displayName(table)}.${column.name} ${column.type}`, ...rest].join(' ')
  },
  phrase: ({ column }) => `add column ${column.name}`,
  subject: ({ table, column }) => ({ table: displayName(table), name: column.name }),
}
