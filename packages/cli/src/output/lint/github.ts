import type { LintFinding, LintResult } from '@aludel/engine'

import { stallText } from '../does'
import { workflowCommand } from '../github'

const levels = { error: 'error', warning: 'warning', info: 'notice' } as const

/**
 * Findings as annotations of a pull request, one line each.
 *
 * @example
 * githubLines(result) // '::error file=migrations/1-a.ts,line=12,title=create-index::creating index …'
 */
export function githubLines({ findings }: LintResult): string {
  return findings.map((finding) => `${lineOf(finding)}\n`).join('')
}

function lineOf({ rule, severity, path, line, message, help, instead = [], stall }: LintFinding): string {
  const text = [message, ...stallText(stall), help, ...instead.map((sql) => `  ${sql}`)].join('\n')
  return workflowCommand(levels[severity], { file: path, line, title: rule }, text)
}
