import { printedType, renameTypeIn } from '../schema/expressions'
import { type Column, displayName, type ObjectName, sameName } from '../schema/schema'
import { quotedName } from '../sql/tokens'
import { nameOnly, renamed } from './edit'
import { editDefaults, editExpressions } from './expressions'
import { requireEnum, requireFreeType } from './create-enum'
import type { OperationKind, RenameEnum } from './operation'

/** Columns of the type follow, and so do casts to it in defaults, expressions and views. */
export const renameEnum: OperationKind<RenameEnum> = {
  apply({ from, to }, schema) {
    const type = requireEnum(schema, from)
    requireFreeType(schema, to)
    const edit = (sql: string): string => renameTypeIn(sql, from, to)
    return {
      ...schema,
      enums: schema.enums.map((other) => (other === type ? renamed(type, nameOnly(to)) : other)),
      tables: schema.tables.map((table) => {
        const edited = editDefaults(editExpressions(table, edit), edit)
        return { ...edited, columns: edited.columns.map((column) => follow(column, from, to)) }
      }),
      views: schema.views.map((view) => ({ ...view, definition: edit(view.definition) })),
    }
  },
  reverse: ({ from, to }) => ({ op: 'renameEnum', from: to, to: from }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ from, to }) => `rename enum ${displayName(from)} to ${displayName(to)}`,
  subject: ({ from }) => ({ name: displayName(from) }),
}

function follow(column: Column, from: ObjectName, to: ObjectName): Column {
  if (column.enum === undefined || !sameName(column.enum, from)) return column
  const array = /(?:\[\])*$/.exec(column.type)?.[0] ?? ''
  const wasQuoted = column.type.includes(quotedName(from.name))
  return { ...column, enum: nameOnly(to), type: `${wasQuoted ? quotedType(to) : printedType(to)}${array}` }
}

function quotedType(name: ObjectName): string {
  return [...(name.schema === undefined ? [] : [name.schema]), name.name].map(quotedName).join('.')
}
