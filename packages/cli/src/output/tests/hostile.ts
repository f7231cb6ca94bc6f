import type { HostileFinding, HostileResult, Severity, UnusedIgnore } from '@aludel/engine'

import { plural } from '../format'
import { workflowCommand } from '../github'
import type { Colors, Output } from '../output'

/** The name of `lint` for the same. */
const unusedIgnore = 'unused-ignore'

/** Prints what hostile rows have found, by revision, and how many there are. */
export function printHostile(result: HostileResult, out: Output): void {
  if (result.revisions === 0) return
  const { colors } = out
  const shown = out.quiet ? result.findings.filter(({ severity }) => severity === 'error') : result.findings
  const found = [...groups(shown).values()].flatMap((alike) =>
    alike.slice(0, 1).map((first) => ({ ...first, lines: linesOf(first, alike, out) })),
  )
  const unused = out.quiet ? [] : result.unusedIgnores.map((one) => ({ ...one, lines: unusedLines(one, colors) }))
  const all = [...found, ...unused]
  for (const [index, id] of [...new Set(all.map(({ revision }) => revision))].entries()) {
    const own = all.filter(({ revision }) => revision === id)
    const heading = own.slice(0, 1).map(({ path }) => `${colors.yellow(id)} ${path}`)
    out.lines(...(index === 0 ? [] : ['']), ...heading, ...own.flatMap(({ lines }) => lines))
  }
  if (all.length > 0) out.note('')
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

function unusedLines({ line, message, help }: UnusedIgnore, colors: Colors): readonly string[] {
  return [
    `  ${mark('warning', colors)} ${colors.bold(unusedIgnore)}${colors.dim(`  line ${String(line)}`)}`,
    `    ${message}`,
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
  const { revisions, trials, ignored, unusedIgnores } = result
  const findings = [...groups(result.findings).values()].flatMap(([first]) => first ?? [])
  const of = (severity: Severity): number =>
    findings.filter((one) => one.severity === severity).length + (severity === 'warning' ? unusedIgnores.length : 0)
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
export function hostileGithubLines({ findings, unusedIgnores }: HostileResult): string {
  return [
    ...findings.map(({ severity, path, line, kind, dialect, message, help }) => {
      const place = { file: path, line, title: `${kind} (${dialect})` }
      return workflowCommand(levels[severity], place, `${message}\n${help}`)
    }),
    ...unusedIgnores.map(({ path, line, message, help }) =>
      workflowCommand('warning', { file: path, line, title: unusedIgnore }, `${message}\n${help}`),
    ),
  ]
    .map((line) => `${line}\n`)
    .join('')
}
