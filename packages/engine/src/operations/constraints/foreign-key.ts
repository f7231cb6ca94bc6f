import type { ForeignKey, ObjectName } from '../../schema/schema'
import { requireColumns, requireTable } from '../edit-schema'
import type { OfTable, Online, Operations } from '../operation'
import { columnList, named } from '../wording'
import { type AddDrop, constraintKinds, withConstraint, withoutConstraint } from './constraint'

export type AddDropForeignKey = Operations<
  'addForeignKey' | 'dropForeignKey',
  OfTable & Online & { foreignKey: ForeignKey }
>

export function onForeignKey(table: ObjectName): AddDrop<ForeignKey> {
  return {
    add: (foreignKey) => ({ op: 'addForeignKey', table, foreignKey }),
    drop: (foreignKey) => ({ op: 'dropForeignKey', table, foreignKey }),
  }
}

export const { add: addForeignKey, drop: dropForeignKey } = constraintKinds<'foreignKey', ForeignKey>({
  key: 'foreignKey',
  operations: onForeignKey,
  add(table, foreignKey, schema) {
    requireColumns(requireTable(schema, foreignKey.references), foreignKey.references.columns)
    requireColumns(table, foreignKey.columns)
    return { ...table, foreignKeys: withConstraint(table, table.foreignKeys, foreignKey) }
  },
  drop: (table, foreignKey) => ({ ...table, foreignKeys: withoutConstraint(table, table.foreignKeys, foreignKey) }),
  wording: ({ name, columns, references }, table) =>
    `foreign key${named(name)} on ${columnList(table, columns)} to ${columnList(references, references.columns)}`,
  details: ({ onDelete, onUpdate }) =>
    [
      ...(onDelete === 'NO ACTION' ? [] : [` on delete ${onDelete.toLowerCase()}`]),
      ...(onUpdate === 'NO ACTION' ? [] : [` on update ${onUpdate.toLowerCase()}`]),
    ].join(''),
  phrase: ({ columns }) => `foreign key (${columns.join(', ')})`,
  phases: { add: 'addForeignKey', drop: 'dropForeignKey' },
})
