import { bodyOf, isOn, optionsOf } from '../../../sql/postgres/nodes'
import { nameIn } from '../../postgres/catalog'
import { withWord } from '../../postgres/rewrite'
import { defineRule } from '../../rule'

const words: Readonly<Record<string, string>> = {
  REINDEX_OBJECT_INDEX: 'INDEX',
  REINDEX_OBJECT_TABLE: 'TABLE',
  REINDEX_OBJECT_SCHEMA: 'SCHEMA',
  REINDEX_OBJECT_DATABASE: 'DATABASE',
}

const blocked = ' blocks writes, and reads that would use it, until it is done'
const help = 'Rebuild it CONCURRENTLY, in a revision of its own with `transaction = false`.'

/** https://www.postgresql.org/docs/current/sql-reindex.html */
export const reindex = defineRule({
  id: 'L6',
  name: 'reindex',
  category: 'locks',
  severity: 'error',
  about:
    'REINDEX blocks writes to its table, and reads that use the index, until it is rebuilt. CONCURRENTLY does not.',
  postgres: {
    statement({ node, sql, catalog }) {
      const { kind = '', relation, name, params } = bodyOf(node, 'ReindexStmt') ?? {}
      if (kind === '' || isOn(optionsOf(params), 'concurrently')) return undefined
      const word = words[kind]
      const instead = word === undefined ? undefined : [withWord(sql, word, 'CONCURRENTLY')]
      if (relation === undefined)
        return {
          message:
            `rebuilding the indexes of ${word?.toLowerCase() ?? 'the system catalogs'} ${name ?? ''}`.trim() + blocked,
          help,
          ...(instead !== undefined && { instead }),
        }
      const named = nameIn(relation)
      const isIndex = kind === 'REINDEX_OBJECT_INDEX'
      const owner = catalog.index(named)?.table
      const known = isIndex ? (owner === undefined ? undefined : catalog.tables.get(owner)?.name) : named
      if (known !== undefined && catalog.isNew(known)) return undefined
      return {
        message: `rebuilding ${isIndex ? 'index' : 'the indexes of'} ${named.text}${blocked}`,
        help,
        ...(instead !== undefined && { instead }),
        ...(known !== undefined && { table: known.text }),
        grows: true,
      }
    },
  },
})
