import { renameSequenceIn } from '../schema/expressions'
import { displayName, type ObjectName, sameName } from '../schema/schema'
import { countersOf, withCounter } from '../schema/taken-names'
import { requireSequence } from './create-sequence'
import { nameOnly, renamed, requireFreeName } from './edit'
import { editDefaults } from './expressions'
import type { OperationKind, RenameSequence } from './operation'

/** Serial and identity columns, and defaults that draw from the sequence, follow. */
export const renameSequence: OperationKind<RenameSequence> = {
  apply({ from, to }, schema) {
    const isCounter = schema.tables.some((table) => countersOf(table).some((name) => sameName(name, from)))
    // What is behind a column need not be listed with the others.
    const sequence = isCounter ? schema.sequences.find((other) => sameName(other, from)) : requireSequence(schema, from)
    requireFreeName(schema, to)
    const follow = (name: ObjectName): ObjectName => (sameName(name, from) ? nameOnly(to) : name)
    return {
      ...schema,
      sequences: schema.sequences.map((other) => (other === sequence ? renamed(other, nameOnly(to)) : other)),
      tables: schema.tables.map((table) => {
        const edited = editDefaults(table, (sql) => renameSequenceIn(sql, from, to))
        return {
          ...edited,
          columns: edited.columns.map((column) => withCounter(column, follow)),
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
