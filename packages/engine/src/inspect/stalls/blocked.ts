import type { Blocks } from '../../dialect/roles/scale'
import type { Stall } from '../../results'
import { stallText } from './words'

/** A statement of a step, with what it keeps others from. */
export interface BlockingStatement {
  readonly ms: number
  readonly blocked: readonly Blocked[]
}

export interface Blocked {
  /** Null: the whole database. */
  readonly table: string | null
  readonly blocks: Blocks
}

const strength: Readonly<Record<Blocks, number>> = { 'changed rows': 0, writes: 1, 'reads and writes': 2 }

/**
 * For how long others wait. Locks are held until the transaction ends, so a table that statement 2 locks stays locked while the
 * statements after it run: https://www.postgresql.org/docs/current/explicit-locking.html
 *
 * @param endMs what the end of the transaction takes: its checks, and COMMIT
 * @param transactional false: each statement is a transaction of its own
 */
export function stallsOf(
  statements: readonly BlockingStatement[],
  endMs: number,
  transactional: boolean,
): readonly Stall[] {
  const stalls: Omit<Stall, 'text'>[] = []
  for (const [at, { blocked }] of statements.entries()) {
    for (const { table, blocks } of blocked) {
      const isHeld =
        transactional && stalls.some((one) => one.table === table && strength[one.blocks] >= strength[blocks])
      if (isHeld) continue
      const last = transactional ? statements.length : at + 1
      const ms = statements.slice(at, last).reduce((sum, one) => sum + one.ms, transactional ? endMs : 0)
      stalls.push({ table, blocks, ms: Math.round(ms), first: at + 1, last })
    }
  }
  // A lock of the same statement that blocks more.
  const strongest = stalls.filter(
    (one) =>
      !stalls.some(
        (other) =>
          other !== one &&
          other.table === one.table &&
          other.first === one.first &&
          strength[other.blocks] > strength[one.blocks],
      ),
  )
  return strongest.map((stall) => ({ ...stall, text: stallText(stall, statements.length) }))
}
