import { bodyOf, partsOf } from '../../../sql/postgres/nodes'
import { nameOf } from '../../postgres/catalog'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-dropindex.html */
export const dropIndex = defineRule({
  id: 'L2',
  name: 'drop-index',
  category: 'locks',
  severity: 'warning',
  about: 'DROP INDEX waits for every query on its table, and later ones wait behind it. CONCURRENTLY blocks nobody.',
  postgres: {
    statement({ node, catalog, step }) {
      const drop = bodyOf(node, 'DropStmt')
      if (drop?.removeType !== 'OBJECT_INDEX' || drop.concurrent === true) return undefined
      return (drop.objects ?? []).flatMap((object) => {
        const name = nameOf(partsOf(object))
        const index = catalog.index(name)
        const table = index === undefined ? undefined : catalog.tables.get(index.table)
        // An index of a partitioned table can be dropped in no other way. It is quick to undo one of a table that is undone.
        if (catalog.isHere(index?.madeIn) || table?.partitioned === true) return []
        if (table !== undefined && (catalog.isNew(table.name) || catalog.isUndone(table.madeIn))) return []
        const text = table?.name.text
        return [
          {
            message: `dropping index ${name.text} waits for every query on ${text ?? 'its table'}, and all later ones wait behind it`,
            help: step.declaresOutside
              ? 'Drop it CONCURRENTLY.'
              : 'Drop it CONCURRENTLY, in a revision of its own with `transaction = false`.',
            // CONCURRENTLY takes one index, and no CASCADE.
            ...(drop.behavior !== 'DROP_CASCADE' && {
              instead: [`DROP INDEX CONCURRENTLY ${drop.missing_ok === true ? 'IF EXISTS ' : ''}${name.sql}`],
            }),
            // It waits, and then takes no time. What a downgrade undoes is seldom more than a moment old.
            ...(catalog.isUndone(index?.madeIn) && { severity: 'info' as const }),
            ...(text !== undefined && { table: text }),
          },
        ]
      })
    },
  },
})
