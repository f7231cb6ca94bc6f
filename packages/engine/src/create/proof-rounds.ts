import type { Dialect } from '../dialect/dialect'
import { isAludelError } from '../errors'
import type { Operation } from '../operations/operation'
import type { ProofRequest, ProofResult } from '../proof/proof'
import { LineageOfNames } from '../difference/lineage-of-names'
import { needsOf } from '../difference/needs'
import type { ObjectName } from '../schema/schema'
import { emptyTables } from './answers'
import type { DialectDiff } from './diff'

/** The options of one proof. */
export type ProofRound = Required<Pick<ProofRequest, 'emptyTables' | 'onlyUp'>>

type Change = Pick<DialectDiff, 'operations' | 'from' | 'to'>

interface RoundsResult extends ProofResult {
  /** Why it was proved without rows: the database refused all sample rows that were tried. */
  readonly refusal?: string
}

/**
 * Proves a revision with as many rows as it accepts. If the downgrade needs empty tables, it is proved twice: upward with
 * rows, then in both directions without. The same if a check, a key or a unique index refuses the sample rows: it is not
 * known here whether the live database has such rows, which it would refuse as well.
 *
 * @param reverse the operations of the downgrade
 * @param proveOnce runs one proof on a separate database
 * @throws AludelError `ALUDEL_PROOF`
 */
export async function proveInRounds(
  dialect: Dialect,
  change: Change,
  reverse: readonly Operation[],
  proveOnce: (round: ProofRound) => Promise<ProofResult>,
): Promise<RoundsResult> {
  const empty = emptyTables(needsOf(change.operations, change.from))
  const emptyBack = tablesBefore(emptyTables(needsOf(reverse, change.to)), reverse, change)
  const up: ProofRound = { emptyTables: empty, onlyUp: true }
  try {
    if (emptyBack.length === 0) return await proveOnce({ emptyTables: empty, onlyUp: false })
    // Only this round reports tables without sample rows.
    const result = await proveOnce(up)
    await proveOnce({ emptyTables: [...empty, ...emptyBack], onlyUp: false })
    return result
  } catch (error) {
    if (!isRefusal(dialect, error)) throw error
    const result = await proveOnce(up).catch((other: unknown): ProofResult => {
      if (!isRefusal(dialect, other)) throw other
      return { unsampled: [], broken: [] }
    })
    await proveOnce({ emptyTables: change.from.tables, onlyUp: false })
    return { ...result, refusal: error.message }
  }
}

function isRefusal(dialect: Dialect, error: unknown): error is Error {
  if (!isAludelError(error) || error.code !== 'ALUDEL_PROOF') return false
  const { cause } = error
  return isAludelError(cause) ? cause.code === 'ALUDEL_FOREIGN_KEYS' : dialect.errors.refusesRows(cause)
}

/** The names of tables before the operations, by their names after them. */
function tablesBefore(
  tables: readonly ObjectName[],
  reverse: readonly Operation[],
  { to }: Pick<Change, 'to'>,
): ObjectName[] {
  const names = new LineageOfNames(to, reverse)
  return tables.flatMap((table) => names.tableNow(table) ?? [])
}
