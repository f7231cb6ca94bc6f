import { bodyOf } from '../../../sql/postgres/nodes'
import { nameIn } from '../../postgres/catalog'
import { commandsIn } from '../../postgres/commands'
import { defineRule } from '../../rule'

/** PostgreSQL 14 has DETACH PARTITION … CONCURRENTLY. */
const concurrently = 14

/** https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION */
export const detachPartition = defineRule({
  id: 'L7',
  name: 'detach-partition',
  category: 'locks',
  severity: 'error',
  about:
    'DETACH PARTITION waits for every query on the table and its partitions, and later ones wait behind it. CONCURRENTLY blocks nobody.',
  postgres: {
    statement(subject) {
      const { sql, server, catalog } = subject
      return commandsIn(subject).flatMap(({ table, command: { subtype, def } }) => {
        const partition = bodyOf(def, 'PartitionCmd')
        if (subtype !== 'AT_DetachPartition' || partition?.concurrent === true) return []
        const name = nameIn(partition?.name)
        // A downgrade drops the table that its upgrade has made.
        if (catalog.isNew(name) || catalog.isUndone(catalog.table(table)?.madeIn)) return []
        const isPossible = server >= concurrently
        return [
          {
            message: `detaching ${name.text} waits for every query on ${table.text}, and all later ones wait behind it`,
            help: isPossible
              ? 'Detach it CONCURRENTLY, in a revision of its own with `transaction = false`. That is not possible beside a default partition.'
              : 'PostgreSQL 14 and later can detach it CONCURRENTLY. Before, nothing blocks less.',
            ...(isPossible ? { instead: [`${sql} CONCURRENTLY`] } : { severity: 'warning' as const }),
            table: table.text,
          },
        ]
      })
    },
  },
})
