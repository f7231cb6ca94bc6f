import { bodiesIn, bodyOf } from '../../../sql/postgres/nodes'
import type { Found } from '../../finding'
import { isGuarded } from '../../postgres/guard'
import { isNull } from '../../postgres/learn-rows'
import type { PostgresSubject } from '../../postgres/subject'
import { catalogAfter, commandsIn, type WrittenCommand } from '../../postgres/written'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/ddl-alter.html#DDL-ALTER-ADDING-A-COLUMN */
export const requiredColumn = defineRule({
  id: 'B5',
  name: 'required-column',
  category: 'compatibility',
  severity: 'error',
  about: 'Running code does not know a new column. If it is NOT NULL without a default, inserts of that code fail.',
  postgres: {
    statement: (subject) =>
      commandsIn(subject).flatMap((command) => {
        switch (command.subtype) {
          case 'AT_AddColumn':
            return added(subject, command) ?? []
          case 'AT_SetNotNull':
            return becomesRequired(subject, command) ?? []
          case 'AT_ColumnDefault':
            return command.def === undefined ? (losesDefault(subject, command) ?? []) : []
          default:
            return []
        }
      }),
  },
})

const threeSteps =
  'Give it a default. Or add it as nullable, deploy code that writes it, fill it, and make it NOT NULL in a later revision.'

/** ADD COLUMN … NOT NULL */
function added(subject: PostgresSubject, command: WrittenCommand): Found | undefined {
  const { table } = command
  const after = catalogAfter(subject)
  const definition = bodyOf(command.def, 'ColumnDef')
  const name = definition?.colname ?? ''
  const column = after.column(table, name)
  if (column?.notNull !== true || column.generated !== undefined || subject.catalog.isNew(table)) return undefined
  // With IF NOT EXISTS, the column may be there already.
  if (command.missing_ok === true && subject.catalog.column(table, name) !== undefined) return undefined
  const initial = bodiesIn(definition?.constraints, 'Constraint').find(({ contype }) => contype === 'CONSTR_DEFAULT')
  if (column.hasDefault && !isNull(initial?.raw_expr)) return undefined
  return {
    message: `adding ${table.text}.${name} as NOT NULL without a default fails if ${table.text} has rows, and makes inserts of running code fail`,
    help: threeSteps,
    table: table.text,
    // The release before, to which a downgrade goes back, knows the column.
    ...(subject.step.direction === 'downgrade' && isGuarded(subject, table, name) && { severity: 'info' }),
  }
}

/** SET NOT NULL for a column that the step has added. */
function becomesRequired(subject: PostgresSubject, { table, name = '' }: WrittenCommand): Found | undefined {
  const after = catalogAfter(subject)
  const column = after.column(table, name)
  if (column === undefined || after.isNew(table) || !after.isHere(column.madeIn)) return undefined
  if (column.hasDefault || column.generated !== undefined) return undefined
  return {
    message: `making the new column ${table.text}.${name} NOT NULL without a default makes inserts of running code fail, which does not know it`,
    help: 'Give it a default, or leave it nullable until the code that writes it is deployed, and make it NOT NULL in a later revision.',
    table: table.text,
  }
}

/** DROP DEFAULT of a column that is NOT NULL. */
function losesDefault(subject: PostgresSubject, { table, name = '' }: WrittenCommand): Found | undefined {
  const { catalog, step } = subject
  const after = catalogAfter(subject)
  const column = after.column(table, name)
  // Code of the release before, to which a downgrade goes back, ran without the default.
  if (step.direction === 'downgrade' || column?.notNull !== true || after.isNew(table)) return undefined
  if (column.hasDefault || column.generated !== undefined) return undefined
  const isNew = catalog.isHere(catalog.column(table, name)?.madeIn)
  return {
    message: `without its default, ${table.text}.${name} is NOT NULL and must be in every insert: running code that leaves it out fails`,
    help: `Deploy code that always writes ${name}, and drop the default in a later revision.`,
    table: table.text,
    ...(!isNew && { severity: 'warning' }),
  }
}
