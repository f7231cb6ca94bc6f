import type { RepairChange, RepairResult } from '@aludel/engine'

import type { CommandContext } from '../../command-context'
import { confirmation } from '../../confirmation'
import { usageError } from '../../errors'
import { printFindings } from '../../output/findings'
import { plural } from '../../output/format'
import type { Colors, Output } from '../../output/output'
import { changeLines } from '../../output/repair'
import { defineCommand } from '../../parser/command'
import { flag, list } from '../../parser/options'
import { withMigrator } from '../../project/migrator'
import { lockOptions, lockSettings } from './lock-options'

export const command = defineCommand({
  positionals: [{ name: 'REV', describe: 'an edited revision whose current file to accept', many: true }],
  options: {
    remove: list('NAME', 'mark it as not applied: a name, an id, or the start of one; repeatable'),
    restore: list('NAME', 'mark it as applied without running it; repeatable'),
    order: flag('sort the rows of the history by the order of the revisions'),
    'dry-run': flag('show the changes; write nothing'),
    force: flag('restore without checking the parents and the schema of the database'),
    ...lockOptions,
  },
  examples: [
    ['migrate repair', 'list inconsistencies of the history and the files; exit 3 if there are any'],
    ['migrate repair 3f9c', 'show its edits, ask, and accept them'],
    ['migrate repair --remove Old1763750000000', 'remove a row without a file from the history'],
  ],
  async run(args, context) {
    const { remove, restore, order, force } = args
    const dryRun = args['dry-run']
    const listsOnly = args.REV.length + remove.length + restore.length === 0 && !order
    if (listsOnly && force) throw usageError('--force is for --restore')
    const confirm =
      listsOnly || dryRun
        ? undefined
        : confirmation(context, (changes: readonly RepairChange[]) => ({
            lines: changeLines(changes, context.output.errorColors),
            text: `Write ${plural(changes.length, 'change')} to the history?`,
          }))
    const result = await withMigrator(
      context,
      (migrator) => migrator.repair({ revisions: args.REV, remove, restore, order, force, dryRun, confirm }),
      lockSettings(args),
    )
    return {
      json: result,
      exitCode: listsOnly && result.findings.length > 0 ? 3 : 0,
      human: (out) => {
        if (listsOnly) printList(result, out, context.cwd)
        else printRepair(result, out, context, dryRun)
      },
    }
  },
})

function printList({ findings }: RepairResult, out: Output, cwd: string): void {
  if (findings.length === 0) out.note(`${out.colors.green('✓')} The history and the files agree.`)
  else printFindings(findings, out, cwd)
}

function printRepair(result: RepairResult, out: Output, context: CommandContext, dryRun: boolean): void {
  const { colors } = out
  const { changes, findings } = result
  if (changes.length === 0)
    out.note('Nothing to repair: none of them was edited after it was applied, or is out of order.')
  else if (dryRun) out.lines(...changeLines(changes, colors))
  else {
    // Otherwise they were shown with the question.
    if (context.prompts.yes) out.note(...changeLines(changes, colors))
    out.note(`${colors.green('✓')} ${plural(changes.length, 'change')} written to the history. No revision was run.`)
  }
  printFindings(findings, out, context.cwd)
  if (dryRun && changes.length > 0) out.note(next(colors))
}

function next(colors: Colors): string {
  return `Nothing was written. Next: the same without ${colors.bold('--dry-run')}.`
}
