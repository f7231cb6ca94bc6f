import { addedConstraints } from '../../postgres/commands'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-EXCLUDE */
export const addExclusion = defineRule({
  id: 'L16',
  name: 'add-exclusion',
  category: 'locks',
  severity: 'error',
  about:
    'An exclusion constraint blocks reads and writes of its table until its index is built, and has no other form.',
  postgres: {
    statement(subject) {
      return addedConstraints(subject, 'CONSTR_EXCLUSION').map(({ table, constraint: { conname } }) => ({
        message: `adding ${conname === undefined ? 'an exclusion constraint' : `exclusion constraint ${conname}`} blocks reads and writes of ${table.text} until its index is built`,
        help: 'It has no form that blocks less: create a new table with it, copy the rows in batches, and swap the tables.',
        table: table.text,
        grows: true,
      }))
    },
  },
})
