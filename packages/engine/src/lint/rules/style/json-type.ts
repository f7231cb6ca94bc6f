import { columnsOfKind, elementType } from '../../postgres/column-types'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/datatype-json.html */
export const jsonType = defineRule({
  id: 'C1',
  name: 'json-type',
  category: 'style',
  severity: 'info',
  about: 'A json column has no equality, so DISTINCT, UNION and GROUP BY fail on it. Use jsonb.',
  postgres: {
    statement: (subject) =>
      columnsOfKind(
        subject,
        (type) => elementType(type) === 'json',
        (_, column) => ({
          message: `${column} is json, on which DISTINCT, UNION and GROUP BY fail`,
          help: 'Use jsonb, unless the exact text of the values matters.',
        }),
      ),
  },
})
