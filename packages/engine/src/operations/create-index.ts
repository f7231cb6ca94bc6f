import { displayName, findTable, type Index, type ObjectName, sameName, type Schema } from '../schema/schema'
import { requireColumns } from './constraints'
import { misfit, requireFreeName, without } from './edit'
import type { CreateIndex, DropIndex, OperationKind, RenameIndex } from './operation'

export const createIndex: OperationKind<CreateIndex> = {
  apply({ table, index }, schema) {
    requireFreeName(schema, nameOf(table, index.name))
    const owner = findTable(schema, table)
    if (owner !== undefined) {
      requireColumns(owner, [...index.keys.flatMap((key) => key.column ?? []), ...(index.include ?? [])])
    }
    return editIndexes(schema, table, (indexes) => [...indexes, index])
  },
  reverse: ({ table, index }) => ({ op: 'dropIndex', table, index }),
  destroys: () => [],
  lock: () => 'SHARE',
  describe: ({ table, index }) => `create ${wording(index)} on ${displayName(table)} (${keyList(index)})`,
  subject: ({ table, index }) => ({ table: displayName(table), name: index.name }),
}

export const dropIndex: OperationKind<DropIndex> = {
  apply: ({ table, index }, schema) =>
    editIndexes(schema, table, (indexes) => without(indexes, placeOf(indexes, index.name), missing(table, index.name))),
  reverse: ({ table, index }) => ({ op: 'createIndex', table, index }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, index }) => `drop ${wording(index)} on ${displayName(table)} (${keyList(index)})`,
  subject: ({ table, index }) => ({ table: displayName(table), name: index.name }),
}

export const renameIndex: OperationKind<RenameIndex> = {
  apply({ table, from, to }, schema) {
    requireFreeName(schema, nameOf(table, to))
    return editIndexes(schema, table, (indexes) => {
      if (placeOf(indexes, from) < 0) throw misfit(missing(table, from))
      return indexes.map((index) => (index.name === from ? { ...index, name: to } : index))
    })
  },
  reverse: ({ table, from, to }) => ({ op: 'renameIndex', table, from: to, to: from }),
  destroys: () => [],
  // SHARE UPDATE EXCLUSIVE: neither reads nor writes wait for it.
  lock: () => 'none',
  describe: ({ table, from, to }) => `rename index ${from} on ${displayName(table)} to ${to}`,
  subject: ({ table, from }) => ({ table: displayName(table), name: from }),
}

/** An index lives in the schema of what it indexes. */
function nameOf(owner: ObjectName, name: string): ObjectName {
  return owner.schema === undefined ? { name } : { schema: owner.schema, name }
}

/** Indexes of a table, or of a materialized view. */
function editIndexes(schema: Schema, owner: ObjectName, edit: (indexes: readonly Index[]) => Index[]): Schema {
  const change = <T extends ObjectName & { readonly indexes: readonly Index[] }>(item: T): T =>
    sameName(item, owner) ? { ...item, indexes: edit(item.indexes) } : item
  if (![...schema.tables, ...schema.views].some((item) => sameName(item, owner))) {
    throw misfit(`there is no table or view ${displayName(owner)}`)
  }
  return { ...schema, tables: schema.tables.map(change), views: schema.views.map(change) }
}

function placeOf(indexes: readonly Index[], name: string): number {
  return indexes.findIndex((index) => index.name === name)
}

function missing(owner: ObjectName, name: string): string {
  return `${displayName(owner)} has no index ${name}`
}

function wording(index: Index): string {
  return `${index.unique ? 'unique ' : ''}index ${index.name}`
}

function keyList(index: Index): string {
  const keys = index.keys.map((key) => `${key.column ?? key.expression ?? ''}${key.order === 'DESC' ? ' desc' : ''}`)
  return `${keys.join(', ')}${index.where === undefined ? '' : ` where ${index.where}`}`
}
