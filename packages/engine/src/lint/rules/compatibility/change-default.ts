import { bodyOf, stringsOf } from '../../../sql/postgres/nodes'
import type { Found } from '../../finding'
import { columnKey } from '../../postgres/catalog'
import type { PostgresSubject } from '../../postgres/subject'
import { isNull } from '../../postgres/learn-rows'
import { writtenCommands, type WrittenCommand } from '../../postgres/written'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-DEFAULT */
export const changeDefault = defineRule({
  id: 'B6',
  name: 'change-default',
  category: 'compatibility',
  severity: 'info',
  about: 'Running code that leaves a column out writes its new default at once. Rows that exist keep the old one.',
  postgres: {
    // Only the last of several defaults stays.
    step(step, subjects) {
      // A downgrade gives the release before its default back.
      if (step.direction === 'downgrade') return undefined
      const found = new Map<string, Found | undefined>()
      const retyped = new Set<string>()
      for (const subject of subjects)
        for (const command of writtenCommands(subject)) {
          const key = columnKey(command.table, command.name ?? '')
          if (command.subtype === 'AT_AlterColumnType') retyped.add(key)
          if (command.subtype === 'AT_ColumnDefault') found.set(key, changed(subject, command))
        }
      // A change of type may set the same default again, in the new type.
      return [...found].flatMap(([key, one]) => (one === undefined || retyped.has(key) ? [] : one))
    },
  },
})

function changed(
  { before, catalog, index }: PostgresSubject,
  { table, name = '', def }: WrittenCommand,
): Found | undefined {
  if (catalog.isNewColumn(table, name)) return undefined
  const column = before.column(table, name)
  // Code could not rely on a default that the column did not have.
  if (column !== undefined && (!column.hasDefault || column.generated !== undefined)) return undefined
  if (def === undefined || isNull(def)) {
    // That of a NOT NULL column is found by required-column.
    if (catalog.column(table, name)?.notNull === true) return undefined
    return {
      index,
      message:
        `without its default, ${table.text}.${name} is NULL in new rows of running code that leaves it out` +
        (column === undefined ? ', or refuses them if it is NOT NULL' : ''),
      help: `Deploy code that writes ${name} first, if it must not be NULL.`,
      table: table.text,
    }
  }
  if (isNextval(def)) return undefined
  return {
    index,
    message: `running code that leaves ${table.text}.${name} out writes the new default at once, and rows that exist keep the old one`,
    help: 'If the running code relies on the old default, deploy code that writes the value first. Update the rows if they must have the new one.',
    table: table.text,
  }
}

/** A sequence goes on counting. */
function isNextval(node: WrittenCommand['def']): boolean {
  return stringsOf(bodyOf(node, 'FuncCall')?.funcname).at(-1) === 'nextval'
}
