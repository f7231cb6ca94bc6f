import type { LintTrace, TracedStatementResult } from '@aludel/engine'

import type { Colors, Output } from '../output'

/** What a statement was measured to do, in words: `locks ACCESS EXCLUSIVE orders`; empty if nothing. */
export function measuredWords({ locks, rewrites, rebuilds, scans }: TracedStatementResult): readonly string[] {
  if (locks === null) return ['cannot be measured: it runs outside a transaction']
  return [
    ...locks.map((text) => `locks ${text}`),
    ...(rewrites ?? []).map((table) => `rewrites ${table}`),
    ...(rebuilds ?? []).map((index) => `rebuilds index ${index}`),
    ...(scans ?? []).map((table) => `reads all of ${table}`),
  ]
}

/** The statements of a step with what was measured, without those that do nothing to what existed before. */
export function measuredLines(statements: readonly TracedStatementResult[], colors: Colors): string[] {
  return statements.flatMap((statement) => {
    const words = measuredWords(statement)
    if (words.length === 0) return []
    return [colors.dim(oneLine(statement.sql)), ...words.map((text) => `  ${text}`)]
  })
}

/** Prints what was measured, by revision and direction. */
export function printTraces(traces: readonly LintTrace[], out: Output): void {
  const { colors } = out
  for (const { revision, direction, dialect, statements, error } of traces) {
    const lines = measuredLines(statements, colors)
    if (lines.length === 0 && error === undefined) continue
    const place = direction === 'upgrade' ? 'up' : 'down'
    out.note(`${colors.yellow(revision)} ${place}, measured on ${dialect}`, ...lines.map((line) => `  ${line}`))
    if (error !== undefined) out.note(`  ${colors.red('failed')} ${error.split('\n', 1).join('')}`)
  }
  if (traces.length > 0) out.note('')
}

function oneLine(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ').trim()
  return line.length <= 100 ? line : `${line.slice(0, 99)}…`
}
