import type { TestResult } from '@aludel/engine'

import { workflowCommand } from '../github'

/**
 * Failed tests as annotations of a pull request, one line each.
 *
 * @example
 * githubLines(result) // '::error file=migrations/1-a.test.ts,line=12,title=keeps names::postgres, in after: …'
 */
export function githubLines({ tests }: TestResult): string {
  return tests
    .flatMap(({ path, title, dialect, failure }) => {
      if (failure === undefined) return []
      const { line, phase, message } = failure
      return [`${workflowCommand('error', { file: path, line, title }, `${dialect}, ${phase}: ${message}`)}\n`]
    })
    .join('')
}
