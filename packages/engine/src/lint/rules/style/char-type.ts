import { columnsOfKind, elementType } from '../../postgres/column-types'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/datatype-character.html */
export const charType = defineRule({
  id: 'C4',
  name: 'char-type',
  category: 'style',
  severity: 'info',
  about: 'A char(n) column pads its values with spaces, which comparisons ignore and LIKE does not. Use text.',
  postgres: {
    statement: (subject) =>
      columnsOfKind(
        subject,
        (type) => /^character(?:\(|$)/.test(elementType(type)),
        (_, column) => ({
          message: `${column} is padded with spaces, which comparisons ignore and LIKE does not`,
          help: 'Use text or varchar.',
        }),
      ),
  },
})
