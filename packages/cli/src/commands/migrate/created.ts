import type { CreateResult } from '@aludel/engine'

import { printCreateFindings } from '../../output/lint/text'
import { plural, shortPath } from '../../output/format'
import { operationLines } from '../../output/operations'
import type { Output } from '../../output/output'

/**
 * Prints the result of `create` and `merge`.
 *
 * @param wasShown the operations were listed before a question, and are not listed again
 */
export function printCreated(result: CreateResult, out: Output, cwd: string, wasShown = false): void {
  const { colors } = out
  const { created, operations, destroys, needs = [] } = result
  if (result.unmanaged.path !== null) {
    out.note(
      `Remembered in ${shortPath(result.unmanaged.path, cwd)}, as unmanaged: ${result.unmanaged.added.join(', ')}`,
    )
  }
  const kept = result.names?.length ?? 0
  if (kept > 0) {
    out.note(
      `${plural(kept, 'constraint or index keeps its name', 'constraints and indexes keep their names')}; to give ${kept === 1 ? 'it' : 'them'} those that TypeORM derives: ${colors.bold('--names rename')}`,
    )
  }
  if (created === null) {
    out.note('Nothing changed: the entities match the revisions. No file was written.')
    return
  }
  if (!wasShown) {
    out.note(...operationLines(operations, colors))
    out.note(...destroys.map((text) => `  ${colors.red('loses')} ${text}`))
    out.note(...needs.map(({ text }) => `  ${colors.yellow('needs')} ${text}`))
  }
  for (const { path: file, revision } of [created, ...(result.more ?? [])]) {
    const name = shortPath(file, cwd)
    out.lines(out.quiet ? name : `Wrote ${name} (revision ${colors.yellow(revision)})`)
  }
  if (result.test !== undefined) {
    const name = shortPath(result.test, cwd)
    out.lines(out.quiet ? name : `Wrote ${name}, which passes: change its rows to those that matter`)
  }
  printCreateFindings(result.findings ?? [], out)
  out.note(`Next: read it, then ${colors.bold('aludel migrate upgrade')}.`)
}

/** Prints the result of `create --sql`: the statements of every dialect, in both directions. */
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
