import { revisionBlocks } from '../../output/revisions'
import { defineCommand } from '../../parser/command'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [{ name: 'REV', describe: 'which revision', required: true }],
  options: {},
  examples: [
    ['migrate show head', 'the newest'],
    ['migrate show head -v', 'also what it does, and when and by whom it was applied'],
    ['migrate show current', 'the applied heads'],
    ['migrate show 3f9c', 'the one whose id starts with 3f9c'],
  ],
  async run(args, context) {
    const result = await withMigrator(context, (migrator) =>
      migrator.show(args.REV, { details: context.globals.verbose }),
    )
    return {
      json: result,
      human: (out) => {
        if (result.revisions.length === 0) out.note(`No revision is ${args.REV}.`)
        out.lines(...revisionBlocks(result.revisions, out.colors, context.cwd))
      },
    }
  },
})
