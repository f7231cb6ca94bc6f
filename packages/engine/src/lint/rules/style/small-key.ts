import type { Found } from '../../finding'
import { catalogAfter, constraintsIn } from '../../postgres/written'
import { defineRule } from '../../rule'

const largest: Readonly<Partial<Record<string, string>>> = { smallint: '32,767', integer: '2,147,483,647' }

/** https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-INT */
export const smallKey = defineRule({
  id: 'C2',
  name: 'small-key',
  category: 'style',
  severity: 'info',
  about: 'An integer key runs out of numbers, and changing its type rewrites the table. Use bigint.',
  postgres: {
    statement(subject) {
      if (subject.step.direction === 'downgrade') return undefined
      const after = catalogAfter(subject)
      return constraintsIn(subject).flatMap(({ table, kind, columns }): readonly Found[] => {
        const [name, ...others] = columns
        if (kind !== 'CONSTR_PRIMARY' || name === undefined || others.length > 0) return []
        const type = after.column(table, name)?.type ?? ''
        const limit = largest[type]
        if (limit === undefined) return []
        return [
          {
            message: `inserts into ${table.text} fail once ${name} reaches ${limit}, and a larger type then rewrites the table`,
            help: 'Use bigint, unless the table is known to stay small.',
            table: table.text,
          },
        ]
      })
    },
  },
})
