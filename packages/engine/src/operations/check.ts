import { displayName } from '../schema/schema'
import { constraintSubject, withConstraint, withoutConstraint } from './constraints'
import { editTable } from './edit'
import type { AddCheck, DropCheck, OperationKind } from './operation'
import { brief, named } from './words'

export const addCheck: OperationKind<AddCheck> = {
  apply: ({ table, check }, schema) =>
    editTable(schema, table, (current) => ({ ...current, checks: withConstraint(current, current.checks, check) })),
  reverse: ({ table, check }) => ({ op: 'dropCheck', table, check }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, check }) => `add check${named(check.name)} on ${displayName(table)}: ${brief(check.expression)}`,
  subject: ({ table, check }) => constraintSubject(table, check),
}

export const dropCheck: OperationKind<DropCheck> = {
  apply: ({ table, check }, schema) =>
    editTable(schema, table, (current) => ({ ...current, checks: withoutConstraint(table, current.checks, check) })),
  reverse: ({ table, check }) => ({ op: 'addCheck', table, check }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, check }) => `drop check${named(check.name)} on ${displayName(table)}: ${brief(check.expression)}`,
  subject: ({ table, check }) => constraintSubject(table, check),
}
