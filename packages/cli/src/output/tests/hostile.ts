import type { HostileFinding, HostileResult, Severity } from '@aludel/engine'

import { plural } from '../format'
import { workflowCommand } from '../github'
import type { Colors, Output } from '../output'

/** Prints what hostile rows have found, by revision, and how many there are. */
export function printHostile(result: HostileResult, out: Output): void {
  if (result.revisions === 0) return
  const { colors } = out
  const shown = out.quiet ? result.findings.filter(({ severity }) => severity === 'error') : result.findings
  let last: string | undefined
  for (const alike of groups(shown).values()) {
    const [first] = alike
    if (first === undefined) continue
    if (first.revision !== last)
      out.lines(...(last === undefined ? [] : ['']), `${colors.yellow(first.revision)} ${first.path}`)
    last = first.revision
    out.lines(...linesOf(first, alike, out))
  }
  if (shown.length > 0) out.note('')
  for (const { revision, dialect, reason } of result.untried)
    out.note(`${colors.yellow('!')} Not all of ${revision} was tried on ${dialect}: ${reason}.`)
  out.note(...summaryOf(result, colors))
}

/** The same cause on several databases is printed once. */
function groups(findings: readonly HostileFinding[]): Map<string, HostileFinding[]> {
  const found = new Map<string, HostileFinding[]>()
  for (const one of findings) {
    const { revision, kind, severity, direction, table, columns } = one
    const key = JSON.stringify([revision, kind, severity, direction, table, columns])
    // Twice on one database: two causes.
    let number = 0
    while (found.get(`${key} ${String(number)}`)?.some(({ dialect }) => dialect === one.dialect) === true) number += 1
    found.set(`${key} ${String(number)}`, [...(found.get(`${key} ${String(number)}`) ?? []), one])
  }
  return found
}

function linesOf(first: HostileFinding, alike: readonly HostileFinding[], out: Output): readonly string[] {
  const { kind, severity, line, message, help, statement, rows, table } = first
  const { colors } = out
  const place = [
    ...(line === null ? [] : [`line ${String(line)}`]),
    alike.map(({ dialect }) => dialect).join(' and '),
  ].join(', ')
  return [
    `  ${mark(severity, colors)} ${colors.bold(kind)}${colors.dim(`  ${place}`)}`,
    `    ${message}`,
    ...(out.verbose && statement !== null ? [`      ${colors.dim(statement)}`] : []),
    ...(out.verbose ? rows.map((row) => `      ${colors.dim(`${table}: ${rowText(row)}`)}`) : []),
    `    ${help}`,
  ]
}

function rowText(row: HostileFinding['rows'][number]): string {
  return Object.entries(row)
    .map(([column, value]) => `${column} = ${value}`)
    .join(', ')
}

function mark(severity: Severity, colors: Colors): string {
  if (severity === 'error') return colors.red('✗ error  ')
  return severity === 'warning' ? colors.yellow('! warning') : 'i note   '
}

function summaryOf(result: HostileResult, colors: Colors): readonly string[] {
  const { revisions, trials, ignored } = result
  const findings = [...groups(result.findings).values()].flatMap(([first]) => first ?? [])
  const of = (severity: Severity): number => findings.filter((one) => one.severity === severity).length
  const counts = [
    ...(of('error') > 0 ? [colors.red(plural(of('error'), 'error'))] : []),
    ...(of('warning') > 0 ? [colors.yellow(plural(of('warning'), 'warning'))] : []),
    ...(of('info') > 0 ? [plural(of('info'), 'note')] : []),
  ]
  const where = `in ${plural(revisions, 'revision')} (${plural(trials, 'run')})`
  const hidden = ignored === 0 ? '' : `, ${String(ignored)} ignored`
  if (counts.length === 0) return [`${colors.green('✓')} Hostile rows: nothing found ${where}${hidden}.`]
  const sign = of('error') > 0 ? colors.red('✗') : colors.yellow('!')
  const example = findings.find(({ severity }) => severity === 'error')?.kind
  return [
    `${sign} Hostile rows: ${counts.join(', ')} ${where}${hidden}.`,
    ...(example === undefined
      ? []
      : [
          `Change the revision, or say above the statement why no such row is there: ${colors.bold(`// aludel-test-ignore ${example}: REASON`)}`,
        ]),
  ]
}

const levels = { error: 'error', warning: 'warning', info: 'notice' } as const

/** Findings as annotations of a pull request, one line each. */
export function hostileGithubLines({ findings }: HostileResult): string {
  return findings
    .map(({ severity, path, line, kind, dialect, message, help }) => {
      const place = { file: path, line, title: `${kind} (${dialect})` }
      return `${workflowCommand(levels[severity], place, `${message}\n${help}`)}\n`
    })
    .join('')
}
