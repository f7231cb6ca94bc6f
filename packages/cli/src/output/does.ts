import type { TracedStatementResult } from '@aludel/engine'

import type { Colors } from './output'

// eslint-disable-next-line @typescript-eslint/no-require-imports -- only plans need it, and at head there is none
const stalls = () => require('./stalls') as typeof import('./stalls')

/** The longest list of what a revision does that is shown without `-v`. */
const enough = 6

/** Statements that only read, as the guards of a revision do, and those about the session or the transaction. */
const aside = /^(?:select|values|pragma|set|begin|commit|end|rollback|savepoint|release)\b/

/**
 * What a revision does, one line each.
 *
 * @param limit false: all of them
 * @example
 * doesLines(['pragma foreign_keys', 'drop table users']) // ['drop table users']
 */
export function doesLines(does: readonly string[], limit = true): readonly string[] {
  const lines = does.filter((text) => !aside.test(text))
  if (!limit || lines.length <= enough + 1) return lines
  return [...lines.slice(0, enough), `and ${String(lines.length - enough)} more (-v shows all)`]
}

/** Milliseconds from which on the time of a statement is shown. */
const worthTelling = 100

/** What a statement was measured to do, in words: `locks ACCESS EXCLUSIVE orders`; empty if nothing. */
function measuredWords({ locks, rewrites, rebuilds, scans, takesMs }: TracedStatementResult): readonly string[] {
  const takes = takesMs === undefined || takesMs < worthTelling ? [] : [`takes ${stalls().foretold(takesMs)}`]
  if (locks === null) return ['cannot be measured: it runs outside a transaction', ...takes]
  return [
    ...locks.map((text) => `locks ${text}`),
    ...(rewrites ?? []).map((table) => `rewrites ${table}`),
    ...(rebuilds ?? []).map((index) => `rebuilds index ${index}`),
    ...(scans ?? []).map((table) => `reads all of ${table}`),
    ...takes,
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

function oneLine(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ').trim()
  return line.length <= 100 ? line : `${line.slice(0, 99)}…`
}
