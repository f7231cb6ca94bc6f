import type { Found } from '../../finding'
import { defineRule, type LintStep } from '../../rule'
import { ownTransactions } from '../../transactions'

/** https://www.postgresql.org/docs/current/sql-begin.html, https://sqlite.org/lang_savepoint.html */
export const unfinishedTransaction = defineRule({
  id: 'T2',
  name: 'unfinished-transaction',
  category: 'hygiene',
  severity: 'warning',
  about:
    'A transaction that a revision begins and does not end is committed by a run of this tool, and by no other. Write the COMMIT.',
  postgres: { step: (step) => found(step, false) },
  sqlite: { step: (step) => found(step, true) },
})

function found(step: LintStep, savepoints: boolean): Found | undefined {
  if (step.transactional) return undefined
  const last = ownTransactions(step.statements ?? [], savepoints).at(-1)
  if (last === undefined || last.end !== undefined) return undefined
  return {
    message: 'the transaction that begins here is never committed: another runner keeps nothing after it',
    help: 'End it with COMMIT, or leave out its beginning.',
    index: last.begin,
  }
}
