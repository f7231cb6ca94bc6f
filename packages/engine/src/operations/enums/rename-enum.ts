import { printedType, renameTypeIn } from '../../schema/expressions'
import { type Column, displayName, nameOf, type ObjectName, sameName } from '../../schema/schema'
import { quotedName } from '../../sql/tokens'
import { editDefaults, editExpressions } from '../edit-expressions'
import { cannotApply, renamed, requireNamed, requireSchema } from '../edit-schema'
import type { OperationKind } from '../operation'
import { quotedObject } from '../wording'

export interface RenameEnum {
  readonly op: 'renameEnum'
  readonly from: ObjectName
  readonly to: ObjectName
}

/** Renames the type in its columns too, and in casts in defaults, expressions and views. */
export const renameEnum: OperationKind<RenameEnum> = {
  apply({ from, to }, schema) {
    const type = requireNamed(schema.enums, from, 'enum')
    requireSchema(schema, to)
    if (schema.enums.some((other) => sameName(other, to))) throw cannotApply(`enum ${displayName(to)} exists already`)
    const edit = (sql: string): string => renameTypeIn(sql, from, to)
    return {
      ...schema,
      enums: schema.enums.map((other) => (other === type ? renamed(type, nameOf(to)) : other)),
      tables: schema.tables.map((table) => {
        const edited = editDefaults(editExpressions(table, edit), edit)
        return { ...edited, columns: edited.columns.map((column) => follow(column, from, to)) }
      }),
      views: schema.views.map((view) => ({ ...view, definition: edit(view.definition) })),
    }
  },
  reverse: ({ from, to }) => ({ op: 'renameEnum', from: to, to: from }),
  destroys: () => [],
  phase: () => 'renameEnum',
  describe: ({ from, to }) => `rename enum ${displayName(from)} to ${displayName(to)}`,
  subject: ({ from }) => ({ name: displayName(from) }),
}

function follow(column: Column, from: ObjectName, to: ObjectName): Column {
  if (column.enum === undefined || !sameName(column.enum, from)) return column
  const array = /(?:\[\])*$/.exec(column.type)?.[0] ?? ''
  const wasQuoted = column.type.includes(quotedName(from.name))
  return { ...column, enum: nameOf(to), type: `${wasQuoted ? quotedObject(to) : printedType(to)}${array}` }
}
