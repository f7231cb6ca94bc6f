import { type BranchesResult } from '@aludel/engine'

import type { CommandContext } from '../../command-context'
import { branchLines } from '../../output/branches'
import { defineCommand } from '../../parser/command'
import { flag, list, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'
import { printCreated } from './created'

export const command = defineCommand({
  positionals: [{ name: 'REV', describe: 'two or more revisions, or `heads`', required: true, many: true }],
  options: {
    message: text('TEXT', 'what the merge is about', 'm'),
    'branch-label': list('LABEL', 'a name for the line that begins here'),
    splice: flag('allow parents that are no heads'),
    'rev-id': text('ID', 'the id, instead of a new one'),
    'no-check': flag('do not look whether the branches commute; needs no database'),
  },
  examples: [
    ['migrate merge heads -m "join billing and reports"', 'make several heads one'],
    ['migrate merge 3f9c 8a1b --yes', 'although both touch the same things'],
  ],
  async run(args, context) {
    const { message, splice } = args
    const revisionId = args['rev-id']
    const result = await withMigrator(context, (migrator) =>
      migrator.merge(args.REV, {
        splice,
        unchecked: args['no-check'],
        ...confirmation(context),
        branchLabels: args['branch-label'],
        ...(message === undefined ? {} : { message }),
        ...(revisionId === undefined ? {} : { revisionId }),
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

/** Absent where nobody can be asked. */
function confirmation({ prompts, progress, output, cwd }: CommandContext): {
  readonly confirm?: (branches: readonly BranchesResult[]) => Promise<boolean>
} {
  if (prompts.yes) return { confirm: () => Promise.resolve(true) }
  if (!prompts.canAsk) return {}
  return {
    confirm: (branches) => {
      progress.clear()
      for (const pair of branches) output.errorLines(...branchLines(pair, output.errorColors, cwd))
      return prompts.confirm('Merge them as they are?')
    },
  }
}
