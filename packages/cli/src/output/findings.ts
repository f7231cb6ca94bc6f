import type { Finding } from '@aludel/engine'

import { dateTime, plural, shortPath } from './format'
import type { Output } from './output'

/** Prints the inconsistencies between the history and the files, each with its remedy. */
export function printFindings(findings: readonly Finding[], out: Output, cwd: string): void {
  if (findings.length === 0) return
  const { colors } = out
  out.lines(`${colors.yellow('✗')} ${plural(findings.length, 'finding')} in the history of this database:`)
  for (const finding of findings) {
    const { kind, message, path, help, mend } = finding
    out.lines(`  ${colors.yellow(kind)}  ${message}`)
    const facts = [...(path === null ? [] : [shortPath(path, cwd)]), ...appliedText(finding), ...stoppedText(finding)]
    if (facts.length > 0) out.lines(`    ${colors.dim(facts.join(', '))}`)
    if (finding.stopped?.error !== undefined) out.lines(`    ${finding.stopped.error.split('\n', 1).join('')}`)
    out.lines(`    ${mend.reduce((text, command) => text.replace(command, colors.bold(command)), help)}`)
  }
}

function appliedText({ appliedAt, appliedBy }: Finding): readonly string[] {
  if (appliedAt === undefined) return []
  return [`applied ${dateTime(appliedAt)} UTC${appliedBy === undefined ? '' : ` by ${appliedBy}`}`]
}

function stoppedText({ stopped }: Finding): readonly string[] {
  return stopped === undefined ? [] : [`last heard of ${dateTime(stopped.at)} UTC, run by ${stopped.by}`]
}
