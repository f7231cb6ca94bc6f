import type { Stall, TracedStatementResult } from '@aludel/engine'

import type { Colors } from './output'

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

/** What a statement was measured to do, in words: `locks ACCESS EXCLUSIVE orders`; empty if nothing. */
function measuredWords({ locks, rewrites, rebuilds, scans, takes }: TracedStatementResult): readonly string[] {
  const time = takes === undefined ? [] : [`takes ${takes}`]
  if (locks === null) return ['cannot be measured: it runs outside a transaction', ...time]
  return [
    ...locks.map((text) => `locks ${text}`),
    ...(rewrites ?? []).map((table) => `rewrites ${table}`),
    ...(rebuilds ?? []).map((index) => `rebuilds index ${index}`),
    ...(scans ?? []).map((table) => `reads all of ${table}`),
    ...time,
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

/** Milliseconds from which on somebody notices. */
const noticed = 100

/** What a step keeps others from, or why that cannot be told; nothing if it was not asked. */
export function stallLines(
  { stalls = [], stallsUnknown }: { readonly stalls?: readonly Stall[]; readonly stallsUnknown?: string },
  colors: Colors,
): readonly string[] {
  if (stallsUnknown !== undefined) return [`how long it blocks others cannot be told: ${stallsUnknown}`]
  return stalls.map(({ ms, text }) =>
    text.replace(/^blocks/, (word) => (ms < noticed ? colors.dim(word) : colors.yellow(word))),
  )
}

/** The stall of a finding as a line of its own; nothing if there is none. */
export function stallText(stall: Stall | undefined): readonly string[] {
  return stall === undefined ? [] : [`It ${stall.text}.`]
}

function oneLine(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ').trim()
  return line.length <= 100 ? line : `${line.slice(0, 99)}…`
}
