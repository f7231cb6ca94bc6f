import { bodyOf, stringsOf } from '../../../sql/postgres/nodes'
import { quotedName } from '../../../sql/tokens'
import type { Found } from '../../finding'
import { columnKey } from '../../postgres/catalog'
import { createFlag, isGuarded } from '../../postgres/guard'
import { countRows } from '../../postgres/queries'
import type { Name } from '../../postgres/facts'
import type { PostgresSubject } from '../../postgres/subject'
import { definitionOf, initialOf } from '../../postgres/unique'
import { catalogAfter, writtenCommands } from '../../postgres/written'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-NOT-NULL */
export const nullRows = defineRule({
  id: 'F2',
  name: 'null-rows',
  category: 'rows',
  severity: 'warning',
  about: 'SET NOT NULL fails while a row has NULL in the column. Fill it first.',
  postgres: {
    statement: (subject) =>
      writtenCommands(subject).flatMap(({ subtype, table, name = '', def }) => {
        if (subtype === 'AT_SetNotNull') return found(subject, table, name) ?? []
        // PostgreSQL 18: ADD CONSTRAINT … NOT NULL
        const constraint = subtype === 'AT_AddConstraint' ? bodyOf(def, 'Constraint') : undefined
        if (constraint?.contype !== 'CONSTR_NOTNULL' || constraint.skip_validation === true) return []
        return stringsOf(constraint.keys).flatMap((column) => found(subject, table, column) ?? [])
      }),
  },
})

function found(subject: PostgresSubject, table: Name, name: string): Found | undefined {
  const { catalog } = subject
  const after = catalogAfter(subject)
  if (after.isNew(table) || catalog.column(table, name)?.notNull === true) return undefined
  if (catalog.filled.has(columnKey(table, name)) || after.column(table, name)?.generated !== undefined) return undefined
  const proved = [...(catalog.table(table)?.constraints.values() ?? [])]
  if (proved.some(({ validated, provesNotNull }) => validated && provesNotNull.includes(name))) return undefined
  // The default of a new column is in all rows.
  if (initialOf(definitionOf(subject, table, name)) !== undefined) return undefined
  const column = quotedName(name)
  return {
    message: `making ${table.text}.${name} NOT NULL fails if a row has NULL in it`,
    help:
      `Count such rows in every database: ${countRows(table, `${column} IS NULL`)}. ` +
      (subject.step.generated
        ? `Fill them before, or let \`create\` write that: ${createFlag(subject, 'backfill', table, name)}. `
        : `Fill them before: UPDATE ${table.sql} SET ${column} = … WHERE ${column} IS NULL. `) +
      'Deploy code that no longer writes NULL first.',
    table: table.text,
    ...(isGuarded(subject, table, name) && { severity: 'info' }),
  }
}
