import { columnsOfKind, elementType } from '../../postgres/column-types'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/datatype-character.html */
export const varcharLimit = defineRule({
  id: 'C5',
  name: 'varchar-limit',
  category: 'style',
  severity: 'info',
  about:
    'The limit of a varchar(n) column is changed by ALTER TYPE, which takes a lock that blocks everybody. Use text with a check.',
  postgres: {
    statement: (subject) =>
      columnsOfKind(
        subject,
        (type) => elementType(type).startsWith('character varying('),
        (_, column) => ({
          message: `the limit of ${column} can be changed only under a lock that blocks everybody`,
          help: 'Use text, with a check of its length if it needs one: a check can be added NOT VALID.',
        }),
      ),
  },
})
