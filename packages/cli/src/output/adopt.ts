import path from 'node:path'

import type { AdoptedTool, AdoptResult } from '@aludel/engine'

import { conversionLines, conversionSummary, obstacleLines } from './conversion'
import { plural, revisionIds } from './format'
import { groupedLines, operationLines } from './operations'
import type { Colors, Output } from './output'

/** What was found in a database, and what would be done to take it over. */
export function planLines(plan: AdoptResult, colors: Colors, cwd: string, verbose = false): string[] {
  const { created, renames, unproved, forgotten, conversion, findings = [], unread = [] } = plan
  return [
    ...foundLines(plan, colors),
    ...(conversion === undefined ? [] : conversionLines(plan.stamped, conversion, colors, verbose)),
    ...(created === null
      ? []
      : [`There are no revisions: ${path.relative(cwd, created.path)} would create what the database has.`]),
    ...(unread.length === 0
      ? []
      : [
          `${colors.yellow('!')} It would not create ${plural(unread.length, 'object')}, which Aludel does not compare either:`,
          ...unread.map(({ kind, name }) => `  ${kind} ${name}`),
          `  Other databases lack ${unread.length === 1 ? 'it' : 'them'} unless a revision of your own creates ${unread.length === 1 ? 'it' : 'them'}, where missing.`,
        ]),
    ...(renames.length === 0
      ? []
      : [
          `It has the schema of ${colors.yellow(revisionIds(plan.stamped))}, except for ${plural(named(renames).length, 'name')}:`,
          ...operationLines(named(renames), colors),
          ...findings.map(
            ({ rule, message, help }) => `  ${colors.yellow('!')} ${colors.bold(rule)}: ${message}. ${help}`,
          ),
        ]),
    ...(created === null && renames.length === 0 && conversion === undefined
      ? [`It has the schema of ${colors.yellow(revisionIds(plan.stamped))}.`]
      : []),
    ...(unproved.length === 0
      ? []
      : [
          `${colors.yellow('!')} ${revisionIds(unproved)} ${unproved.length === 1 ? 'changes' : 'change'} no schema, so the database cannot show whether ${unproved.length === 1 ? 'it' : 'they'} ever ran.`,
          `  To leave ${unproved.length === 1 ? 'it' : 'them'} pending, name an older revision: ${colors.bold('aludel migrate adopt REV')}`,
        ]),
    ...forgotten.map((name) => `${colors.yellow('-')} ${name} leaves the history: no file has it.`),
  ]
}

/** The question before a database is taken over. */
export function questionOf({ created, renames, stamped, conversion }: AdoptResult): string {
  const record = `record ${revisionIds(stamped)} as applied?`
  if (created !== null) return 'Write this revision, and record it as applied?'
  if (conversion !== undefined) return `Convert the database, and ${record}`
  return renames.length === 0
    ? `R${record.slice(1)}`
    : `Rename ${named(renames).length === 1 ? 'it' : 'them'}, and ${record}`
}

/** Prints what was done, or the differences if no revision has the schema of the database, with the next step. */
export function printAdopted(result: AdoptResult, out: Output, cwd: string): void {
  const { created, renames, stamped, tables, backup, conversion } = result
  const { colors } = out
  if (stamped.length === 0) {
    printDifferences(result, out)
    return
  }
  if (backup !== null) out.note(`Backed up to ${path.relative(cwd, backup.path)}.`)
  if (created !== null) out.note(`${colors.green('✓')} Wrote ${path.relative(cwd, created.path)}.`)
  if (renames.length > 0)
    out.note(
      `${colors.green('✓')} Renamed ${plural(named(renames).length, 'constraint or index', 'constraints and indexes')}.`,
    )
  if (conversion !== undefined) out.note(`${colors.green('✓')} ${conversionSummary(conversion)}`)
  const rows = conversion === undefined ? ' No row was changed.' : ''
  out.note(`${colors.green('✓')} Recorded ${colors.yellow(revisionIds(stamped))} as applied.${rows}`)
  if (tables.length > 0) {
    const one = tables.length === 1
    out.note(
      `${tables.join(', ')} ${one ? 'stays' : 'stay'}, and ${one ? 'is' : 'are'} not compared with anything. Drop ${one ? 'it' : 'them'} when nothing uses ${one ? 'it' : 'them'}.`,
    )
  }
  out.note(
    created === null
      ? `Next: ${colors.bold('aludel migrate upgrade')}`
      : `Next: ${colors.bold('aludel migrate check')} shows where the entities differ from the database.`,
  )
}

/** On SQLite, a constraint without a name gets one by being dropped and added. */
function named(renames: AdoptResult['renames']): AdoptResult['renames'] {
  return renames.filter(({ op }) => !op.startsWith('drop'))
}

function printDifferences(result: AdoptResult, out: Output): void {
  const { nearest, differences, obstacles = [] } = result
  const { colors } = out
  out.note(...foundLines(result, colors))
  out.lines(
    `${colors.yellow('✗')} No revision has the schema of the database. The nearest is ${colors.yellow(nearest ?? '')}, with ${plural(differences.length, 'difference')}:`,
    ...groupedLines(differences, colors, ({ explanation }) => explanation),
  )
  if (obstacles.length > 0)
    out.note('It cannot be converted without a loss:', ...obstacles.flatMap((one) => obstacleLines(one, colors)))
  out.note(
    'Nothing was changed. The ways out:',
    ...(obstacles.length > 0
      ? []
      : [`- convert it, with all its rows: ${colors.bold('aludel migrate adopt --convert')}`]),
    `- change it until it fits, or add what other tools manage to ${colors.bold('ignore')} in the configuration; then run this again`,
    `- record it as it is: ${colors.bold(`aludel migrate stamp ${nearest ?? 'REV'} --force`)}`,
  )
}

function foundLines({ tool, others }: AdoptResult, colors: Colors): string[] {
  if (tool === null) return ['No tool has kept a history in this database.']
  const wordsOf = ({ name, table, last }: AdoptedTool): string =>
    `${colors.bold(name)} has a history in ${table}${last === null ? '' : `, which ends with ${last}`}.`
  return [tool, ...others].map(wordsOf)
}
