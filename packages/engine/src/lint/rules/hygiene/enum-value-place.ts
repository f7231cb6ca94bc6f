import { bodyOf, stringsOf } from '../../../sql/postgres/nodes'
import { nameOf } from '../../postgres/catalog'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-altertype.html#SQL-ALTERTYPE-DESC-ADD-VALUE */
export const enumValuePlace = defineRule({
  id: 'C11',
  name: 'enum-value-place',
  category: 'hygiene',
  severity: 'info',
  about: 'Without BEFORE or AFTER, a new enum value is sorted after all others.',
  postgres: {
    statement({ node, sql, catalog }) {
      const { typeName, oldVal, newVal, newValNeighbor } = bodyOf(node, 'AlterEnumStmt') ?? {}
      if (newVal === undefined || oldVal !== undefined || newValNeighbor !== undefined) return undefined
      const type = nameOf(stringsOf(typeName))
      const last = catalog.enumType(type)?.values.at(-1)
      return {
        message: `${newVal} is sorted after all other values of ${type.text}`,
        help: 'State its place with BEFORE or AFTER, as it is in the enum of the entity.',
        ...(last !== undefined && { instead: [`${sql} AFTER '${last.replaceAll("'", "''")}'`] }),
      }
    },
  },
})
