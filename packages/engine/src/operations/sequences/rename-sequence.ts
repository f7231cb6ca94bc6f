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

/** Renames the sequence in serial and identity columns too, and in defaults that call it. */
export const renameSequence: OperationKind<RenameSequence> = {
  apply({ from, to }, schema) {
    const isCounter = schema.tables.some((table) => countersOf(table).some((name) => sameName(name, from)))
    // The sequence of a column need not be in the list of sequences.
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
        return { ...edited, columns: edited.columns.map((column) => withCounter(column, follow)) }
      }),
    }
  },
  reverse: ({ from, to }) => ({ op: 'renameSequence', from: to, to: from }),
  destroys: () => [],
  // A sequence that moves to another schema with its table may need a free name first.
  phase: () => 'renameTable',
  describe: ({ from, to }) => `rename sequence ${displayName(from)} to ${displayName(to)}`,
  subject: ({ from }) => ({ name: displayName(from) }),
}
