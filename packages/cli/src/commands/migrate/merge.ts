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
  },
  examples: [['migrate merge heads -m "join billing and reports"', 'make several heads one']],
  async run(args, context) {
    const { message, splice } = args
    const revisionId = args['rev-id']
    const result = await withMigrator(context, (migrator) =>
      migrator.merge(args.REV, {
        splice,
        branchLabels: args['branch-label'],
        ...(message === undefined ? {} : { message }),
        ...(revisionId === undefined ? {} : { revisionId }),
      }),
    )
    return { json: result, human: (out) => printCreated(result, out, context.cwd) }
  },
})
