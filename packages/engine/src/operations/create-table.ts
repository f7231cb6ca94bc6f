import { displayName, sameName, type Table } from '../schema/schema'
import { misfit, nameOnly, requireFreeName, requireTable } from './edit'
import type { CreateTable, DropTable, OperationKind } from './operation'
import { quotedObject } from './words'

export const createTable: OperationKind<CreateTable> = {
  apply({ table, definition }, schema) {
    requireFreeName(schema, table)
    if (definition.foreignKeys.length > 0 || definition.indexes.length > 0) {
      throw misfit(`foreign keys and indexes of ${displayName(table)} are operations of their own`)
    }
    for (const { enum: type } of definition.columns) {
      if (type !== undefined && !schema.enums.some((other) => sameName(other, type))) {
        throw misfit(`there is no enum ${displayName(type)}`)
      }
    }
    return { ...schema, tables: [...schema.tables, { ...definition, ...nameOnly(table) }] }
  },
  reverse: ({ table, definition }) => ({ op: 'dropTable', table, definition }),
  destroys: () => [],
  lock: () => 'none',
  describe: ({ table, definition }) => `create table ${displayName(table)} (${columnNames(definition)})`,
  subject: ({ table }) => ({ table: displayName(table), name: table.name }),
}

export const dropTable: OperationKind<DropTable> = {
  apply({ table }, schema) {
    const name = displayName(table)
    const current = requireTable(schema, table)
    if (current.foreignKeys.length > 0 || current.indexes.length > 0) {
      throw misfit(`foreign keys and indexes of ${name} are to be dropped before it`)
    }
    const referencing = schema.tables.find((other) => other.foreignKeys.some((key) => sameName(key.references, table)))
    if (referencing !== undefined) throw misfit(`${displayName(referencing)} references ${name}`)
    const view = schema.views.find((other) => other.dependsOn.some((read) => sameName(read, table)))
    if (view !== undefined) throw misfit(`view ${displayName(view)} reads ${name}`)
    const serials = current.columns.flatMap((column) => (column.serial === undefined ? [] : [column.serial]))
    const sequences = schema.sequences.filter((sequence) => !serials.some((serial) => sameName(serial, sequence)))
    const owned = sequences.find((sequence) => sequence.ownedBy !== undefined && sameName(sequence.ownedBy, table))
    if (owned !== undefined) throw misfit(`sequence ${displayName(owned)} belongs to ${name}`)
    return { ...schema, tables: schema.tables.filter((other) => other !== current), sequences }
  },
  reverse: ({ table, definition }) => ({ op: 'createTable', table, definition }),
  destroys: ({ table }) => [`all rows of ${quotedObject(table)}`],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table }) => `drop table ${displayName(table)}`,
  subject: ({ table }) => ({ table: displayName(table), name: table.name }),
}

/** The first columns, and how many more. */
function columnNames({ columns }: Table): string {
  const shown = columns.slice(0, 6).map((column) => column.name)
  const more = columns.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${String(more)} more` : shown.join(', ')
}
