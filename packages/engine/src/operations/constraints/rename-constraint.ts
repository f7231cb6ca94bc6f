import { displayName, type ObjectName, type Table } from '../../schema/schema'
import { editTable, cannotApply } from '../edit-schema'
import type { OperationKind } from '../operation'
import { requireFreeConstraintName } from './constraint'

export interface RenameConstraint {
  readonly op: 'renameConstraint'
  readonly table: ObjectName
  readonly kind: 'primaryKey' | 'unique' | 'check' | 'exclusion' | 'foreignKey'
  readonly from: string
  readonly to: string
}

const words = {
  primaryKey: 'primary key',
  unique: 'unique',
  check: 'check',
  exclusion: 'exclusion',
  foreignKey: 'foreign key',
} as const satisfies Record<RenameConstraint['kind'], string>

export const renameConstraint: OperationKind<RenameConstraint> = {
  apply: ({ table, kind, from, to }, schema) =>
    editTable(schema, table, (current) => {
      requireFreeConstraintName(current, to)
      const rename = <T extends { readonly name?: string }>(items: readonly T[]): T[] => {
        if (!items.some((item) => item.name === from))
          throw cannotApply(`${displayName(table)} has no ${words[kind]} ${from}`)
        return items.map((item) => (item.name === from ? { ...item, name: to } : item))
      }
      return renameIn(current, kind, rename)
    }),
  reverse: ({ table, kind, from, to }) => ({ op: 'renameConstraint', table, kind, from: to, to: from }),
  destroys: () => [],
  phase: () => 'renameConstraint',
  describe: ({ table, kind, from, to }) => `rename ${words[kind]} ${from} of ${displayName(table)} to ${to}`,
  phrase: ({ from, to }) => `rename constraint ${from} to ${to}`,
  subject: ({ table, from }) => ({ table: displayName(table), name: from }),
}

function renameIn(
  table: Table,
  kind: RenameConstraint['kind'],
  rename: <T extends { readonly name?: string }>(items: readonly T[]) => T[],
): Table {
  switch (kind) {
    case 'primaryKey': {
      const [primaryKey] = rename(table.primaryKey === undefined ? [] : [table.primaryKey])
      return primaryKey === undefined ? table : { ...table, primaryKey }
    }
    case 'unique':
      return { ...table, uniques: rename(table.uniques) }
    case 'check':
      return { ...table, checks: rename(table.checks) }
    case 'exclusion':
      return { ...table, exclusions: rename(table.exclusions) }
    case 'foreignKey':
      return { ...table, foreignKeys: rename(table.foreignKeys) }
  }
}
