import type { ObjectName, Unique } from '../../schema/schema'
import { requireColumns } from '../edit-schema'
import type { OfTable, Online, Operations } from '../operation'
import { columnList, named } from '../wording'
import { type AddDrop, constraintKinds, withConstraint, withoutConstraint } from './constraint'

export type AddDropUnique = Operations<'addUnique' | 'dropUnique', OfTable & Online & { unique: Unique }>

export function onUnique(table: ObjectName): AddDrop<Unique> {
  return {
    add: (unique) => ({ op: 'addUnique', table, unique }),
    drop: (unique) => ({ op: 'dropUnique', table, unique }),
  }
}

export const { add: addUnique, drop: dropUnique } = constraintKinds<'unique', Unique>({
  key: 'unique',
  operations: onUnique,
  add(table, unique) {
    requireColumns(table, unique.columns)
    return { ...table, uniques: withConstraint(table, table.uniques, unique) }
  },
  drop: (table, unique) => ({ ...table, uniques: withoutConstraint(table, table.uniques, unique) }),
  wording: ({ name, columns }, table) => `unique${named(name)} on ${columnList(table, columns)}`,
  phrase: ({ columns }) => `unique (${columns.join(', ')})`,
  phases: { add: 'addUnique', drop: 'dropUnique' },
})
