import type { LintFinding, LintResult } from '@aludel/engine'

import { stallText } from '../stalls'

const levels = { error: 'error', warning: 'warning', info: 'notice' } as const

/**
 * Findings as annotations of a pull request, one line each.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 * @example
 * githubLines(result) // '::error file=migrations/1-a.ts,line=12,title=create-index::creating index …'
 */
export function githubLines({ findings }: LintResult): string {
  return findings.map((finding) => `${lineOf(finding)}\n`).join('')
}

function lineOf({ rule, severity, path, line, message, help, instead = [], stall }: LintFinding): string {
  const properties = [
    `file=${property(path)}`,
    ...(line === null ? [] : [`line=${String(line)}`]),
    `title=${property(rule)}`,
  ]
  const text = [message, ...stallText(stall), help, ...instead.map((sql) => `  ${sql}`)].join('\n')
  return `::${levels[severity]} ${properties.join(',')}::${data(text)}`
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
