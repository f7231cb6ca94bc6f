import { plainText } from '../../../sql/reader'
import { isTransactional } from '../../../sql/sqlite/transaction'
import type { StatementRole } from '../../roles/statements'
import { probe } from './probe'

const transactional = /^(?:ALTER|ANALYZE|CREATE|DELETE|DROP|INSERT|REINDEX|REPLACE|SELECT|UPDATE|VALUES|WITH)\b/

export const statements: StatementRole = {
  outsideTransaction: (list) => list.find((sql) => !isTransactional(sql)),
  refusedByTransaction: (_error, sql) => !isTransactional(sql),
  sharesTransaction: (sql) => transactional.test(plainText(sql.slice(0, 1000), 'sqlite')),
  isOfSession: (sql) => /^(?:ATTACH|DETACH|PRAGMA)\b/.test(plainText(sql.slice(0, 1000), 'sqlite')),
  waitsAlone: () => false,
  probe,
  leftovers: () => Promise.resolve([]),
}
