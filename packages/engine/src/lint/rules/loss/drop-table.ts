import { tablelessExtensions } from '../../../sql/postgres/extensions'
import { bodyOf, partsOf } from '../../../sql/postgres/nodes'
import type { Found } from '../../finding'
import { nameOf } from '../../postgres/catalog'
import type { PostgresSubject } from '../../postgres/subject'
import { defineRule } from '../../rule'
import { droppedTable, lossesOf } from '../../sqlite/statements'

const help =
  'First release code that no longer uses it, and drop it in a later revision. With `upgrade --keep-dropped`, its rows are set ' +
  'aside, and a downgrade gives them back.'

/** https://www.postgresql.org/docs/current/sql-droptable.html, https://sqlite.org/lang_droptable.html */
export const dropTable = defineRule({
  id: 'D1',
  name: 'drop-table',
  category: 'loss',
  severity: 'error',
  about:
    'DROP TABLE deletes all rows, and code that still uses the table fails. Drop it a release after the code that used it.',
  postgres: { statement: (subject) => [...tablesOf(subject), ...othersOf(subject)] },
  sqlite: {
    statement(subject) {
      const table = droppedTable(subject)
      if (table === undefined || subject.catalog.isUndone(subject.catalog.table(table)?.madeIn)) return undefined
      const isOptional = subject.step.direction === 'downgrade' && /^DROP\s+TABLE\s+IF\s+EXISTS\b/i.test(subject.sql)
      if (isOptional && subject.catalog.table(table) === undefined) return undefined
      const [loss] = lossesOf(subject, table).filter(({ kind }) => kind === 'table')
      return loss === undefined ? undefined : found(table.text)
    },
  },
})

function found(table: string, more = ''): Found {
  return { message: `dropping ${table} deletes all its rows, and code that still uses it fails${more}`, help, table }
}

function tablesOf({ node, catalog, step }: PostgresSubject): readonly Found[] {
  const statement = bodyOf(node, 'DropStmt')
  if (statement?.removeType !== 'OBJECT_TABLE') return []
  const cascades = statement.behavior === 'DROP_CASCADE'
  return (statement.objects ?? []).flatMap((object) => {
    const table = nameOf(partsOf(object))
    if (table.schema === 'pg_temp' || catalog.isNew(table) || catalog.isUndone(catalog.table(table)?.madeIn)) return []
    // A name that the upgrade used in between.
    const isOptional = statement.missing_ok === true && step.direction === 'downgrade'
    if (isOptional && catalog.table(table) === undefined) return []
    return [found(table.text, cascades ? '; CASCADE also drops the foreign keys and views that depend on it' : '')]
  })
}

/** Statements that drop tables without naming them. */
function othersOf({ node, effects }: PostgresSubject): readonly Found[] {
  const extension = bodyOf(node, 'DropStmt')
  const names =
    extension?.removeType === 'OBJECT_EXTENSION' ? (extension.objects ?? []).flatMap((object) => partsOf(object)) : []
  const dropped = names.filter((name) => !tablelessExtensions.has(name))
  const owned = bodyOf(node, 'DropOwnedStmt') === undefined ? undefined : effects.does
  return [
    ...dropped.map((name) => ({
      message: `dropping extension ${name} deletes all rows of its tables`,
      help: 'Move or back up what its tables hold first.',
    })),
    ...(owned === undefined
      ? []
      : [
          {
            message: `${owned} deletes all rows of the tables that they own`,
            help: 'Drop the objects by their names.',
          },
        ]),
  ]
}
