import { beside, displayName, type ObjectName } from '../../schema/schema'
import { cannotApply, requireFreeName } from '../edit-schema'
import type { OperationKind } from '../operation'
import { editIndexes } from './create-index'

export interface RenameIndex {
  readonly op: 'renameIndex'
  readonly table: ObjectName
  readonly from: string
  readonly to: string
}

export const renameIndex: OperationKind<RenameIndex> = {
  apply({ table, from, to }, schema) {
    requireFreeName(schema, beside(table, to))
    return editIndexes(schema, table, (indexes) => {
      if (!indexes.some(({ name }) => name === from)) throw cannotApply(`${displayName(table)} has no index ${from}`)
      return indexes.map((index) => (index.name === from ? { ...index, name: to } : index))
    })
  },
  reverse: ({ table, from, to }) => ({ op: 'renameIndex', table, from: to, to: from }),
  destroys: () => [],
  phase: () => 'renameConstraint',
  describe: ({ table, from, to }) => `rename index ${from} on ${displayName(table)} to ${to}`,
  phrase: ({ from, to }) => `rename index ${from} to ${to}`,
  subject: ({ table, from }) => ({ table: displayName(table), name: from }),
}
