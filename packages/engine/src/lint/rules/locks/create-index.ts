import { bodyOf } from '../../../sql/postgres/nodes'
import { nameIn } from '../../postgres/catalog'
import { withWord } from '../../postgres/rewrite'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY */
export const createIndex = defineRule({
  id: 'L1',
  name: 'create-index',
  category: 'locks',
  severity: 'error',
  about: 'CREATE INDEX blocks writes to its table until the index is built. CONCURRENTLY does not.',
  postgres: {
    statement({ node, sql, catalog, step }) {
      const index = bodyOf(node, 'IndexStmt')
      if (index === undefined || index.concurrent === true) return undefined
      const table = nameIn(index.relation)
      // In a downgrade, a table that its upgrade made has rows by now.
      if (catalog.isNew(table)) return undefined
      if (catalog.table(table)?.partitioned === true)
        return {
          message: `creating ${nameOfIndex(index.idxname)} blocks writes to ${table.text} and all its partitions until it is built`,
          help: 'Create it ON ONLY the parent, then CONCURRENTLY on each partition, and attach those with ALTER INDEX … ATTACH PARTITION.',
          table: table.text,
          grows: true,
        }
      return {
        message: `creating ${nameOfIndex(index.idxname)} blocks writes to ${table.text} until it is built`,
        help: step.declaresOutside
          ? 'Create it CONCURRENTLY.'
          : 'Create it CONCURRENTLY, in a revision of its own with `transaction = false`.',
        instead: [withWord(sql, 'INDEX', 'CONCURRENTLY')],
        table: table.text,
        grows: true,
      }
    },
  },
})

function nameOfIndex(name: string | undefined): string {
  return name === undefined ? 'an index' : `index ${name}`
}
