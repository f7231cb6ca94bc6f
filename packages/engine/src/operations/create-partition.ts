import { displayName, type ObjectName, type Partition, type Schema } from '../schema/schema'
import { editTable, misfit } from './edit'
import type { CreatePartition, DropPartition, OperationKind, ReplacePartition } from './operation'
import { quotedObject } from './words'

export const createPartition: OperationKind<CreatePartition> = {
  apply: ({ table, partition }, schema) =>
    edit(schema, table, (list) => {
      if (list.some((other) => isSame(other, partition)))
        throw misfit(`${displayName(table)} has a partition ${displayName(partition)} already`)
      return [...list, partition]
    }),
  reverse: ({ table, partition }) => ({ op: 'dropPartition', table, partition }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, partition }) =>
    `create partition ${displayName(partition)} of ${displayName(table)} ${brief(partition)}`,
  subject: ({ table, partition }) => ({ table: displayName(table), name: displayName(partition) }),
}

export const dropPartition: OperationKind<DropPartition> = {
  apply: ({ table, partition }, schema) =>
    edit(schema, table, (list) => {
      requireListed(list, table, partition)
      return list.filter((other) => !isSame(other, partition))
    }),
  reverse: ({ table, partition }) => ({ op: 'createPartition', table, partition }),
  destroys: ({ partition }) => [`all rows of ${quotedObject(partition)}`],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, partition }) => `drop partition ${displayName(partition)} of ${displayName(table)}`,
  subject: ({ table, partition }) => ({ table: displayName(table), name: displayName(partition) }),
}

export const replacePartition: OperationKind<ReplacePartition> = {
  apply: ({ table, from, to }, schema) =>
    edit(schema, table, (list) => {
      requireListed(list, table, from)
      return list.map((other) => (isSame(other, from) ? to : other))
    }),
  reverse: ({ table, from, to }) => ({ op: 'replacePartition', table, from: to, to: from }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, to }) => `replace partition ${displayName(to)} of ${displayName(table)} ${brief(to)}`,
  subject: ({ table, to }) => ({ table: displayName(table), name: displayName(to) }),
}

function edit(schema: Schema, table: ObjectName, change: (list: readonly Partition[]) => Partition[]): Schema {
  return editTable(schema, table, (current) => ({ ...current, partitions: change(current.partitions ?? []) }))
}

function brief({ bound }: Partition): string {
  return bound.toLowerCase()
}

function requireListed(list: readonly Partition[], table: ObjectName, partition: Partition): void {
  if (!list.some((other) => isSame(other, partition)))
    throw misfit(`${displayName(table)} has no partition ${displayName(partition)}`)
}

function isSame(a: Partition, b: Partition): boolean {
  return a.name === b.name && a.schema === b.schema
}
