import { revisionLines } from '../../output/revisions'
import { defineCommand } from '../../parser/command'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [],
  options: {},
  examples: [['migrate heads', 'if there are several, join them with `aludel migrate merge heads`']],
  async run(_args, context) {
    const result = await withMigrator(context, (migrator) => migrator.heads())
    return {
      json: result,
      human: (out) => {
        out.lines(...revisionLines(result.heads, out.colors, out.terminalWidth))
        if (result.heads.length > 1) out.note(`Next: ${out.colors.bold('aludel migrate merge heads')} makes them one.`)
      },
    }
  },
})
