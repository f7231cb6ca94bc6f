import { renameSequenceIn } from '../schema/expressions'
import { displayName, sameName } from '../schema/schema'
import { requireSequence } from './create-sequence'
import { nameOnly, renamed, requireFreeName } from './edit'
import { editDefaults } from './expressions'
import type { OperationKind, RenameSequence } from './operation'

/** Serial columns and defaults that draw from the sequence follow. */
export const renameSequence: OperationKind<RenameSequence> = {
  apply({ from, to }, schema) {
    const sequence = requireSequence(schema, from)
    requireFreeName(schema, to)
    return {
      ...schema,
      sequences: schema.sequences.map((other) => (other === sequence ? renamed(sequence, nameOnly(to)) : other)),
      tables: schema.tables.map((table) => {
        const edited = editDefaults(table, (sql) => renameSequenceIn(sql, from, to))
        return {
          ...edited,
          columns: edited.columns.map((column) =>
            column.serial !== undefined && sameName(column.serial, from) ? { ...column, serial: nameOnly(to) } : column,
          ),
        }
      }),
    }
  },
  reverse: ({ from, to }) => ({ op: 'renameSequence', from: to, to: from }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ from, to }) => `rename sequence ${displayName(from)} to ${displayName(to)}`,
  subject: ({ from }) => ({ name: displayName(from) }),
}
