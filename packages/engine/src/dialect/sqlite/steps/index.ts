import { plainText } from '../../../sql/reader'
import { isTransactional } from '../../../sql/sqlite/transaction'
import type { StepSupport } from '../../steps'
import { isBusy } from '../errors'
import { probe } from './probe'

const transactional = /^(?:ALTER|ANALYZE|CREATE|DELETE|DROP|INSERT|REINDEX|REPLACE|SELECT|UPDATE|VALUES|WITH)\b/

export const steps: StepSupport = {
  outsideTransaction: (statements) => statements.find((sql) => !isTransactional(sql)),
  refusedByTransaction: (_error, sql) => !isTransactional(sql),
  sharesTransaction: (sql) => transactional.test(plainText(sql.slice(0, 1000))),
  isOfSession: (sql) => /^(?:ATTACH|DETACH|PRAGMA)\b/.test(plainText(sql.slice(0, 1000))),
  waitsAlone: () => false,
  probe,
  leftovers: () => Promise.resolve([]),
  limit,
  contention: (error) => (isBusy(error) ? 'busy' : undefined),
  // The file is locked as a whole, and it does not say by whom.
  blockers: () => Promise.resolve([]),
}

/** How long a statement waits for the file is the connection's `busy_timeout`, which `beforeTransaction` sees to. */
function limit(): Promise<() => Promise<void>> {
  return Promise.resolve(() => Promise.resolve())
}
