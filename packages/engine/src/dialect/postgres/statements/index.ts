import { isRefusedInTransaction, sharesTransaction } from '../../../sql/postgres/outside'
import type { StatementRole } from '../../roles/statements'
import { sqlStateOf } from '../errors'
import { isOfSession, outsideTransaction, waitsAlone } from './outside'

/** Modules that a successful revision does not need: each is loaded on first use. */
/* eslint-disable @typescript-eslint/no-require-imports */
const lazy = {
  probe: () => require('./probe') as typeof import('./probe'),
  leftovers: () => require('./leftovers') as typeof import('./leftovers'),
} as const
/* eslint-enable @typescript-eslint/no-require-imports */

export const statements: StatementRole = {
  outsideTransaction,
  // `unsafe_new_enum_value_usage`
  refusedByTransaction: (error, sql) => isRefusedInTransaction(sql) || sqlStateOf(error) === '55P04',
  sharesTransaction,
  isOfSession,
  waitsAlone,
  probe: (database, sql) => lazy.probe().probe(database, sql),
  leftovers: async (database, sql) => (waitsAlone(sql) ? lazy.leftovers().leftovers(database, sql) : []),
}
