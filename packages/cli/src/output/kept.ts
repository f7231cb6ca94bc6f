import type { GivenBack, KeptInfo, KeptSummary, KeptThing, RunResult } from '@aludel/engine'

import { dateTime, grouped, plural } from './format'
import type { Output } from './output'
import { columns } from './table'

/** `column users.name (1,000 values)`, `table metrics (12 rows)`. */
export function thingText({ kind, table, column, rows }: KeptThing): string {
  switch (kind) {
    case 'table':
      return `table ${table} (${plural(rows, 'row')})`
    case 'column':
      return `column ${table}.${column ?? ''} (${plural(rows, 'value')})`
    case 'values':
      return `old values of ${table}.${column ?? ''} (${plural(rows, 'value')})`
    default:
      return `${kind} ${table}`
  }
}

/** What a downgrade gives back, and what rows get that have none. */
export function givenText(one: GivenBack): string {
  const { since, gets, obstacle } = one
  if (obstacle !== undefined) return `${thingText(one)}: refused, ${obstacle}`
  if (since === null || since === 0 || gets === null) return thingText(one)
  const rows =
    since === 1 ? '1 row that was inserted since gets' : `${grouped(since)} rows that were inserted since get`
  return `${thingText(one)}; ${rows} ${gets}`
}

/** What a run has kept, and given back. */
export function keptLines({ kept = [], givenBack = [] }: RunResult): string[] {
  return [
    ...(kept.length === 0 ? [] : [`Kept for a downgrade: ${kept.map(thingText).join(', ')}.`]),
    ...(givenBack.length === 0 ? [] : [`Given back: ${givenBack.map(thingText).join(', ')}.`]),
  ]
}

export function printKeptSummary({ entries, rows, expired }: KeptSummary, out: Output): void {
  const { bold } = out.colors
  out.note(
    `Kept for a downgrade: ${plural(entries, 'thing')} with ${plural(rows, 'row or value', 'rows and values')}. See ${bold('aludel migrate kept list')}.`,
  )
  if (expired > 0)
    out.warn(
      `${plural(expired, 'thing')} ${expired === 1 ? 'is' : 'are'} past the time to keep: aludel migrate kept prune`,
    )
}

/** One line for each entry. */
export function keptTable(kept: readonly KeptInfo[], { colors }: Pick<Output, 'colors'>): string[] {
  const rows = kept.map((one) => [
    colors.yellow(one.revision),
    thingText(one),
    dateTime(one.keptAt),
    one.applied ? expiry(one) : colors.red('its revision is not applied: nothing gives it back'),
    colors.dim(one.place),
  ])
  const header = ['revision', 'what', 'kept (UTC)', 'until', 'where'].map((title) => colors.dim(title))
  return columns([header, ...rows])
}

function expiry({ expiresAt, expired }: KeptInfo): string {
  if (expiresAt === null) return 'it is given back, or removed'
  return expired ? `${dateTime(expiresAt)}, past` : dateTime(expiresAt)
}
