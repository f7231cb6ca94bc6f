import { revisionLines } from '../../output/revisions'
import { defineCommand } from '../../parser/command'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [],
  options: {},
  examples: [['migrate branches', 'where branches of revisions start']],
  async run(_args, context) {
    const result = await withMigrator(context, (migrator) => migrator.branches())
    return {
      json: result,
      human: (out) => {
        if (result.revisions.length === 0) out.note('No branch points: the revisions form one line.')
        out.lines(...revisionLines(result.revisions, out.colors, out.terminalWidth))
      },
    }
  },
})
