import { uniquesIn } from '../../postgres/unique'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-UNIQUE-CONSTRAINTS */
export const newUnique = defineRule({
  id: 'B7',
  name: 'new-unique',
  category: 'compatibility',
  severity: 'warning',
  about: 'Running code that inserts a value twice fails once the column is unique. Deploy code that does not, first.',
  postgres: {
    statement(subject) {
      // The release before, to which a downgrade goes back, ran with it.
      if (subject.step.direction === 'downgrade') return undefined
      return (
        uniquesIn(subject)
          // Running code leaves a new column NULL.
          .filter(({ isNullInRows }) => !isNullInRows)
          .map(({ table, keys }) => ({
            message: `once ${keys.join(', ')} of ${table.text} must be unique, running code that writes a value twice fails`,
            help: 'Deploy code that does not write duplicates, or that handles the error, before this revision.',
            table: table.text,
          }))
      )
    },
  },
})
