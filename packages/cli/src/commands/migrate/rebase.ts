import { branchLines } from '../../output/branches'
import { plural, shortPath } from '../../output/format'
import { defineCommand } from '../../parser/command'
import { flag, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [{ name: 'REV', describe: 'a revision of the branch that moves', required: true }],
  options: {
    onto: text('REV', 'the head to put it on; default: the only other head'),
    'dry-run': flag('prove it and show the changes; write nothing'),
  },
  examples: [
    ['migrate rebase 8a1b', 'put a branch that is not applied yet on top of the other head'],
    ['migrate rebase 8a1b --onto 3f9c', 'if there are several other heads'],
  ],
  async run(args, context) {
    const result = await withMigrator(context, (migrator) =>
      migrator.rebase(args.REV, { dryRun: args['dry-run'], onto: args.onto }),
    )
    return {
      json: result,
      human: (out) => {
        const { colors } = out
        const { moved, written } = result
        for (const pair of result.branches) {
          if (pair.conflicts.length > 0) out.note(...branchLines(pair, colors, context.cwd))
        }
        out.note(
          `${written ? 'Moved' : 'Would move'} ${plural(moved.length, 'revision')} on top of ${colors.yellow(result.onto)}:`,
        )
        for (const { revision, message, from, path } of moved) {
          const name = shortPath(path, context.cwd)
          if (out.quiet) out.lines(name)
          else
            out.lines(
              `  ${colors.yellow(revision)} ${message}: ${from === path ? '' : `${shortPath(from, context.cwd)} → `}${name}`,
            )
        }
        if (written) out.note(`Next: ${colors.bold('aludel migrate check')}, and commit the files.`)
      },
    }
  },
})
