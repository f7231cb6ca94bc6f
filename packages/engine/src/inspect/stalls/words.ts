import type { Stall } from '../../results'

/** Milliseconds from which on somebody notices. */
const noticed = 100

/**
 * A time that was foretold, no more exact than it is.
 *
 * @example
 * foretoldTime(4210) // 'about 4 s'
 */
export function foretoldTime(ms: number): string {
  if (ms < noticed) return 'less than 0.1 s'
  const seconds = ms / 1000
  if (seconds < 3) return `about ${seconds.toFixed(1)} s`
  if (seconds < 90) return `about ${seconds.toFixed(0)} s`
  const minutes = seconds / 60
  return minutes < 90 ? `about ${minutes.toFixed(0)} min` : `about ${(minutes / 60).toFixed(1)} h`
}

/** What a statement takes, as results contain it: in words only if somebody notices. */
export function takenTime(ms: number): { readonly takesMs: number; readonly takes?: string } {
  return { takesMs: ms, ...(ms >= noticed && { takes: foretoldTime(ms) }) }
}

/**
 * Whom a step keeps waiting and for how long.
 *
 * @param count of the statements of the step
 * @example
 * stallText({ table: 'orders', blocks: 'writes', ms: 4210, first: 2, last: 3 }, 3) // 'blocks writes to orders for about 4 s, from statement 2 to the end'
 */
export function stallText({ table, blocks, ms, ...span }: Omit<Stall, 'text'>, count: number): string {
  const where = table ?? 'the whole database'
  const what =
    blocks === 'changed rows'
      ? `writes to the rows of ${where} that it changes`
      : blocks === 'writes'
        ? `writes to ${where}`
        : `reads and writes of ${where}`
  return `blocks ${what} for ${foretoldTime(ms)}${spanOf(span, count)}`
}

function spanOf({ first, last, until }: Pick<Stall, 'first' | 'last' | 'until'>, count: number): string {
  if (until !== undefined) return `${first === 1 ? ',' : `, from statement ${String(first)}`} to the end of ${until}`
  if (first === 1 && last === count) return ''
  return first === last ? `, in statement ${String(first)}` : `, from statement ${String(first)} to the end`
}
