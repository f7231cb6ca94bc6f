import { bodiesIn, bodyOf, stringsOf } from '../../../sql/postgres/nodes'
import { nameOf } from '../../postgres/catalog'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-createdomain.html, https://www.postgresql.org/docs/current/sql-alterdomain.html */
export const constrainedDomain = defineRule({
  id: 'C13',
  name: 'constrained-domain',
  category: 'style',
  severity: 'info',
  about: 'A constraint of a domain is checked in every column of it, in all tables at once. Use checks of the columns.',
  postgres: {
    statement({ node, step }) {
      if (step.direction === 'downgrade') return undefined
      const created = bodyOf(node, 'CreateDomainStmt')
      if (created !== undefined) {
        const constraints = bodiesIn(created.constraints, 'Constraint')
        if (!constraints.some(({ contype }) => contype === 'CONSTR_CHECK' || contype === 'CONSTR_NOTNULL'))
          return undefined
        return {
          message: `a change of the constraints of ${nameOf(stringsOf(created.domainname)).text} reads every table with a column of it`,
          help: 'Use the plain type, and a check of each column.',
        }
      }
      const { subtype, typeName, def } = bodyOf(node, 'AlterDomainStmt') ?? {}
      const isNotValid = bodyOf(def, 'Constraint')?.skip_validation === true
      // C: ADD CONSTRAINT, O: SET NOT NULL
      if ((subtype !== 'C' && subtype !== 'O') || isNotValid) return undefined
      return {
        message: `the statement reads every table with a column of ${nameOf(stringsOf(typeName)).text}, and blocks writes to it meanwhile`,
        help:
          subtype === 'C'
            ? 'Add the constraint NOT VALID and validate it in a later revision, or use a check of each column.'
            : 'Use NOT NULL of each column.',
      }
    },
  },
})
