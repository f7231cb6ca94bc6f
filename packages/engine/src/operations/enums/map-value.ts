import { displayName, type ObjectName } from '../../schema/schema'
import { requireColumn, requireTable } from '../edit-schema'
import type { OperationKind } from '../operation'
import { columnName } from '../wording'

/** Replaces one value of an enum by another in the rows of a column. The schema does not change. */
export interface MapValue {
  readonly op: 'mapValue'
  readonly table: ObjectName
  readonly column: string
  readonly from: string
  readonly to: string
  /** Set in the reverse operation, which does nothing: it is not known which rows had which value. */
  readonly undone?: true
}

export const mapValue: OperationKind<MapValue> = {
  apply({ table, column }, schema) {
    requireColumn(requireTable(schema, table), column)
    return schema
  },
  reverse: ({ undone, ...rest }) => (undone === true ? rest : { ...rest, undone: true }),
  destroys: ({ table, column, from, to, undone }) =>
    undone === true ? [] : [`which rows of ${columnName(table, column)} were '${from}': they become '${to}'`],
  phase: () => 'mapValue',
  describe: ({ table, column, from, to, undone }) =>
    undone === true
      ? `leave ${to} of ${displayName(table)}.${column} as it is`
      : `map value ${from} of ${displayName(table)}.${column} to ${to}`,
  phrase: ({ column, from, to, undone }) => (undone === true ? undefined : `map value ${from} of ${column} to ${to}`),
  subject: ({ table, column, from }) => ({ table: displayName(table), name: `${column}.${from}` }),
}
