import { displayName, type ObjectName, sameName, type Table } from '../../schema/schema'
import { cannotApply, requireTable } from '../edit-schema'
import type { OperationKind } from '../operation'

/** `definition` is the one of the `createTable` that undoes the operation. */
export interface DropTable {
  readonly op: 'dropTable'
  readonly table: ObjectName
  readonly definition: Table
}

export const dropTable: OperationKind<DropTable> = {
  apply({ table }, schema) {
    const name = displayName(table)
    const current = requireTable(schema, table)
    if (current.foreignKeys.length > 0 || current.indexes.length > 0) {
      throw cannotApply(`foreign keys and indexes of ${name} must be dropped before it`)
    }
    const referencing = schema.tables.find((other) => other.foreignKeys.some((key) => sameName(key.references, table)))
    if (referencing !== undefined) throw cannotApply(`${displayName(referencing)} references ${name}`)
    const view = schema.views.find((other) => other.dependsOn.some((read) => sameName(read, table)))
    if (view !== undefined) throw cannotApply(`view ${displayName(view)} reads ${name}`)
    const serials = current.columns.flatMap((column) => (column.serial === undefined ? [] : [column.serial]))
    const sequences = schema.sequences.filter((sequence) => !serials.some((serial) => sameName(serial, sequence)))
    const owned = sequences.find((sequence) => sequence.ownedBy !== undefined && sameName(sequence.ownedBy, table))
    if (owned !== undefined) throw cannotApply(`sequence ${displayName(owned)} belongs to ${name}`)
    return { ...schema, tables: schema.tables.filter((other) => other !== current), sequences }
  },
  reverse: ({ table, definition }) => ({ op: 'createTable', table, definition }),
  destroys: ({ table }) => [`all rows of ${displayName(table)}`],
  phase: () => 'dropTable',
  describe: ({ table }) => `drop table ${displayName(table)}`,
  subject: ({ table }) => ({ table: displayName(table), name: table.name }),
}
