import type { Growth } from '../../dialect/roles/scale'

/** What one statement took with some number of rows. */
export interface Timing {
  readonly rows: number
  readonly ms: number
}

/** How much more the next rows may cost than those before, on average: noise would otherwise grow with the distance. */
const steepest = 1.25

/**
 * What a statement takes with more rows than it was measured with: what does not depend on their number, and as much for each row as
 * between the two numbers that were measured. Scanning and writing cost almost the same per row at a hundred thousand rows and at
 * millions; see docs/lint.md.
 *
 * @param timings of one number of rows or two, several of each
 * @returns milliseconds; null without timings of as many rows, or of two numbers of rows
 */
export function extrapolate(timings: readonly Timing[], rows: number, growth: Growth = 'linear'): number | null {
  const sizes = [...new Set(timings.map((one) => one.rows))].sort((a, b) => a - b)
  const [low, high] = [sizes[0], sizes.at(-1)]
  if (low === undefined || high === undefined) return null
  const at = (size: number): number => median(timings.filter((one) => one.rows === size).map(({ ms }) => ms))
  if (high >= rows) return at(high)
  if (low === high) return null
  const perRow = (at(high) - at(low)) / (high - low)
  const factor = growth === 'sorting' ? Math.log(rows) / Math.log(high) : 1
  return at(high) + factor * Math.min(Math.max(perRow, 0), (steepest * at(high)) / high) * (rows - high)
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [left, right] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle] ?? 0, sorted[middle] ?? 0]
  return (left + right) / 2
}
