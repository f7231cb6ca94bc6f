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

/** A step whose statements were foretold, with all that it takes. */
export interface StepStalls {
  readonly revision: string
  readonly stalls: readonly Stall[]
  /** Of all its statements, and of its end. */
  readonly totalMs: number
}

/**
 * For how long others wait if all steps run in one transaction: locks are held until the end of the last step.
 *
 * @param steps in run order
 */
export function stallsTogether(steps: readonly StepStalls[]): readonly (readonly Stall[])[] {
  const held: Stall[] = []
  return steps.map(({ stalls }, at) => {
    const later = steps.slice(at + 1)
    const rest = later.reduce((sum, { totalMs }) => sum + totalMs, 0)
    const last = later.at(-1)
    const own = stalls
      .filter(
        ({ table, blocks }) => !held.some((one) => one.table === table && strength[one.blocks] >= strength[blocks]),
      )
      .map((stall) => {
        const longer = {
          ...stall,
          ms: Math.round(stall.ms + rest),
          ...(last !== undefined && { until: last.revision }),
        }
        return { ...longer, text: stallText(longer, stall.last) }
      })
    held.push(...own)
    return own
  })
}
