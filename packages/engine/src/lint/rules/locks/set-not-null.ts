import { addedConstraints, commandsIn } from '../../postgres/commands'
import { notValidThenValidate, notNullStatements } from '../../postgres/instead'
import { columnsOfConstraint } from '../../postgres/learn-table'
import { alterText, withCommand } from '../../postgres/rewrite'
import { isProvedNotNull } from '../../postgres/work'
import { defineRule } from '../../rule'

const help =
  'Prove it first: a check that is added NOT VALID and validated in a later revision blocks nobody, and SET NOT NULL then checks no row.'

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-NOT-NULL */
export const setNotNull = defineRule({
  id: 'L15',
  name: 'set-not-null',
  category: 'locks',
  severity: 'error',
  about:
    'SET NOT NULL blocks reads and writes of its table until every row is checked, unless a validated check proves it.',
  postgres: {
    statement(subject) {
      const { catalog, sql } = subject
      const found = commandsIn(subject).flatMap(({ table, command: { subtype, name: column = '' }, position }) => {
        if (subtype !== 'AT_SetNotNull' || isProvedNotNull(catalog, table, column)) return []
        const parts = alterText(sql)
        return [
          {
            message: messageFor(table.text, column),
            help,
            ...(parts !== undefined && {
              instead: [...notNullStatements(subject, table, column), ...withCommand(parts, position)],
            }),
            table: table.text,
            grows: true,
          },
        ]
      })
      // PostgreSQL 18: ADD CONSTRAINT … NOT NULL "email"
      const added = addedConstraints(subject, 'CONSTR_NOTNULL').flatMap((one) => {
        const { table, constraint, column } = one
        const [name = ''] = columnsOfConstraint(catalog, constraint)
        if (column !== undefined || constraint.skip_validation === true || isProvedNotNull(catalog, table, name))
          return []
        return [
          {
            message: messageFor(table.text, name),
            help: 'Add it NOT VALID, so that only new rows are checked, and validate it in a later revision, which blocks nobody.',
            instead: notValidThenValidate(subject, one),
            table: table.text,
            grows: true,
          },
        ]
      })
      return [...found, ...added]
    },
  },
})

function messageFor(table: string, column: string): string {
  return `setting ${table}.${column} NOT NULL blocks reads and writes of ${table} until every row is checked`
}
