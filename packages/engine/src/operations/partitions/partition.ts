import { displayName, type ObjectName, type Partition } from '../../schema/schema'
import { editTable } from '../edit-schema'
import { type CreateDropReplace, replaceableKinds } from '../object-kinds'
import type { Change, OfTable, Operations } from '../operation'

/** A replaced partition gets other bounds: it is detached and attached again with its rows, which must fit. */
export type PartitionOperation =
  | Operations<'createPartition' | 'dropPartition', OfTable & { partition: Partition }>
  | Operations<'replacePartition', OfTable & Change<Partition>>

export function onPartition(table: ObjectName): CreateDropReplace<Partition> {
  return {
    create: (partition) => ({ op: 'createPartition', table, partition }),
    drop: (partition) => ({ op: 'dropPartition', table, partition }),
    replace: (change) => ({ op: 'replacePartition', table, ...change }),
  }
}

export const {
  create: createPartition,
  drop: dropPartition,
  replace: replacePartition,
} = replaceableKinds<'partition', Partition, OfTable>({
  key: 'partition',
  word: 'partition',
  preposition: 'of',
  details: ({ bound }, verb) => (verb === 'drop' ? '' : ` ${bound.toLowerCase()}`),
  operations: ({ table }) => onPartition(table),
  edit: (schema, { table }, change) =>
    editTable(schema, table, (owner) => ({ ...owner, partitions: change(owner.partitions ?? []) })),
  destroys: (partition) => [`all rows of ${displayName(partition)}`],
  phases: { create: 'createPartition', drop: 'dropPartition', replace: 'createPartition' },
})
