import type { AdoptConversion, AdoptObstacle } from '@aludel/engine'

import { plural, revisionIds } from './format'
import { groupedLines } from './operations'
import type { Colors } from './output'

/** What a conversion of a database would do: to its schema, and to its rows. */
export function conversionLines(
  heads: readonly string[],
  conversion: AdoptConversion,
  colors: Colors,
  verbose: boolean,
): string[] {
  const { operations, sql, tables, values, computed, fills, locks, rewrites, findings = [] } = conversion
  const columns = [...new Set(values.map(({ column }) => column))]
  const reasons = [...new Set(computed.map(({ reason }) => reason))]
  return [
    `No revision has the schema of the database. It can be converted to ${colors.yellow(revisionIds(heads))}, with all its rows, in ${plural(operations.length, 'change')}:`,
    ...groupedLines(operations, colors),
    ...(tables.length === 0 ? [] : [colors.bold('Rows')]),
    ...tables.map(
      ({ table, rows }) => `  ${table}: ${plural(rows, 'row')}${rewrites.includes(table) ? ', copied' : ''}`,
    ),
    ...(values.length + computed.length + fills.length === 0 ? [] : [colors.bold('Values')]),
    ...columns.map((column) => {
      const own = values.filter((value) => value.column === column)
      return `  ${column}: ${own.map(({ from, to, rows }) => `${from} → ${to} (${String(rows)})`).join(', ')}`
    }),
    ...reasons.flatMap((reason) => {
      const own = computed.filter((one) => one.reason === reason)
      return [
        `  ${own.map(({ column, rows }) => `${column} (${String(rows)})`).join(', ')}:`,
        `    ${reason}`,
        ...(verbose ? own.map(({ column, using }) => `    ${column} = ${using}`) : []),
      ]
    }),
    ...fills.map(({ column, value, rows }) => `  ${column}: ${value} for ${plural(rows, 'row')} with NULL`),
    locks.length === 0
      ? 'Nobody else can write to the database until it ends.'
      : 'Nobody else can read or write these tables until it ends.',
    ...findingLines(findings, colors, verbose),
    ...(verbose
      ? [colors.bold('SQL'), ...sql.flatMap((one) => `${one};`.split('\n').map((line) => `  ${line}`))]
      : [colors.dim(`--verbose shows the ${plural(sql.length, 'SQL statement')}.`)]),
  ]
}

/** One line for each rule, because the same change in many columns gives the same finding for each. */
function findingLines(findings: NonNullable<AdoptConversion['findings']>, colors: Colors, verbose: boolean): string[] {
  if (verbose)
    return findings.map(
      ({ rule, message, help }) => `  ${colors.yellow('!')} ${colors.bold(rule)}: ${message}. ${help}`,
    )
  return [...new Set(findings.map(({ rule }) => rule))].map((rule) => {
    const own = findings.filter((finding) => finding.rule === rule)
    const more = own.length === 1 ? '' : `, and ${String(own.length - 1)} more`
    return `  ${colors.yellow('!')} ${colors.bold(rule)}: ${own[0]?.message ?? ''}${more}`
  })
}

/** What a conversion did, in one line. */
export function conversionSummary({ tables }: AdoptConversion): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  return tables.length === 0
    ? 'Converted the database. No row was changed.'
    : `Converted ${plural(tables.length, 'table')} with ${plural(rows, 'row')}, and found all of them afterwards.`
}

/** Why a database cannot be converted, and what to do about it. */
export function obstacleLines({ text, examples, ways }: AdoptObstacle, colors: Colors): string[] {
  return [
    `  ${colors.red('✗')} ${text}`,
    ...examples.map((example) => `    ${example}`),
    ...ways.map((way) => `    → ${way.startsWith('--') ? colors.bold(way) : way}`),
  ]
}
