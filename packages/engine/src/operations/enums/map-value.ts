import { displayName, type ObjectName } from '../../schema/schema'
import { requireColumn, requireTable } from '../edit-schema'
import type { OperationKind } from '../operation'
import { columnName } from '../wording'

/** Rows that have one value of an enum get another one. The schema stays as it is. */
export interface MapValue {
  readonly op: 'mapValue'
  readonly table: ObjectName
  readonly column: string
  readonly from: string
  readonly to: string
  /** The way back: nothing is done, since nobody knows which rows had which value. */
  readonly undone?: true
}

/** Everything else is as it was: the operations around it take the value away. */
export const mapValue: OperationKind<MapValue> = {
  apply({ table, column }, schema) {
    requireColumn(requireTable(schema, table), column)
    return schema
  },
  reverse: ({ undone, ...rest }) => (undone === true ? rest : { ...rest, undone: true }),
  destroys: ({ table, column, from, to, undone }) =>
    undone === true ? [] : [`which rows of ${columnName(table, column)} were '${from}': they become '${to}'`],
  lock: () => 'none',
  phase: () => 'mapValue',
  describe: ({ table, column, from, to, undone }) =>
    undone === true
      ? `leave ${to} of ${displayName(table)}.${column} as it is`
      : `map value ${from} of ${displayName(table)}.${column} to ${to}`,
  phrase: ({ column, from, to, undone }) => (undone === true ? undefined : `map value ${from} of ${column} to ${to}`),
  subject: ({ table, column, from }) => ({ table: displayName(table), name: `${column}.${from}` }),
}
