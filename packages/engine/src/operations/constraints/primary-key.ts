import { displayName, type ObjectName, type PrimaryKey } from '../../schema/schema'
import { cannotApply, requireColumns } from '../edit-schema'
import type { OfTable, Operations } from '../operation'
import { columnList, named } from '../wording'
import { type AddDrop, constraintKinds, requireFreeConstraintName } from './constraint'

export type AddDropPrimaryKey = Operations<'addPrimaryKey' | 'dropPrimaryKey', OfTable & { primaryKey: PrimaryKey }>

export function onPrimaryKey(table: ObjectName): AddDrop<PrimaryKey> {
  return {
    add: (primaryKey) => ({ op: 'addPrimaryKey', table, primaryKey }),
    drop: (primaryKey) => ({ op: 'dropPrimaryKey', table, primaryKey }),
  }
}

export const { add: addPrimaryKey, drop: dropPrimaryKey } = constraintKinds<'primaryKey', PrimaryKey>({
  key: 'primaryKey',
  operations: onPrimaryKey,
  add(table, primaryKey) {
    if (table.primaryKey !== undefined) throw cannotApply(`${displayName(table)} has a primary key already`)
    requireColumns(table, primaryKey.columns)
    requireFreeConstraintName(table, primaryKey.name)
    return { ...table, primaryKey }
  },
  drop({ primaryKey, ...table }) {
    if (primaryKey === undefined) throw cannotApply(`${displayName(table)} has no primary key`)
    return table
  },
  wording: ({ name, columns }, table) => `primary key${named(name)} on ${columnList(table, columns)}`,
  phrase: () => 'primary key',
  phases: { add: 'addPrimaryKey', drop: 'dropPrimaryKey' },
})
