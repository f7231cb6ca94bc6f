import type { Dialect } from '../dialect/dialect'
import { isAludelError } from '../errors'
import type { Operation } from '../operations/operation'
import type { ProofRequest, ProofResult } from '../proof/proof'
import { LineageOfNames } from '../difference/lineage-of-names'
import { needsOf } from '../difference/needs'
import type { ObjectName } from '../schema/schema'
import { emptyTables } from './answers'
import type { DialectDiff } from './diff'

/** One way through a proof. */
export type ProofRound = Required<Pick<ProofRequest, 'emptyTables' | 'onlyUp'>>

type Change = Pick<DialectDiff, 'operations' | 'from' | 'to'>

export interface RoundsResult extends ProofResult {
  /** Why it was proved without rows, where that had to be: the database accepts none that were tried. */
  readonly refusal?: string
}

/**
 * Proves a revision with as many rows as it takes. What goes back only into empty tables is proved twice: with rows on the
 * way up, and there and back without them. So is what a check, a key or a unique index refuses with the rows of the proof:
 * whether a live database has such rows, nobody can know here, and it refuses them too.
 *
 * @param reverse the operations back
 * @param proveOnce goes one round, on a database of its own
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
    // Of the tables without rows, the round that is there for them says why.
    const result = await proveOnce(up)
    await proveOnce({ emptyTables: [...empty, ...emptyBack], onlyUp: false })
    return result
  } catch (error) {
    if (!isRefusal(dialect, error)) throw error
    const result = await proveOnce(up).catch((other: unknown): ProofResult => {
      if (!isRefusal(dialect, other)) throw other
      return { unsampled: [] }
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

/** The names that tables have before operations, of those that they have behind them. */
function tablesBefore(
  tables: readonly ObjectName[],
  reverse: readonly Operation[],
  { to }: Pick<Change, 'to'>,
): ObjectName[] {
  const names = new LineageOfNames(to)
  for (const operation of reverse) names.follow(operation)
  return tables.flatMap((table) => names.tableNow(table) ?? [])
}
