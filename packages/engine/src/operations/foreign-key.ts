import type { ForeignKey, ObjectName } from '../schema/schema'
import { constraintSubject, requireColumns, withConstraint, withoutConstraint } from './constraints'
import { editTable, requireTable } from './edit'
import type { AddForeignKey, DropForeignKey, OperationKind } from './operation'
import { columnList, named } from './words'

export const addForeignKey: OperationKind<AddForeignKey> = {
  apply({ table, foreignKey }, schema) {
    requireColumns(requireTable(schema, foreignKey.references), foreignKey.references.columns)
    return editTable(schema, table, (current) => {
      requireColumns(current, foreignKey.columns)
      return { ...current, foreignKeys: withConstraint(current, current.foreignKeys, foreignKey) }
    })
  },
  reverse: ({ table, foreignKey }) => ({ op: 'dropForeignKey', table, foreignKey }),
  destroys: () => [],
  lock: () => 'SHARE ROW EXCLUSIVE',
  describe: ({ table, foreignKey }) => `add foreign key${wording(table, foreignKey)}${actions(foreignKey)}`,
  subject: ({ table, foreignKey }) => constraintSubject(table, foreignKey),
}

export const dropForeignKey: OperationKind<DropForeignKey> = {
  apply: ({ table, foreignKey }, schema) =>
    editTable(schema, table, (current) => ({
      ...current,
      foreignKeys: withoutConstraint(table, current.foreignKeys, foreignKey),
    })),
  reverse: ({ table, foreignKey }) => ({ op: 'addForeignKey', table, foreignKey }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, foreignKey }) => `drop foreign key${wording(table, foreignKey)}`,
  subject: ({ table, foreignKey }) => constraintSubject(table, foreignKey),
}

function wording(table: ObjectName, { name, columns, references }: ForeignKey): string {
  return `${named(name)} on ${columnList(table, columns)} to ${columnList(references, references.columns)}`
}

function actions({ onDelete, onUpdate }: ForeignKey): string {
  return `${onDelete === 'NO ACTION' ? '' : ` on delete ${onDelete.toLowerCase()}`}${
    onUpdate === 'NO ACTION' ? '' : ` on update ${onUpdate.toLowerCase()}`
  }`
}
