/** The progress of one call of `batched`. */
export interface BatchProgress {
  /** `name` of the call. */
  readonly name: string
  readonly table: string
  /** Rows updated so far, including earlier runs. */
  readonly done: number
  /** Rows to update in all; never less than `done`. Null: unknown. */
  readonly total: number | null
  /** Rows per second in this run, including pauses. */
  readonly ratePerSecond: number
  /** Milliseconds that the rest takes at this rate; null: unknown. */
  readonly remainingMs: number | null
}

/**
 * Rate and time left; pure.
 *
 * @param done rows so far, `earlier` of them by earlier runs
 * @param total null: unknown
 * @param elapsedMs since this run began the call
 *
 * @example
 * paceOf({ done: 300, earlier: 100, total: 500, elapsedMs: 2000 })
 * // { done: 300, total: 500, ratePerSecond: 100, remainingMs: 2000 }
 */
export function paceOf(input: {
  readonly done: number
  readonly earlier: number
  readonly total: number | null
  readonly elapsedMs: number
}): Pick<BatchProgress, 'done' | 'total' | 'ratePerSecond' | 'remainingMs'> {
  const { done, earlier, elapsedMs } = input
  // Other sessions may insert rows meanwhile.
  const total = input.total === null ? null : Math.max(input.total, done)
  const ratePerSecond = ((done - earlier) * 1000) / Math.max(1, elapsedMs)
  const remainingMs = total === null || ratePerSecond === 0 ? null : Math.round(((total - done) / ratePerSecond) * 1000)
  return { done, total, ratePerSecond, remainingMs }
}
