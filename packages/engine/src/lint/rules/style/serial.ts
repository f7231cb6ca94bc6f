import { columnsOfKind } from '../../postgres/column-types'
import { defineRule } from '../../rule'

/** https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_serial */
export const serial = defineRule({
  id: 'C3',
  name: 'serial',
  category: 'style',
  severity: 'info',
  about: 'The sequence of a serial column needs rights of its own. An identity column has none of that.',
  postgres: {
    statement: (subject) =>
      columnsOfKind(
        subject,
        (type) => /^(?:small|big)?serial[248]?$/.test(type),
        (_, column) => ({
          message: `${column} gets its values from a sequence with rights of its own, which roles that insert must be granted`,
          help: "Use an identity column: `@PrimaryGeneratedColumn('identity')`.",
        }),
      ),
  },
})
