import type { KeptInfo } from '@aludel/engine'

import { confirmation } from '../../confirmation'
import { usageError } from '../../errors'
import { plural } from '../../output/format'
import { keptTable } from '../../output/kept'
import { defineCommand } from '../../parser/command'
import { flag, list, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'
import { lockOptions, lockSettings } from './lock-options'

export const command = defineCommand({
  positionals: [
    { name: 'ACTION', describe: 'list (default), or prune: remove it for good', choices: ['list', 'prune'] },
  ],
  options: {
    all: flag('prune everything'),
    'older-than': text('TIME', 'prune what was kept longer ago: 12h, 30d, 8w; default: the time of the configuration'),
    revision: list('REV', 'prune only what this revision has dropped'),
    ...lockOptions,
  },
  examples: [
    ['migrate kept list', 'what `upgrade --keep-dropped` has set aside'],
    ['migrate kept prune', 'remove what is past the time of the configuration; shows it, and asks'],
    ['migrate kept prune --older-than 30d --yes', 'what was kept more than 30 days ago, without a question'],
    ['migrate kept prune --all', 'everything'],
  ],
  async run(args, context) {
    const { all, 'older-than': olderThan, revision } = args
    // Wrong values are refused also where they have no effect.
    const settings = lockSettings(args)
    if (args.ACTION !== 'prune') {
      if (all || olderThan !== undefined || revision.length > 0)
        throw usageError('--all, --older-than and --revision belong to prune', 'Write: aludel migrate kept prune …')
      const result = await withMigrator(context, (migrator) => migrator.kept())
      return {
        json: result,
        human: (out) => {
          if (result.kept.length === 0) out.note('Nothing is kept.')
          else out.lines(...keptTable(result.kept, out))
        },
      }
    }
    const options = { all, olderThan, revisions: revision.length === 0 ? undefined : revision }
    const result = await withMigrator(
      context,
      (migrator) =>
        migrator.pruneKept({
          ...options,
          confirm: confirmation(context, (kept: readonly KeptInfo[]) => ({
            lines: keptTable(kept, { colors: context.output.errorColors }),
            text: `Remove ${plural(kept.length, 'thing')} for good?`,
          })),
        }),
      settings,
    )
    return {
      json: result,
      human: (out) => {
        const left = result.left === 0 ? 'Nothing is kept any more.' : `Still kept: ${plural(result.left, 'thing')}.`
        if (result.pruned.length > 0) out.note(`Removed ${plural(result.pruned.length, 'thing')}. ${left}`)
        else out.note(result.left === 0 ? 'Nothing is kept.' : `Nothing to remove. ${left}`)
      },
    }
  },
})
