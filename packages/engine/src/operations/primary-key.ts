import { displayName } from '../schema/schema'
import { constraintSubject, requireColumns, requireFreeConstraintName } from './constraints'
import { editTable, misfit } from './edit'
import type { AddPrimaryKey, DropPrimaryKey, OperationKind } from './operation'
import { columnList, named } from './words'

export const addPrimaryKey: OperationKind<AddPrimaryKey> = {
  apply: ({ table, primaryKey }, schema) =>
    editTable(schema, table, (current) => {
      if (current.primaryKey !== undefined) throw misfit(`${displayName(table)} has a primary key already`)
      requireColumns(current, primaryKey.columns)
      requireFreeConstraintName(current, primaryKey.name)
      return { ...current, primaryKey }
    }),
  reverse: ({ table, primaryKey }) => ({ op: 'dropPrimaryKey', table, primaryKey }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, primaryKey }) =>
    `add primary key${named(primaryKey.name)} on ${columnList(table, primaryKey.columns)}`,
  subject: ({ table, primaryKey }) => constraintSubject(table, primaryKey),
}

export const dropPrimaryKey: OperationKind<DropPrimaryKey> = {
  apply: ({ table }, schema) =>
    editTable(schema, table, ({ primaryKey, ...current }) => {
      if (primaryKey === undefined) throw misfit(`${displayName(table)} has no primary key`)
      return current
    }),
  reverse: ({ table, primaryKey }) => ({ op: 'addPrimaryKey', table, primaryKey }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, primaryKey }) =>
    `drop primary key${named(primaryKey.name)} on ${columnList(table, primaryKey.columns)}`,
  subject: ({ table, primaryKey }) => constraintSubject(table, primaryKey),
}
