import type { Column } from '../../schema/schema'
import type { Alteration } from './native'
import { quoteText } from './quote'

/** True when the column's rows do not simply keep what they have. */
export function changesValues({ values }: Alteration, column: string): boolean {
  const changes = values?.(column)
  if (changes === undefined) return false
  return changes.said.using !== undefined || changes.said.backfill !== undefined || changes.steps.size > 0
}

/**
 * What a rebuild puts into a column for which somebody said it: the conversion (`--using`), other names for the values of
 * an enum, and what takes the place of NULL or fills a new column (`--backfill`).
 *
 * @param kept the expression without any of that; undefined for a new column
 */
export function valueExpression({ values }: Alteration, column: Column, kept: string | undefined): string {
  const { said, steps } = values?.(column.name) ?? { said: {}, steps: new Map<string, string>() }
  const converted = said.using === undefined ? kept : `(${said.using})`
  const value = converted === undefined || steps.size === 0 ? converted : mapped(converted, steps)
  if (said.backfill === undefined) return value ?? 'NULL'
  return value === undefined ? `(${said.backfill})` : `ifnull(${value}, (${said.backfill}))`
}

function mapped(value: string, steps: ReadonlyMap<string, string>): string {
  const cases = [...steps].map(([from, to]) => `WHEN ${quoteText(from)} THEN ${quoteText(to)}`)
  return `CASE ${value} ${cases.join(' ')} ELSE ${value} END`
}
