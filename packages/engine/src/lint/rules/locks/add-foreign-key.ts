import { nameIn } from '../../postgres/catalog'
import { type AddedConstraint, addedConstraints } from '../../postgres/commands'
import { notValidThenValidate } from '../../postgres/instead'
import { defineRule } from '../../rule'

/** PostgreSQL 18 accepts NOT VALID for a foreign key of a partitioned table. */
const notValidOnPartitioned = 18

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES */
export const addForeignKey = defineRule({
  id: 'L10',
  name: 'add-foreign-key',
  category: 'locks',
  severity: 'error',
  about: 'A foreign key blocks writes to both tables until every row is checked. NOT VALID and VALIDATE do not.',
  postgres: {
    statement(subject) {
      const { catalog, server } = subject
      return addedConstraints(subject, 'CONSTR_FOREIGN').flatMap((added) => {
        const { table, constraint } = added
        if (constraint.skip_validation === true || constraint.is_enforced !== true || isEmpty(added)) return []
        const referenced = nameIn(constraint.pktable)
        const tables = referenced.key === table.key ? table.text : `${table.text} and ${referenced.text}`
        const isRefused = catalog.table(table)?.partitioned === true && server < notValidOnPartitioned
        return [
          {
            message: `adding ${nameOf(added)} blocks writes to ${tables} until every row of ${table.text} is checked`,
            help: isRefused
              ? 'Add it NOT VALID to each partition, validate it there, and then add it to the parent, which checks no row again.'
              : 'Add it NOT VALID, so that only new rows are checked, and validate it in a later revision, which blocks nobody.',
            ...(!isRefused && { instead: notValidThenValidate(subject, added) }),
            table: table.text,
            grows: true,
          },
        ]
      })
    },
  },
})

/** A new column without a default refers to nothing, so the server checks no row. */
function isEmpty({ column }: AddedConstraint): boolean {
  return (
    column !== undefined &&
    column.constraints?.some((node) => 'Constraint' in node && node.Constraint.contype === 'CONSTR_DEFAULT') !== true
  )
}

function nameOf({ constraint: { conname }, column }: AddedConstraint): string {
  if (conname !== undefined) return `foreign key ${conname}`
  return column === undefined ? 'a foreign key' : `a foreign key of ${column.colname ?? ''}`
}
