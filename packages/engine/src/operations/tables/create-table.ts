import { displayName, nameOf, type ObjectName, type Table } from '../../schema/schema'
import { cannotApply, requireFreeName, requireTypeOf } from '../edit-schema'
import type { OperationKind } from '../operation'

/**
 * Creates a table with its columns, primary key, unique constraints, checks, exclusions, comment and options. Separate
 * operations create foreign keys, indexes, triggers, policies and partitions, which are empty in `definition`.
 */
export interface CreateTable {
  readonly op: 'createTable'
  readonly table: ObjectName
  readonly definition: Table
}

export const createTable: OperationKind<CreateTable> = {
  apply({ table, definition }, schema) {
    requireFreeName(schema, table)
    if (definition.foreignKeys.length > 0 || definition.indexes.length > 0) {
      throw cannotApply(`foreign keys and indexes of ${displayName(table)} are separate operations`)
    }
    for (const column of definition.columns) requireTypeOf(column, schema)
    return { ...schema, tables: [...schema.tables, { ...definition, ...nameOf(table) }] }
  },
  reverse: ({ table, definition }) => ({ op: 'dropTable', table, definition }),
  destroys: () => [],
  phase: () => 'createTable',
  describe: ({ table, definition }) => `create table ${displayName(table)} (${columnNames(definition)})`,
  subject: ({ table }) => ({ table: displayName(table), name: table.name }),
}

/** The first columns, and how many more. */
function columnNames({ columns }: Table): string {
  const shown = columns.slice(0, 6).map((column) => column.name)
  const more = columns.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${String(more)} more` : shown.join(', ')
}
