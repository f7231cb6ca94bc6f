import { renameListed, valuesOf } from '../../schema/enum-values'
import { renameValueIn } from '../../schema/expressions'
import { displayName, findTable, type ObjectName, sameName, type Schema } from '../../schema/schema'
import { editDefaults, editExpressions } from '../edit-expressions'
import { editTable, cannotApply, requireNamed } from '../edit-schema'
import type { OperationKind } from '../operation'

/**
 * Renames a value of an enum: in its type, or, without a type, in the check that lists the values and in the rows of the
 * column.
 */
export interface RenameValue {
  readonly op: 'renameValue'
  /** The table of the column; if several columns have the type, of the first. */
  readonly table: ObjectName
  readonly column: string
  readonly type?: ObjectName
  readonly from: string
  readonly to: string
}

/** Renames the value of a type in defaults, expressions and views too. */
export const renameValue: OperationKind<RenameValue> = {
  apply(operation, schema) {
    const { table, column, type, from, to } = operation
    const values = listedValues(operation, schema)
    if (!values.includes(from)) throw cannotApply(`${displayName(table)}.${column} has no value ${from}`)
    if (values.includes(to)) throw cannotApply(`${displayName(table)}.${column} has a value ${to} already`)
    if (type === undefined) return editTable(schema, table, (current) => renameListed(current, column, from, to))
    const renamed = requireNamed(schema.enums, type, 'enum')
    const edit = (sql: string): string => renameValueIn(sql, type, from, to)
    return {
      ...schema,
      enums: schema.enums.map((other) =>
        other === renamed ? { ...other, values: other.values.map((value) => (value === from ? to : value)) } : other,
      ),
      tables: schema.tables.map((other) => editDefaults(editExpressions(other, edit), edit)),
      views: schema.views.map((view) => ({ ...view, definition: edit(view.definition) })),
    }
  },
  reverse: ({ from, to, ...rest }) => ({ ...rest, from: to, to: from }),
  destroys: () => [],
  phase: () => 'renameValue',
  describe: ({ table, column, from, to }) => `rename value ${from} of ${displayName(table)}.${column} to ${to}`,
  phrase: ({ column, from, to }) => `rename value ${from} of ${column} to ${to}`,
  subject: ({ table, column, from }) => ({ table: displayName(table), name: `${column}.${from}` }),
}

function listedValues({ table, column, type }: RenameValue, schema: Schema): readonly string[] {
  if (type !== undefined) return schema.enums.find((other) => sameName(other, type))?.values ?? []
  const found = findTable(schema, table)
  const named = found?.columns.find((other) => other.name === column)
  return found === undefined || named === undefined ? [] : (valuesOf(schema, found, named) ?? [])
}
