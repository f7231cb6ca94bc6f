import { plural } from '../../output/format'
import { operationLines } from '../../output/operations'
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
    const { clean, operations, database } = result
    return {
      json: result,
      exitCode: clean && database?.clean !== false ? 0 : 3,
      human: (out) => {
        const { colors } = out
        if (clean) out.note(`${colors.green('✓')} The entities match the revisions.`)
        else {
          out.lines(
            `${colors.red('✗')} The entities differ from the revisions in ${plural(operations.length, 'operation')}:`,
          )
          out.lines(...operationLines(operations, colors))
          out.note(`Next: ${colors.bold('aludel migrate create "what changed"')}`)
        }
        if (database === null) return
        if (database.clean) out.note(`${colors.green('✓')} The database matches its revision.`)
        else {
          out.lines(
            `${colors.red('✗')} The database differs from its revision in ${plural(database.operations.length, 'operation')}:`,
          )
          out.lines(...operationLines(database.operations, colors))
        }
      },
    }
  },
})
