import { printCheck } from '../../output/check'
import { defineCommand } from '../../parser/command'
import { flag } from '../../parser/options'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [],
  options: { database: flag('also: does the live database match the revisions it says are applied?') },
  examples: [
    ['migrate check', 'for CI: exit 3 when an entity changed and no revision was written'],
    ['migrate check --database', 'also look for changes made by hand'],
  ],
  async run(args, context) {
    const result = await withMigrator(context, (migrator) => migrator.check({ database: args.database }))
    const { clean, database } = result
    return {
      json: result,
      exitCode: clean && database?.clean !== false ? 0 : 3,
      human: (out) => {
        printCheck(result, out)
      },
    }
  },
})
