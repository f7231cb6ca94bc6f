import { type Column, displayName, type ObjectName } from '../../schema/schema'
import { editTable, cannotApply, requireTypeOf } from '../edit-schema'
import type { OperationKind } from '../operation'
import { brief } from '../wording'
import type { ColumnValues } from './column-values'

export interface AddColumn {
  readonly op: 'addColumn'
  readonly table: ObjectName
  readonly column: Column
  readonly values?: ColumnValues
  /** The `values` of the reverse operation, which does not use them. Kept so that reversing twice gives the same operation. */
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
  reverse: ({ table, column, values, undo }) => ({ op: 'dropColumn', table, column, values: undo, undo: values }),
  destroys: () => [],
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
