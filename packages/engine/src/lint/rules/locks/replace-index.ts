import type { IndexStmt } from 'libpg-query' with { 'resolution-mode': 'import' }

import { bodiesIn, bodyOf } from '../../../sql/postgres/nodes'
import { quotedName } from '../../../sql/tokens'
import { nameIn } from '../../postgres/catalog'
import type { Index } from '../../postgres/facts'
import { withWord } from '../../postgres/rewrite'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/routine-reindex.html */
export const replaceIndex = defineRule({
  id: 'L3',
  name: 'replace-index',
  category: 'locks',
  severity: 'warning',
  about:
    'Until the replacement of a dropped index is built, queries have neither. Build the new one first, then drop the old one.',
  postgres: {
    statement({ node, sql, catalog, step }) {
      const created = bodyOf(node, 'IndexStmt')
      const table = nameIn(created?.relation)
      if (created === undefined || catalog.isNew(table)) return undefined
      const old = catalog.droppedIndexes.find((index) => index.table === table.key && isReplaced(index, created))
      if (old === undefined) return undefined
      const name = created.idxname ?? 'the new index'
      const isPartitioned = catalog.table(table)?.partitioned === true
      const create = created.concurrent === true || isPartitioned ? sql : withWord(sql, 'INDEX', 'CONCURRENTLY')
      const drop = isPartitioned ? 'DROP INDEX' : 'DROP INDEX CONCURRENTLY'
      const aside = { ...old.name, sql: old.name.sql.replace(/"$/, '_old"') }
      return {
        message: step.transactional
          ? `index ${old.name.text} is dropped before ${name} is built: nobody can read or write ${table.text} until then`
          : `index ${old.name.text} is dropped before ${name} is built: queries on ${table.text} have neither until then`,
        help: 'Build the new index first, CONCURRENTLY, and drop the old one after it.',
        instead:
          created.idxname === old.name.name
            ? [
                `ALTER INDEX ${old.name.sql} RENAME TO ${quotedName(`${old.name.name}_old`)}`,
                create,
                `${drop} ${aside.sql}`,
              ]
            : [create, `${drop} ${old.name.sql}`],
        table: table.text,
        grows: true,
      }
    },
  },
})

/** Whether the new index serves the queries of the old one: it has its name, or one begins with the columns of the other. */
function isReplaced(old: Index, { idxname, indexParams }: IndexStmt): boolean {
  if (idxname === old.name.name) return true
  const columns = bodiesIn(indexParams, 'IndexElem').map(({ name }) => name)
  const shared = Math.min(columns.length, old.columns.length)
  return shared > 0 && columns.slice(0, shared).every((name, at) => name !== undefined && name === old.columns[at])
}
