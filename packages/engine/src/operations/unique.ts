import { constraintSubject, requireColumns, withConstraint, withoutConstraint } from './constraints'
import { editTable } from './edit'
import type { AddUnique, DropUnique, OperationKind } from './operation'
import { columnList, named } from './words'

export const addUnique: OperationKind<AddUnique> = {
  apply: ({ table, unique }, schema) =>
    editTable(schema, table, (current) => {
      requireColumns(current, unique.columns)
      return { ...current, uniques: withConstraint(current, current.uniques, unique) }
    }),
  reverse: ({ table, unique }) => ({ op: 'dropUnique', table, unique }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, unique }) => `add unique${named(unique.name)} on ${columnList(table, unique.columns)}`,
  subject: ({ table, unique }) => constraintSubject(table, unique),
}

export const dropUnique: OperationKind<DropUnique> = {
  apply: ({ table, unique }, schema) =>
    editTable(schema, table, (current) => ({ ...current, uniques: withoutConstraint(table, current.uniques, unique) })),
  reverse: ({ table, unique }) => ({ op: 'addUnique', table, unique }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, unique }) => `drop unique${named(unique.name)} on ${columnList(table, unique.columns)}`,
  subject: ({ table, unique }) => constraintSubject(table, unique),
}
