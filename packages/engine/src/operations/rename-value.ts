import { renameListed, valuesOf } from '../schema/enum-values'
import { renameValueIn } from '../schema/expressions'
import { displayName, findTable, sameName, type Schema } from '../schema/schema'
import { requireEnum } from './create-enum'
import { editTable, misfit, requireColumn, requireTable } from './edit'
import { editDefaults, editExpressions } from './expressions'
import type { MapValue, OperationKind, RenameValue } from './operation'
import { quotedColumn } from './words'

/** Where the value has a type, everything that names the value follows: defaults, expressions, views. */
export const renameValue: OperationKind<RenameValue> = {
  apply(operation, schema) {
    const { table, column, type, from, to } = operation
    const values = listedValues(operation, schema)
    if (!values.includes(from)) throw misfit(`${displayName(table)}.${column} has no value ${from}`)
    if (values.includes(to)) throw misfit(`${displayName(table)}.${column} has a value ${to} already`)
    if (type === undefined) return editTable(schema, table, (current) => renameListed(current, column, from, to))
    const renamed = requireEnum(schema, type)
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
  lock: ({ type }) => (type === undefined ? 'ACCESS EXCLUSIVE' : 'none'),
  describe: ({ table, column, from, to }) => `rename value ${from} of ${displayName(table)}.${column} to ${to}`,
  subject: ({ table, column, from }) => ({ table: displayName(table), name: `${column}.${from}` }),
}

/** Everything else is as it was: the operations around it take the value away. */
export const mapValue: OperationKind<MapValue> = {
  apply({ table, column }, schema) {
    requireColumn(requireTable(schema, table), column)
    return schema
  },
  reverse: ({ undone, ...rest }) => (undone === true ? rest : { ...rest, undone: true }),
  destroys: ({ table, column, from, to, undone }) =>
    undone === true ? [] : [`which rows of ${quotedColumn(table, column)} were '${from}': they become '${to}'`],
  lock: () => 'none',
  describe: ({ table, column, from, to, undone }) =>
    undone === true
      ? `leave ${to} of ${displayName(table)}.${column} as it is`
      : `map value ${from} of ${displayName(table)}.${column} to ${to}`,
  subject: ({ table, column, from }) => ({ table: displayName(table), name: `${column}.${from}` }),
}

function listedValues({ table, column, type }: RenameValue, schema: Schema): readonly string[] {
  if (type !== undefined) return schema.enums.find((other) => sameName(other, type))?.values ?? []
  const found = findTable(schema, table)
  const named = found?.columns.find((other) => other.name === column)
  return found === undefined || named === undefined ? [] : (valuesOf(schema, found, named) ?? [])
}
