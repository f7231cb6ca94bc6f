import type { CreateFinding, LintFinding, LintResult, LintRuleInfo, Severity } from '@aludel/engine'

import { bytes, grouped, plural } from '../format'
import type { Colors, Output } from '../output'
import { columns } from '../table'

/** Prints the findings, by revision, and how many there are. */
export function printFindings(result: LintResult, out: Output, range: string | undefined): void {
  const { findings, revisions, ignored } = result
  const { colors } = out
  const shown = out.quiet ? findings.filter(({ severity }) => severity === 'error') : findings
  let last: string | undefined
  for (const finding of shown) {
    if (finding.revision !== last) out.lines(...(last === undefined ? [] : ['']), heading(finding, colors))
    last = finding.revision
    out.lines(...linesOf(finding, out))
  }
  if (shown.length > 0) out.note('')
  const of = (severity: Severity): number => findings.filter((one) => one.severity === severity).length
  const counts = [
    ...(of('error') > 0 ? [colors.red(plural(of('error'), 'error'))] : []),
    ...(of('warning') > 0 ? [colors.yellow(plural(of('warning'), 'warning'))] : []),
    ...(of('info') > 0 ? [plural(of('info'), 'note')] : []),
  ]
  const where = `in ${plural(revisions, 'revision')}${range === undefined ? '' : ` of ${range}`}`
  const hidden = ignored === 0 ? '' : `, ${String(ignored)} ignored`
  out.note(
    counts.length === 0
      ? `${colors.green('✓')} Nothing found ${where}${hidden}.`
      : `${of('error') > 0 ? colors.red('✗') : colors.yellow('!')} ${counts.join(', ')} ${where}${hidden}.`,
  )
  if (of('error') > 0)
    out.note(
      `Change the revision where it has not run yet, or say above the statement why it is safe: ${colors.bold(`// aludel-lint-ignore ${exampleOf(findings)}: REASON`)}`,
    )
}

/** A rule that a comment can ignore. */
function exampleOf(findings: readonly LintFinding[]): string {
  return findings.find(({ severity, statement }) => severity === 'error' && statement !== null)?.rule ?? 'RULE'
}

/** Prints what `lint` would say of a revision that was just written: of its upgrade, errors and warnings. */
export function printCreateFindings(findings: readonly CreateFinding[], out: Output): void {
  const shown = findings.filter(({ direction, severity }) => direction === 'upgrade' && severity !== 'info')
  if (shown.length === 0) return
  for (const finding of shown) out.note(...linesOf(finding, out))
}

function heading({ revision, path }: LintFinding, colors: Colors): string {
  return `${colors.yellow(revision)} ${path}`
}

function linesOf(finding: CreateFinding & Partial<LintFinding>, out: Output): readonly string[] {
  const { rule, severity, direction, line = null, dialects, message, help, instead = [], statement } = finding
  const { colors } = out
  const place = [
    ...(line === null ? [] : [`line ${String(line)}`]),
    ...(direction === 'downgrade' ? ['down'] : []),
    ...(dialects.length === 1 ? dialects : []),
  ]
  return [
    `  ${mark(severity, colors)} ${colors.bold(rule)}${place.length === 0 ? '' : colors.dim(`  ${place.join(', ')}`)}`,
    `    ${message}${sizeOf(finding)}`,
    ...(statement !== null && out.verbose ? indented(statement, colors.dim) : []),
    `    ${help}`,
    ...instead.flatMap((sql) => indented(sql, colors.cyan)),
  ]
}

function mark(severity: Severity, colors: Colors): string {
  if (severity === 'error') return colors.red('✗ error  ')
  return severity === 'warning' ? colors.yellow('! warning') : 'i note   '
}

function sizeOf({ table, rows, bytes: size, stall }: Partial<LintFinding>): string {
  const time = stall === undefined ? '' : `; it ${stall.text}`
  if (table === undefined || rows === undefined) return time
  return ` (${table}: about ${plural(rows, 'row')}${size === undefined ? '' : `, ${bytes(size)}`})${time}`
}

function indented(sql: string, color: (text: string) => string): readonly string[] {
  return sql.split('\n').map((line) => `      ${color(line)}`)
}

/** Prints the rules by category, with what they are about. */
export function printRules(rules: readonly LintRuleInfo[], out: Output): void {
  const { colors } = out
  for (const category of new Set(rules.map((rule) => rule.category))) {
    out.lines(colors.bold(category))
    const own = rules.filter((rule) => rule.category === category)
    out.lines(
      ...columns(
        own.map(({ id, rule, severity, dialects }) => [
          `  ${id}`,
          rule,
          severity === 'off' ? colors.dim('off') : severity,
          dialects.join(', '),
        ]),
      ),
    )
    if (out.verbose) out.lines(...own.map(({ rule, about }) => `  ${colors.bold(rule)}: ${about}`))
    out.lines('')
  }
  const on = rules.filter(({ severity }) => severity !== 'off').length
  out.note(`${grouped(on)} of ${plural(rules.length, 'rule')} are on; -v shows what each is about.`)
}
