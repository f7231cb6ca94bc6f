import type { LintTrace } from '@aludel/engine'

import { measuredLines, stallLines } from '../does'
import type { Output } from '../output'

/** Prints what was measured, by revision and direction. */
export function printTraces(traces: readonly LintTrace[], out: Output): void {
  const { colors } = out
  for (const { revision, direction, dialect, statements, error, ...times } of traces) {
    const lines = [...measuredLines(statements, colors), ...stallLines(times, colors)]
    if (lines.length === 0 && error === undefined) continue
    const place = direction === 'upgrade' ? 'up' : 'down'
    out.note(`${colors.yellow(revision)} ${place}, measured on ${dialect}`, ...lines.map((line) => `  ${line}`))
    if (error !== undefined) out.note(`  ${colors.red('failed')} ${error.split('\n', 1).join('')}`)
  }
  if (traces.length > 0) out.note('')
}
