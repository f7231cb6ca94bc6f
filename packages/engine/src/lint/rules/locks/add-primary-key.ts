import type { Found } from '../../finding'
import { type AddedConstraint, addedConstraints } from '../../postgres/commands'
import { byIndex, notNullStatements } from '../../postgres/instead'
import { columnsOfConstraint } from '../../postgres/learn-table'
import type { PostgresSubject } from '../../postgres/subject'
import { isProvedNotNull } from '../../postgres/work'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX */
export const addPrimaryKey = defineRule({
  id: 'L14',
  name: 'add-primary-key',
  category: 'locks',
  severity: 'error',
  about: 'PRIMARY KEY blocks reads and writes of its table until its index is built and every row is checked for NULL.',
  postgres: {
    statement(subject) {
      return addedConstraints(subject, 'CONSTR_PRIMARY').flatMap((added) => found(subject, added) ?? [])
    },
  },
})

function found(subject: PostgresSubject, added: AddedConstraint): Found | undefined {
  const { catalog } = subject
  const { table, constraint, column } = added
  const columns = columnsOfConstraint(catalog, constraint, column?.colname)
  const open = columns.filter((one) => !isProvedNotNull(catalog, table, one))
  const about = { table: table.text, grows: true }
  if (constraint.indexname !== undefined) {
    // Columns that are not known may well be NOT NULL: most authors of USING INDEX have taken care of that.
    const nullable = open.filter((one) => catalog.column(table, one) !== undefined)
    if (nullable.length === 0) return undefined
    return {
      message: `making ${constraint.indexname} the primary key blocks reads and writes of ${table.text} until every row is checked for NULL`,
      help: `Set ${nullable.join(', ')} NOT NULL first, with a check that was validated before.`,
      instead: [...nullable.flatMap((one) => notNullStatements(subject, table, one)), subject.sql],
      ...about,
    }
  }
  const message = `adding a primary key blocks reads and writes of ${table.text} until its index is built`
  if (catalog.table(table)?.partitioned === true)
    return {
      message: `${message} on every partition`,
      help: 'Add it to each partition first, from an index that was built CONCURRENTLY, and then to the parent, which takes those.',
      ...about,
    }
  if (column !== undefined || constraint.without_overlaps === true)
    return {
      message,
      help: 'Add the column, give every row its value in batches, build a unique index CONCURRENTLY, and make it the primary key.',
      ...about,
    }
  const instead = byIndex(subject, added)
  return {
    message,
    help: 'Build a unique index CONCURRENTLY, in a revision of its own with `transaction = false`, and make it the primary key. Its columns must be NOT NULL before.',
    ...(instead !== undefined && {
      instead: [...open.flatMap((one) => notNullStatements(subject, table, one)), ...instead],
    }),
    ...about,
  }
}
