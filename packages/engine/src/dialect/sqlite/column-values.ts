import type { Column } from '../../schema/schema'
import type { Alteration } from './native'
import { quoteText } from './quote'

/** Whether a rebuild changes the values of the column. */
export function changesValues({ values }: Alteration, column: string): boolean {
  const changes = values?.(column)
  if (changes === undefined) return false
  return changes.given.using !== undefined || changes.given.backfill !== undefined || changes.steps.size > 0
}

/**
 * The expression with which a rebuild fills a column whose values change: by a conversion (`--using`), by renamed values of
 * an enum, and by the value that replaces NULL or fills a new column (`--backfill`).
 *
 * @param kept the expression without these changes; undefined for a new column
 */
export function valueExpression({ values }: Alteration, column: Column, kept: string | undefined): string {
  const { given, steps } = values?.(column.name) ?? { given: {}, steps: new Map<string, string>() }
  const converted = given.using === undefined ? kept : `(${given.using})`
  const value = converted === undefined || steps.size === 0 ? converted : mapped(converted, steps)
  if (given.backfill === undefined) return value ?? 'NULL'
  return value === undefined ? `(${given.backfill})` : `ifnull(${value}, (${given.backfill}))`
}

function mapped(value: string, steps: ReadonlyMap<string, string>): string {
  const cases = [...steps].map(([from, to]) => `WHEN ${quoteText(from)} THEN ${quoteText(to)}`)
  return `CASE ${value} ${cases.join(' ')} ELSE ${value} END`
}
