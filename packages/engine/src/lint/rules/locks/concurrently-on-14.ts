import { bodyOf, isOn, optionsOf } from '../../../sql/postgres/nodes'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/release/14.4/ */
export const concurrentlyOn14 = defineRule({
  id: 'L23',
  name: 'concurrently-on-14',
  category: 'locks',
  severity: 'warning',
  about: 'PostgreSQL 14.0 to 14.3 can leave rows out of an index that is built CONCURRENTLY. Update to 14.4 first.',
  postgres: {
    statement({ node, server }) {
      if (server !== 14) return undefined
      const index = bodyOf(node, 'IndexStmt')
      const again = bodyOf(node, 'ReindexStmt')
      const isConcurrent =
        index?.concurrent === true || (again !== undefined && isOn(optionsOf(again.params), 'concurrently'))
      if (!isConcurrent) return undefined
      return {
        message: `PostgreSQL 14.0 to 14.3 can leave rows out of an index that is ${again === undefined ? 'built' : 'rebuilt'} CONCURRENTLY, and queries then miss them`,
        help: 'Update the servers to 14.4 or later first. bt_index_check(index, true) of the extension amcheck finds a damaged index.',
      }
    },
  },
})
