import { displayName } from '../schema/schema'
import { constraintSubject, withConstraint, withoutConstraint } from './constraints'
import { editTable } from './edit'
import type { AddExclusion, DropExclusion, OperationKind } from './operation'
import { brief } from './words'

export const addExclusion: OperationKind<AddExclusion> = {
  apply: ({ table, exclusion }, schema) =>
    editTable(schema, table, (current) => ({
      ...current,
      exclusions: withConstraint(current, current.exclusions, exclusion),
    })),
  reverse: ({ table, exclusion }) => ({ op: 'dropExclusion', table, exclusion }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, exclusion }) =>
    `add exclusion ${exclusion.name} on ${displayName(table)}: ${brief(exclusion.definition)}`,
  subject: ({ table, exclusion }) => constraintSubject(table, exclusion),
}

export const dropExclusion: OperationKind<DropExclusion> = {
  apply: ({ table, exclusion }, schema) =>
    editTable(schema, table, (current) => ({
      ...current,
      exclusions: withoutConstraint(table, current.exclusions, exclusion),
    })),
  reverse: ({ table, exclusion }) => ({ op: 'addExclusion', table, exclusion }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, exclusion }) =>
    `drop exclusion ${exclusion.name} on ${displayName(table)}: ${brief(exclusion.definition)}`,
  subject: ({ table, exclusion }) => constraintSubject(table, exclusion),
}
