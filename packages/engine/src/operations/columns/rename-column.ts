import { renameColumnIn } from '../../schema/expressions'
import { scopeOf } from '../../schema/normalize'
import { displayName, type Index, type ObjectName, sameName, type Table } from '../../schema/schema'
import { renameColumnInTrigger } from '../../schema/trigger-text'
import { editExpressions } from '../edit-expressions'
import { cannotApply, requireColumn, requireTable } from '../edit-schema'
import type { OperationKind } from '../operation'

export interface RenameColumn {
  readonly op: 'renameColumn'
  readonly table: ObjectName
  readonly from: string
  readonly to: string
}

/** Renames the column wherever this table or a table that references it names it; the texts of views stay. */
export const renameColumn: OperationKind<RenameColumn> = {
  apply({ table, from, to }, schema) {
    const current = requireTable(schema, table)
    requireColumn(current, from)
    if (current.columns.some((column) => column.name === to)) {
      throw cannotApply(`${displayName(table)} has a column ${to} already`)
    }
    const follow = (name: string): string => (name === from ? to : name)
    return {
      ...schema,
      tables: schema.tables.map((other) => {
        const edited = other === current ? renameInTable(current, from, to) : other
        return {
          ...edited,
          foreignKeys: edited.foreignKeys.map((key) =>
            sameName(key.references, table)
              ? { ...key, references: { ...key.references, columns: key.references.columns.map(follow) } }
              : key,
          ),
        }
      }),
      sequences: schema.sequences.map((sequence) =>
        sequence.ownedBy !== undefined && sameName(sequence.ownedBy, table)
          ? { ...sequence, ownedBy: { ...sequence.ownedBy, column: follow(sequence.ownedBy.column) } }
          : sequence,
      ),
    }
  },
  reverse: ({ table, from, to }) => ({ op: 'renameColumn', table, from: to, to: from }),
  destroys: () => [],
  phase: () => 'renameColumn',
  describe: ({ table, from, to }) => `rename column ${displayName(table)}.${from} to ${to}`,
  phrase: ({ from, to }) => `rename column ${from} to ${to}`,
  subject: ({ table, from }) => ({ table: displayName(table), name: from }),
}

function renameInTable(table: Table, from: string, to: string): Table {
  const scope = scopeOf(table)
  const follow = (name: string): string => (name === from ? to : name)
  const list = <T extends { readonly columns: readonly string[] }>(item: T): T => ({
    ...item,
    columns: item.columns.map(follow),
  })
  const edited = editExpressions(table, (sql) => renameColumnIn(sql, scope, from, to))
  return {
    ...edited,
    triggers: edited.triggers.map((trigger) => ({ ...trigger, sql: renameColumnInTrigger(trigger.sql, from, to) })),
    columns: edited.columns.map((column) => (column.name === from ? { ...column, name: to } : column)),
    primaryKey: edited.primaryKey && list(edited.primaryKey),
    uniques: edited.uniques.map(list),
    foreignKeys: edited.foreignKeys.map(list),
    indexes: edited.indexes.map((index) => renameInIndex(index, follow)),
  }
}

function renameInIndex(index: Index, follow: (name: string) => string): Index {
  return {
    ...index,
    keys: index.keys.map((key) => (key.column === undefined ? key : { ...key, column: follow(key.column) })),
    include: index.include?.map(follow),
  }
}
