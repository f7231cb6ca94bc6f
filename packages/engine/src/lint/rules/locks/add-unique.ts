import { addedConstraints } from '../../postgres/commands'
import { byIndex } from '../../postgres/instead'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX */
export const addUnique = defineRule({
  id: 'L13',
  name: 'add-unique',
  category: 'locks',
  severity: 'error',
  about:
    'UNIQUE blocks reads and writes of its table until its index is built. USING INDEX takes one that is already there.',
  postgres: {
    statement(subject) {
      return addedConstraints(subject, 'CONSTR_UNIQUE').flatMap((added) => {
        const { table, constraint } = added
        if (constraint.indexname !== undefined) return []
        const name =
          constraint.conname === undefined ? 'a unique constraint' : `unique constraint ${constraint.conname}`
        // USING INDEX is refused for these.
        const isPartitioned = subject.catalog.table(table)?.partitioned === true
        const isRange = constraint.without_overlaps === true
        return [
          {
            message: `adding ${name} blocks reads and writes of ${table.text} until its index is built`,
            help: isPartitioned
              ? 'Add it to each partition first, from an index that was built CONCURRENTLY, and then to the parent, which takes those.'
              : isRange
                ? 'It has no form that blocks less: create a new table with it, copy the rows in batches, and swap the tables.'
                : 'Build a unique index CONCURRENTLY, in a revision of its own with `transaction = false`, and make it the constraint.',
            ...(!isPartitioned && !isRange && { instead: byIndex(subject, added) }),
            table: table.text,
            grows: true,
          },
        ]
      })
    },
  },
})
