import { isRefusedInTransaction } from '../../../sql/postgres/outside'
import { plainText } from '../../../sql/reader'
import { defineRule } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY */
export const concurrentlyInTransaction = defineRule({
  id: 'L4',
  name: 'concurrently-in-transaction',
  category: 'locks',
  severity: 'warning',
  about:
    'Some statements, such as CREATE INDEX CONCURRENTLY, fail in a transaction. The revision must declare `transaction = false`.',
  postgres: {
    step(step, subjects) {
      const found = subjects.find(({ sql }) => isRefusedInTransaction(sql))
      if (step.declaresOutside || found === undefined) return undefined
      return {
        message: `${wordsOf(found.sql)} fails in a transaction, which TypeORM's own command line begins for this revision`,
        help: 'Add `readonly transaction = false` to the class. Aludel runs it outside a transaction automatically.',
        index: found.index,
      }
    },
  },
})

/** `CREATE UNIQUE INDEX CONCURRENTLY`, `VACUUM`. */
function wordsOf(sql: string): string {
  const text = plainText(sql, 'postgres')
  return (
    /^(?:CREATE (?:UNIQUE )?INDEX|DROP INDEX|REINDEX \w+) CONCURRENTLY\b/.exec(text)?.[0] ??
    /^(?:VACUUM|CLUSTER|REINDEX \w+|\w+ \w+)/.exec(text)?.[0] ??
    text
  )
}
