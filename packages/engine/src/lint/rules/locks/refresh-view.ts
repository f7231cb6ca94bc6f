import { bodyOf } from '../../../sql/postgres/nodes'
import { nameIn } from '../../postgres/catalog'
import { withWord } from '../../postgres/rewrite'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html */
export const refreshView = defineRule({
  id: 'L9',
  name: 'refresh-view',
  category: 'locks',
  severity: 'warning',
  about: 'REFRESH MATERIALIZED VIEW blocks everybody who reads the view until it is done. CONCURRENTLY does not.',
  postgres: {
    statement({ node, sql, catalog }) {
      const refresh = bodyOf(node, 'RefreshMatViewStmt')
      const view = nameIn(refresh?.relation)
      if (refresh === undefined || refresh.concurrent === true || refresh.skipData === true || catalog.isNew(view))
        return undefined
      return {
        message: `refreshing ${view.text} blocks everybody who reads it until it is done`,
        help: 'Refresh it CONCURRENTLY. The view needs a unique index on plain columns, without WHERE.',
        instead: [withWord(sql, 'VIEW', 'CONCURRENTLY')],
        table: view.text,
        grows: true,
      }
    },
  },
})
