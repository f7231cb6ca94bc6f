import { takesTransaction } from '../../../sql/sqlite/transaction'
import { words } from '../../../sql/sqlite/found'
import { defineRule } from '../../rule'
import { isInside, ownTransactions } from '../../transactions'

/** https://sqlite.org/lang_vacuum.html, https://sqlite.org/pragma.html#pragma_journal_mode */
export const outsidePragma = defineRule({
  id: 'Q8',
  name: 'outside-pragma',
  category: 'sqlite',
  severity: 'error',
  about:
    'VACUUM, ATTACH and some pragmas cannot run in a transaction, and take a whole revision out of it. Give them a revision of their own.',
  sqlite: {
    statement({ step, sql, tokens, index }) {
      if (takesTransaction(sql, tokens)) return undefined
      const does = words(tokens)
      if (isInside(ownTransactions(step.statements ?? [], true), index))
        return {
          message: `SQLite refuses or ignores ${does} in the transaction that this revision begins`,
          help: 'Move it before the beginning or after the end of the transaction.',
        }
      if (step.declaresOutside || (step.statements ?? []).length < 2) return undefined
      return {
        message: `${does} takes the whole revision out of its transaction: if a statement fails, those before it stay`,
        help: 'Give it a revision of its own, or set `transaction = false` to say that this is intended.',
        severity: 'warning',
      }
    },
  },
})
