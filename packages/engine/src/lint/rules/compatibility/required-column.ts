import { bodiesIn, bodyOf } from '../../../sql/postgres/nodes'
import type { Found } from '../../finding'
import { columnKey, nameIn } from '../../postgres/catalog'
import type { Name } from '../../postgres/facts'
import { isGuarded } from '../../postgres/guard'
import { isNull } from '../../postgres/learn-rows'
import type { PostgresSubject } from '../../postgres/subject'
import { catalogAfter, writtenCommands, type WrittenCommand } from '../../postgres/written'
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
      writtenCommands(subject).flatMap((command) =>
        command.subtype === 'AT_AddColumn' ? (added(subject, command) ?? []) : [],
      ),
    // A later statement may set a default.
    step(_, subjects) {
      const found = new Map<string, Found>()
      for (const subject of subjects)
        for (const command of writtenCommands(subject)) {
          const one =
            command.subtype === 'AT_SetNotNull' || (command.subtype === 'AT_ColumnDefault' && command.def === undefined)
              ? becomesRequired(subject, command)
              : undefined
          if (one !== undefined)
            found.set(columnKey(command.table, command.name ?? ''), { ...one, index: subject.index })
        }
      return [...found.values()]
    },
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
    message:
      `adding ${table.text}.${name} as NOT NULL without a default ` +
      (isEmptied(subject, table) ? '' : `fails if ${table.text} has rows, and `) +
      'makes inserts of running code fail',
    help: threeSteps,
    table: table.text,
    // The release before, to which a downgrade goes back, knows the column.
    ...(subject.step.direction === 'downgrade' && isGuarded(subject, table, name) && { severity: 'info' }),
  }
}

/** SET NOT NULL for a column that the step has added, or DROP DEFAULT. */
function becomesRequired(
  { before, catalog, step }: PostgresSubject,
  { table, name = '', subtype }: WrittenCommand,
): Found | undefined {
  const column = catalog.column(table, name)
  if (column?.notNull !== true || column.hasDefault || column.generated !== undefined || catalog.isNew(table))
    return undefined
  if (catalog.isHere(column.madeIn))
    return {
      message: `making the new column ${table.text}.${name} NOT NULL without a default makes inserts of running code fail, which does not know it`,
      help: 'Give it a default, or leave it nullable until the code that writes it is deployed, and make it NOT NULL in a later revision.',
      table: table.text,
    }
  const known = before.column(table, name)
  // Code of the release before, to which a downgrade goes back, ran without the default.
  if (subtype !== 'AT_ColumnDefault' || step.direction === 'downgrade' || known?.hasDefault !== true) return undefined
  return {
    message: `without its default, ${table.text}.${name} is NOT NULL and must be in every insert: running code that leaves it out fails`,
    help: `Deploy code that always writes ${name}, and drop the default in a later revision.`,
    table: table.text,
    severity: 'warning',
  }
}

/** Whether an earlier statement of the step has deleted all rows. */
function isEmptied({ earlier }: PostgresSubject, { key }: Name): boolean {
  return earlier.some(({ node }) => {
    const { relation, whereClause } = bodyOf(node, 'DeleteStmt') ?? {}
    const emptied = [
      ...bodiesIn(bodyOf(node, 'TruncateStmt')?.relations, 'RangeVar'),
      ...(relation === undefined || whereClause !== undefined ? [] : [relation]),
    ]
    return emptied.some((one) => nameIn(one).key === key)
  })
}
