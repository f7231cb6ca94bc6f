import type { MergeOptions } from '@aludel/engine'

import type { CommandContext } from '../../command-context'
import { branchLines } from '../../output/branches'
import { defineCommand } from '../../parser/command'
import { flag, list, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'
import { printCreated } from './created'

export const command = defineCommand({
  positionals: [{ name: 'REV', describe: 'two or more revisions, or `heads`', required: true, many: true }],
  options: {
    message: text('TEXT', 'the message of the merge', 'm'),
    'branch-label': list('LABEL', 'a name for the branch that starts here'),
    splice: flag('allow parents that are not heads'),
    'rev-id': text('ID', 'the id; default: a random one'),
    'no-check': flag('skip the check whether the branches commute; needs no database'),
  },
  examples: [
    ['migrate merge heads -m "join billing and reports"', 'join all heads'],
    ['migrate merge 3f9c 8a1b --yes', 'even if both touch the same objects'],
  ],
  async run(args, context) {
    const result = await withMigrator(context, (migrator) =>
      migrator.merge(args.REV, {
        message: args.message,
        splice: args.splice,
        unchecked: args['no-check'],
        confirm: confirmation(context),
        branchLabels: args['branch-label'],
        revisionId: args['rev-id'],
      }),
    )
    return {
      json: result,
      human: (out) => {
        for (const pair of result.branches)
          if (pair.conflicts.length === 0) out.note(...branchLines(pair, out.colors, context.cwd))
        printCreated(result, out, context.cwd)
      },
    }
  },
})

/** How the merge is confirmed: by `--yes`, at the terminal, or not at all (undefined). */
function confirmation({ prompts, progress, output, cwd }: CommandContext): MergeOptions['confirm'] {
  if (prompts.yes) return () => Promise.resolve(true)
  if (!prompts.canAsk) return undefined
  return (branches) => {
    progress.clear()
    for (const pair of branches) output.errorLines(...branchLines(pair, output.errorColors, cwd))
    return prompts.confirm('Merge them as they are?')
  }
}
