import { addedConstraints } from '../../postgres/commands'
import { notValidThenValidate } from '../../postgres/instead'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES */
export const addCheck = defineRule({
  id: 'L11',
  name: 'add-check',
  category: 'locks',
  severity: 'error',
  about: 'A check blocks reads and writes of its table until every row is checked. NOT VALID and VALIDATE do not.',
  postgres: {
    statement(subject) {
      return addedConstraints(subject, 'CONSTR_CHECK').flatMap((added) => {
        const { table, constraint } = added
        if (constraint.skip_validation === true || constraint.is_enforced !== true) return []
        const name = constraint.conname === undefined ? 'a check' : `check ${constraint.conname}`
        return [
          {
            message: `adding ${name} blocks reads and writes of ${table.text} until every row is checked`,
            help: 'Add it NOT VALID, so that only new rows are checked, and validate it in a later revision, which blocks nobody.',
            instead: notValidThenValidate(subject, added),
            table: table.text,
            grows: true,
          },
        ]
      })
    },
  },
})
