import type { RepairChange, RepairResult } from '@aludel/engine'

import type { CommandContext } from '../../command-context'
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
  positionals: [{ name: 'REV', describe: 'an edited revision: what its file does now counts as applied', many: true }],
  options: {
    remove: list('NAME', 'count it as applied no longer: a name, an id, or the beginning of one; repeatable'),
    restore: list('NAME', 'count it as applied, without running it; repeatable'),
    order: flag('bring the rows of the history in the order of the revisions'),
    'dry-run': flag('show what would be done; write nothing'),
    force: flag('restore without a look at the parents and at the shape of the database'),
    ...lockOptions,
  },
  examples: [
    ['migrate repair', 'list what is wrong between the history and the files; exit 3 when something is'],
    ['migrate repair 3f9c', 'show what was edited in it, ask, and accept it'],
    ['migrate repair --remove Old1763750000000', 'forget what no file has any more'],
  ],
  async run(args, context) {
    const { remove, restore, order, force } = args
    const dryRun = args['dry-run']
    const looks = args.REV.length + remove.length + restore.length === 0 && !order
    if (looks && force) throw usageError('--force is for --restore')
    const confirm = looks || dryRun ? undefined : confirmation(context)
    const result = await withMigrator(
      context,
      (migrator) =>
        migrator.repair({
          ...{ revisions: args.REV, remove, restore, order, force, dryRun },
          ...(confirm === undefined ? {} : { confirm }),
        }),
      lockSettings(args),
    )
    return {
      json: result,
      exitCode: looks && result.findings.length > 0 ? 3 : 0,
      human: (out) => {
        if (looks) printLook(result, out, context.cwd)
        else printRepair(result, out, context, dryRun)
      },
    }
  },
})

/** How somebody agrees: by `--yes`, at the terminal, or not at all. */
function confirmation(context: CommandContext): ((changes: readonly RepairChange[]) => Promise<boolean>) | undefined {
  const { prompts } = context
  if (prompts.yes) return undefined
  if (!prompts.canAsk) return () => Promise.resolve(false)
  return async (changes) => {
    showChanges(changes, context)
    return prompts.confirm(`Write ${plural(changes.length, 'change')} to the history?`)
  }
}

function showChanges(changes: readonly RepairChange[], { output, progress }: CommandContext): void {
  progress.clear()
  output.errorLines(...changeLines(changes, output.errorColors))
}

function printLook({ findings }: RepairResult, out: Output, cwd: string): void {
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
    // Whoever was asked has seen it.
    if (context.prompts.yes) out.note(...changeLines(changes, colors))
    out.note(`${colors.green('✓')} ${plural(changes.length, 'change')} written to the history. No revision was run.`)
  }
  printFindings(findings, out, context.cwd)
  if (dryRun && changes.length > 0) out.note(next(colors))
}

function next(colors: Colors): string {
  return `Nothing was written. Next: the same without ${colors.bold('--dry-run')}.`
}
