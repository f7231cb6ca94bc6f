import type { Status } from '../../../src/api/types'

/**
 * Where a database is, in one word; the first that holds: `halfway`: a run stopped in the middle of a revision · `ahead`: it has
 * revisions without a file · `no-revisions`: there are no files · `no-history`: it has tables, but no revision was ever applied ·
 * `pending` · `up-to-date`
 */
export type DatabaseState = 'halfway' | 'ahead' | 'no-revisions' | 'no-history' | 'pending' | 'up-to-date'

type Known = Pick<Status, 'current' | 'heads' | 'pending' | 'unknown' | 'halfway' | 'unrecordedTables'>

export function stateOf({ current, heads, pending, unknown, halfway, unrecordedTables }: Known): DatabaseState {
  if (halfway !== undefined && halfway.length > 0) return 'halfway'
  if (unknown.length > 0) return 'ahead'
  if (heads.length === 0) return 'no-revisions'
  if (current.length === 0 && unrecordedTables !== undefined && unrecordedTables.length > 0) return 'no-history'
  return pending > 0 ? 'pending' : 'up-to-date'
}
