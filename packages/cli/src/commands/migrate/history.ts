import { revisionLines } from '../../output/revisions'
import { defineCommand } from '../../parser/command'
import { flag, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [],
  options: {
    range: text('A:B', 'only these, both ends inclusive', 'r'),
    'indicate-current': flag('ask the database, and mark what is applied', 'i'),
  },
  examples: [
    ['migrate history', 'every revision, newest first'],
    ['migrate history -i', 'the same, and where the database is'],
    ['migrate history -r -3:current', 'the last ones that were applied'],
  ],
  async run(args, context) {
    const { range } = args
    const result = await withMigrator(context, (migrator) =>
      migrator.history({ ...(range === undefined ? {} : { range }), indicateCurrent: args['indicate-current'] }),
    )
    return {
      json: result,
      human: (out) => {
        if (result.revisions.length === 0) out.note('No revisions. Write the first with `aludel migrate create "…"`.')
        out.lines(...revisionLines(result.revisions, out.colors))
      },
    }
  },
})
