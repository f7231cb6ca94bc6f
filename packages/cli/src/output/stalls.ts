import type { Stall } from '@aludel/engine'

import type { Colors } from './output'

/**
 * A time that was foretold, no more exact than it is.
 *
 * @example
 * foretold(4210) // 'about 4 s'
 */
export function foretold(ms: number): string {
  if (ms < 100) return 'less than 0.1 s'
  const seconds = ms / 1000
  if (seconds < 3) return `about ${seconds.toFixed(1)} s`
  if (seconds < 90) return `about ${seconds.toFixed(0)} s`
  const minutes = seconds / 60
  return minutes < 90 ? `about ${minutes.toFixed(0)} min` : `about ${(minutes / 60).toFixed(1)} h`
}

/**
 * Whom a step keeps waiting and for how long, without the first word.
 *
 * @param count of the statements of the step
 * @example
 * stallWords({ table: 'orders', blocks: 'writes', ms: 4210, first: 2, last: 3 }, 3) // 'writes to orders for about 4 s, from statement 2 to the end'
 */
export function stallWords({ table, blocks, ms, first, last }: Stall, count: number): string {
  const where = table ?? 'the whole database'
  const what =
    blocks === 'changed rows'
      ? `writes to the rows of ${where} that it changes`
      : blocks === 'writes'
        ? `writes to ${where}`
        : `reads and writes of ${where}`
  return `${what} for ${foretold(ms)}${spanOf(first, last, count)}`
}

function spanOf(first: number, last: number, count: number): string {
  if (first === 1 && last === count) return ''
  return first === last ? `, in statement ${String(first)}` : `, from statement ${String(first)} to the end`
}

/** What a step keeps others from, or why that cannot be told; nothing if it was not asked. */
export function stallLines(
  { stalls, stallsUnknown }: { readonly stalls?: readonly Stall[]; readonly stallsUnknown?: string },
  count: number,
  colors: Colors,
): readonly string[] {
  if (stallsUnknown !== undefined) return [`how long it blocks others cannot be told: ${stallsUnknown}`]
  return (stalls ?? []).map((stall) => {
    const label = stall.ms < noticed ? colors.dim('blocks') : colors.yellow('blocks')
    return `${label} ${stallWords(stall, count)}`
  })
}

/** Milliseconds from which on somebody notices. */
const noticed = 100

/** The stall of a finding as a line of its own; nothing if there is none. */
export function stallText(stall: Stall | undefined): readonly string[] {
  return stall === undefined ? [] : [`It blocks ${stallWords(stall, stall.last)}.`]
}
