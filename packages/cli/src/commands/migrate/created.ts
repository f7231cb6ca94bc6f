import path from 'node:path'

import type { CreateResult } from '@aludel/engine'

import { operationLines } from '../../output/operations'
import type { Output } from '../../output/output'

/** What `create` and `merge` wrote. */
export function printCreated(result: CreateResult, out: Output, cwd: string): void {
  const { colors } = out
  const { created, operations, destroys } = result
  if (created === null) {
    out.note('Nothing changed: the entities match the revisions. No file was written.')
    return
  }
  out.note(...operationLines(operations, colors))
  out.note(...destroys.map((text) => `  ${colors.red('loses')} ${text}`))
  const file = path.relative(cwd, created.path)
  out.lines(
    `${out.quiet ? '' : 'Wrote '}${file.startsWith('..') ? created.path : file}${out.quiet ? '' : ` (revision ${colors.yellow(created.revision)})`}`,
  )
  out.note(`Next: read it, then ${colors.bold('aludel migrate upgrade')}.`)
}

/** `create --sql`: the statements of every dialect, in both directions. */
export function printSql(result: CreateResult, out: Output): void {
  if (result.operations.length === 0) {
    out.note('-- nothing changed: the entities match the revisions')
    return
  }
  for (const [dialect, sql] of Object.entries(result.sql)) {
    for (const direction of ['up', 'down'] as const) {
      out.lines(`-- ${dialect}: ${direction === 'up' ? 'upgrade' : 'downgrade'}`)
      out.raw(`${sql[direction].map((statement) => `${statement};\n`).join('')}\n`)
    }
  }
}
