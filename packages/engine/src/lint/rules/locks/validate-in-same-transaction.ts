import { bodyOf } from '../../../sql/postgres/nodes'
import { commandsIn } from '../../postgres/commands'
import { nameOfConstraint } from '../../postgres/learn-table'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-VALIDATE-CONSTRAINT */
export const validateInSameTransaction = defineRule({
  id: 'L12',
  name: 'validate-in-same-transaction',
  category: 'locks',
  severity: 'error',
  about:
    'VALIDATE CONSTRAINT in the transaction that added the constraint checks every row under the lock of ADD CONSTRAINT.',
  postgres: {
    statement(subject) {
      const { catalog, step } = subject
      const commands = commandsIn(subject)
      const added = new Map(
        commands.flatMap(({ table, command: { subtype, def } }) => {
          const constraint = subtype === 'AT_AddConstraint' ? bodyOf(def, 'Constraint') : undefined
          return constraint === undefined ? [] : [[nameOfConstraint(catalog, table, constraint), constraint.contype]]
        }),
      )
      return commands.flatMap(({ table, command: { subtype, name = '' } }) => {
        if (subtype !== 'AT_ValidateConstraint') return []
        const known = catalog.constraint(table, name)
        const isHeld = step.transactional && known?.validated === false && catalog.isHere(known.madeIn)
        if (!isHeld && !added.has(name)) return []
        const isForeignKey = known?.kind === 'foreign key' || added.get(name) === 'CONSTR_FOREIGN'
        return [
          {
            message: `validating ${name} in the transaction that added it blocks ${isForeignKey ? 'writes to' : 'reads and writes of'} ${table.text} until every row is checked`,
            help: 'Validate it in a later revision. The lock of ADD CONSTRAINT is held until the transaction ends.',
            table: table.text,
            grows: true,
          },
        ]
      })
    },
  },
})
