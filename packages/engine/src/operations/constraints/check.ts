import { type Check, displayName, type ObjectName } from '../../schema/schema'
import type { OfTable, Online, Operations } from '../operation'
import { brief, named } from '../wording'
import { type AddDrop, constraintKinds, withConstraint, withoutConstraint } from './constraint'

export type AddDropCheck = Operations<'addCheck' | 'dropCheck', OfTable & Online & { check: Check }>

export function onCheck(table: ObjectName): AddDrop<Check> {
  return {
    add: (check) => ({ op: 'addCheck', table, check }),
    drop: (check) => ({ op: 'dropCheck', table, check }),
  }
}

export const { add: addCheck, drop: dropCheck } = constraintKinds<'check', Check>({
  key: 'check',
  operations: onCheck,
  add: (table, check) => ({ ...table, checks: withConstraint(table, table.checks, check) }),
  drop: (table, check) => ({ ...table, checks: withoutConstraint(table, table.checks, check) }),
  wording: ({ name, expression }, table) => `check${named(name)} on ${displayName(table)}: ${brief(expression)}`,
  phrase: ({ name }) => `check${named(name)}`,
  phases: { add: 'addCheck', drop: 'dropCheck' },
})
