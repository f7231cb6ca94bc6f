import { isKnownVolatile } from '../../../sql/postgres/functions'
import { volatileCallsIn } from '../../../sql/postgres/rewrites'
import { quotedName } from '../../../sql/tokens'
import { type AddedConstraint, addedConstraints } from '../../postgres/commands'
import { alterText, columnText, withCommand } from '../../postgres/rewrite'
import type { PostgresSubject } from '../../postgres/subject'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES */
export const volatileDefault = defineRule({
  id: 'W2',
  name: 'volatile-default',
  category: 'rewrites',
  severity: 'error',
  about:
    'A new column with a volatile default, such as gen_random_uuid(), rewrites the table. Constants and now() do not.',
  postgres: {
    statement(subject) {
      return addedConstraints(subject, 'CONSTR_DEFAULT').flatMap((added) => {
        const { table, column, constraint } = added
        const calls = volatileCallsIn(constraint.raw_expr)
        const call = calls.find(isKnownVolatile) ?? calls[0]
        if (column === undefined || call === undefined) return []
        const isCertain = isKnownVolatile(call)
        const name = `${call.at(-1) ?? ''}()`
        return [
          {
            message: `adding ${table.text}.${column.colname ?? ''} with the default ${name} ${isCertain ? 'rewrites' : 'may rewrite'} ${table.text} while nobody can read or write it`,
            help: isCertain
              ? 'Add the column without the default, set the default for new rows, and fill the existing rows in batches (docs/data-migrations.md).'
              : `If ${name} is VOLATILE, add the column without the default, set the default for new rows, and fill the existing rows in batches (docs/data-migrations.md).`,
            ...(isCertain ? {} : { severity: 'warning' as const }),
            instead: separately(subject, added),
            table: table.text,
            grows: true,
          },
        ]
      })
    },
  },
})

/** The column without what existing rows cannot have yet, and then its default. */
function separately(
  subject: PostgresSubject,
  { column, position, constraint }: AddedConstraint,
): readonly string[] | undefined {
  const parts = alterText(subject.sql)
  const command = parts?.commands[position]
  if (parts === undefined || command === undefined || column === undefined) return undefined
  const { definition, constraints } = columnText(subject, command, column)
  const later = new Set(['CONSTR_DEFAULT', 'CONSTR_NOTNULL', 'CONSTR_PRIMARY', 'CONSTR_UNIQUE'])
  const kept = constraints.flatMap((one) => (later.has(String(one.constraint.contype)) ? [] : one.text))
  const expression = constraints.find((one) => one.constraint === constraint)?.text
  if (expression === undefined) return undefined
  return [
    ...withCommand(parts, position, [definition, ...kept].join(' ')),
    `${parts.head} ALTER COLUMN ${quotedName(column.colname ?? '')} SET ${expression.replace(/^CONSTRAINT\s+\S+\s+/i, '')}`,
  ]
}
