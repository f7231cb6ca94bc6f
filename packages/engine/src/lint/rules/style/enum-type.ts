import { bodyOf, stringsOf } from '../../../sql/postgres/nodes'
import { nameOf } from '../../postgres/catalog'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/datatype-enum.html#DATATYPE-ENUM-IMPLEMENTATION-DETAILS */
export const enumType = defineRule({
  id: 'C14',
  name: 'enum-type',
  category: 'style',
  severity: 'info',
  about:
    'Values of an enum cannot be removed or sorted again without a new type. A table of values, or a check, can be changed.',
  postgres: {
    statement({ node, step }) {
      const created = bodyOf(node, 'CreateEnumStmt')
      if (created === undefined || step.direction === 'downgrade') return undefined
      const type = nameOf(stringsOf(created.typeName))
      return {
        message: `a value of ${type.text} can be removed or moved only by a new type, to which all its columns are converted`,
        help: 'Use a table of the values with a foreign key, or text with a check, if they are likely to change.',
      }
    },
  },
})
