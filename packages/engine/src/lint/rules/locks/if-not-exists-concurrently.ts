import { bodyOf } from '../../../sql/postgres/nodes'
import { nameIn } from '../../postgres/catalog'
import { withoutWords } from '../../postgres/rewrite'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY */
export const ifNotExistsConcurrently = defineRule({
  id: 'L24',
  name: 'if-not-exists-concurrently',
  category: 'locks',
  severity: 'warning',
  about:
    'IF NOT EXISTS accepts an INVALID index that a failed CREATE INDEX CONCURRENTLY has left, which no query uses.',
  postgres: {
    statement({ node, sql }) {
      const index = bodyOf(node, 'IndexStmt')
      if (index?.concurrent !== true || index.if_not_exists !== true) return undefined
      return {
        message: `IF NOT EXISTS accepts any index ${index.idxname ?? ''} that is there, also one of other columns, or an INVALID one that no query uses`,
        help: "Leave it out. Aludel drops an INVALID index of that name before it builds one, and resumes after what it has completed; TypeORM's own command line does not.",
        instead: [withoutWords(sql, 'IF', 'NOT', 'EXISTS')],
        table: nameIn(index.relation).text,
      }
    },
  },
})
