import { printCheck } from '../../output/check'
import { defineCommand } from '../../parser/command'
import { flag } from '../../parser/options'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [],
  options: {
    database: flag('also compare the live database with its applied revisions'),
    names: flag('also exit 3 if a constraint or an index only has another name than TypeORM derives, and list them'),
    heads: flag('check that there is one head; reads only the revision files, unless --database is given too'),
  },
  examples: [
    ['migrate check', 'for CI: exit 3 if an entity changed and no revision was written'],
    ['migrate check --database', 'also compare the live database with its revision'],
    ['migrate check --heads', 'before a merge: exit 3 if two branches each added a revision'],
  ],
  async run(args, context) {
    const result = await withMigrator(context, (migrator) =>
      migrator.check({ database: args.database, heads: args.heads, names: args.names }),
    )
    const { clean, database } = result
    return {
      json: result,
      exitCode: clean && database?.clean !== false ? 0 : 3,
      human: (out) => {
        printCheck(result, out, context.cwd, args.names)
      },
    }
  },
})
