import { displayName, type Exclusion, type ObjectName } from '../../schema/schema'
import type { OfTable, Operations } from '../operation'
import { brief } from '../wording'
import { type AddDrop, constraintKinds, withConstraint, withoutConstraint } from './constraint'

export type AddDropExclusion = Operations<'addExclusion' | 'dropExclusion', OfTable & { exclusion: Exclusion }>

export function onExclusion(table: ObjectName): AddDrop<Exclusion> {
  return {
    add: (exclusion) => ({ op: 'addExclusion', table, exclusion }),
    drop: (exclusion) => ({ op: 'dropExclusion', table, exclusion }),
  }
}

export const { add: addExclusion, drop: dropExclusion } = constraintKinds<'exclusion', Exclusion>({
  key: 'exclusion',
  operations: onExclusion,
  add: (table, exclusion) => ({ ...table, exclusions: withConstraint(table, table.exclusions, exclusion) }),
  drop: (table, exclusion) => ({ ...table, exclusions: withoutConstraint(table, table.exclusions, exclusion) }),
  wording: ({ name, definition }, table) => `exclusion ${name} on ${displayName(table)}: ${brief(definition)}`,
  phases: { add: 'addExclusion', drop: 'dropExclusion' },
})
