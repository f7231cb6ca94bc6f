import { type TransactionEffect, transactionEffects } from '../../../sql/text'
import type { Found } from '../../finding'
import { defineRule, type Subject } from '../../rule'

/** https://www.postgresql.org/docs/current/sql-begin.html, https://sqlite.org/lang_transaction.html */
export const transactionStatement = defineRule({
  id: 'T1',
  name: 'transaction-statement',
  category: 'hygiene',
  severity: 'error',
  about:
    'BEGIN, COMMIT or ROLLBACK in a revision that runs in a transaction ends that transaction, or fails. Leave them out.',
  postgres: {
    statement: (subject) =>
      found(subject, 'PostgreSQL only warns that a transaction is open already, and the next COMMIT ends that one'),
  },
  sqlite: { statement: (subject) => found(subject, 'SQLite refuses it, because a transaction is open already') },
})

const help =
  'Leave it out. If the statements need transactions of their own, set `transaction = false` and write both ends.'

function found({ step, sql }: Subject, begun: string): Found | undefined {
  if (!step.transactional) return undefined
  const [first] = transactionEffects(sql)
  if (first === undefined) return undefined
  const does: Readonly<Record<TransactionEffect, string>> = {
    begin: `the run has begun a transaction: ${begun}`,
    commit:
      'this commits the transaction of the run: what comes before it stays, even if a later statement fails, and a run with one transaction for all revisions refuses it',
    rollback: 'this rolls back the transaction of the run, and with it all that the revision has done',
  }
  return { message: does[first], help }
}
