import { plainText } from '../../../sql/reader'
import type { StepSupport } from '../../steps'
import { isBusy } from '../errors'
import { probe } from './probe'

/**
 * What SQLite refuses or ignores inside a transaction. `PRAGMA foreign_keys` is not among them although it does nothing
 * there: a run has turned foreign keys off before the transaction, and checks them before its end. Outside one, a
 * revision that turned them on would have its rebuilds cascade.
 */
const refused =
  /^(?:VACUUM|ATTACH|DETACH)\b|^PRAGMA (?:\S+ \. )?(?:JOURNAL_MODE|WAL_CHECKPOINT|SYNCHRONOUS|AUTO_VACUUM|INCREMENTAL_VACUUM|PAGE_SIZE|TEMP_STORE|LOCKING_MODE)\b/

function isRefusedInTransaction(sql: string): boolean {
  return /vacuum|tach|pragma/i.test(sql) && refused.test(plainText(sql))
}

const transactional = /^(?:ALTER|ANALYZE|CREATE|DELETE|DROP|INSERT|REINDEX|REPLACE|SELECT|UPDATE|VALUES|WITH)\b/

export const steps: StepSupport = {
  telltale: /\b(?:vacuum|attach|detach|pragma)\b/i,
  // Asking for a journal mode changes nothing.
  outsideTransaction: (statements) =>
    statements.find((sql) => isRefusedInTransaction(sql) && !/^PRAGMA [^=(]*$/.test(plainText(sql))),
  refusedByTransaction: (_error, sql) => isRefusedInTransaction(sql),
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
