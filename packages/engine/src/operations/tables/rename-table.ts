import { renameTableIn } from '../../schema/expressions'
import { beside, displayName, nameOf, type ObjectName, sameName } from '../../schema/schema'
import { sequencesAlong, withCounter } from '../../schema/taken-names'
import { renameTableInTrigger } from '../../schema/trigger-text'
import { editExpressions } from '../edit-expressions'
import { renamed, requireFreeName, requireTable } from '../edit-schema'
import type { OperationKind } from '../operation'

export interface RenameTable {
  readonly op: 'renameTable'
  readonly table: ObjectName
  readonly to: ObjectName
}

/**
 * Renames the table wherever it is named, except in the texts of views: only the database knows how it prints them after
 * a rename, so views are dropped before and created again after it (see `planViews`).
 * Sequences of the table's columns keep their names, as in PostgreSQL, but move to the new schema.
 */
export const renameTable: OperationKind<RenameTable> = {
  apply({ table, to }, schema) {
    const current = requireTable(schema, table)
    requireFreeName(schema, to)
    const follow = <T extends ObjectName>(name: T): T => (sameName(name, table) ? renamed(name, nameOf(to)) : name)
    const along = sequencesAlong(current, schema)
    const moved = schema.sequences.filter((sequence) => along.some((name) => sameName(name, sequence)))
    const move = (name: ObjectName): ObjectName => renamed(name, beside(to, name.name))
    return {
      ...schema,
      tables: schema.tables.map((other) => {
        const foreignKeys = other.foreignKeys.map((key) => ({ ...key, references: follow(key.references) }))
        if (other !== current) return { ...other, foreignKeys }
        const edited = editExpressions(other, (sql) => renameTableIn(sql, table.name, to.name))
        const columns = edited.columns.map((column) => withCounter(column, move))
        const triggers = edited.triggers.map((trigger) => ({
          ...trigger,
          sql: renameTableInTrigger(trigger.sql, table, nameOf(to)),
        }))
        return renamed({ ...edited, columns, foreignKeys, triggers }, nameOf(to))
      }),
      sequences: schema.sequences.map((sequence) => ({
        ...(moved.includes(sequence) ? renamed(sequence, beside(to, sequence.name)) : sequence),
        ownedBy: sequence.ownedBy && follow(sequence.ownedBy),
      })),
      views: schema.views.map((view) => ({ ...view, dependsOn: view.dependsOn.map(follow) })),
    }
  },
  reverse: ({ table, to }) => ({ op: 'renameTable', table: to, to: table }),
  destroys: () => [],
  phase: () => 'renameTable',
  describe: ({ table, to }) => `rename table ${displayName(table)} to ${displayName(to)}`,
  subject: ({ table }) => ({ table: displayName(table), name: table.name }),
}
