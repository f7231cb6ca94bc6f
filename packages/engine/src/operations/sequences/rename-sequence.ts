import { renameSequenceIn } from '../../schema/expressions'
import { displayName, nameOf, type ObjectName, sameName } from '../../schema/schema'
import { countersOf, withCounter } from '../../schema/taken-names'
import { editDefaults } from '../edit-expressions'
import { renamed, requireFreeName, requireNamed } from '../edit-schema'
import type { OperationKind } from '../operation'

export interface RenameSequence {
  readonly op: 'renameSequence'
  readonly from: ObjectName
  readonly to: ObjectName
}

/** Serial and identity columns, and defaults that draw from the sequence, follow. */
export const renameSequence: OperationKind<RenameSequence> = {
  apply({ from, to }, schema) {
    const isCounter = schema.tables.some((table) => countersOf(table).some((name) => sameName(name, from)))
    // What is behind a column need not be listed with the others.
    const sequence = isCounter
      ? schema.sequences.find((other) => sameName(other, from))
      : requireNamed(schema.sequences, from, 'sequence')
    requireFreeName(schema, to)
    const follow = (name: ObjectName): ObjectName => (sameName(name, from) ? nameOf(to) : name)
    return {
      ...schema,
      sequences: schema.sequences.map((other) => (other === sequence ? renamed(other, nameOf(to)) : other)),
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
  // One that moves along with a table may have to step aside before that.
  phase: () => 'renameTable',
  describe: ({ from, to }) => `rename sequence ${displayName(from)} to ${displayName(to)}`,
  subject: ({ from }) => ({ name: displayName(from) }),
}
