import { revisionIds } from '../../output/format'
import { defineCommand } from '../../parser/command'
import { flag } from '../../parser/options'
import { withMigrator } from '../../project/migrator'
import { lockOptions, lockSettings } from './lock-options'

export const command = defineCommand({
  positionals: [
    { name: 'REV', describe: 'the heads to mark as applied: head, heads, base, an id …', required: true, many: true },
  ],
  options: {
    purge: flag('delete every row first, also those without a file'),
    sql: flag('print the SQL that would run; write nothing'),
    force: flag('skip the check whether the database has that schema'),
    ...lockOptions,
  },
  examples: [
    ['migrate stamp head', 'mark this database as up to date'],
    ['migrate stamp base --purge', 'delete the history'],
  ],
  async run(args, context) {
    const { purge, force } = args
    return withMigrator(
      context,
      async (migrator) => {
        if (args.sql) {
          const script = await migrator.stampSql(args.REV, { purge })
          return {
            json: script,
            human: (out) => out.raw(script.statements.map((statement) => `${statement}\n`).join('')),
          }
        }
        const result = await migrator.stamp(args.REV, { purge, force })
        return {
          json: result,
          human: (out) => {
            const { yellow } = out.colors
            out.note(
              `Stamped ${yellow(revisionIds(result.to))} (before: ${yellow(revisionIds(result.from))}). Nothing was run.`,
            )
          },
        }
      },
      lockSettings(args),
    )
  },
})
