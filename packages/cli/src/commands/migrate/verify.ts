import { plural } from '../../output/format'
import { columns } from '../../output/table'
import { defineCommand } from '../../parser/command'
import { flag } from '../../parser/options'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [{ name: 'RANGE', describe: 'A:B, both ends inclusive; default: all' }],
  options: {
    observe: flag(
      'also compare what pg_dump or sqlite_master reports of the schemas, and the last revision with the entities',
    ),
  },
  examples: [
    ['migrate verify', 'prove that every revision runs, and that its down restores the schema'],
    ['migrate verify head:head', 'only the newest one'],
    ['migrate verify --observe', 'also find what a down forgets of comments, privileges and settings'],
  ],
  async run(args, context) {
    const result = await withMigrator(context, (migrator) => migrator.verify(args.RANGE, { observe: args.observe }))
    const bad = result.revisions.filter(({ up, down }) => up !== 'ok' || down !== 'ok')
    const differing = (result.entities ?? []).filter(({ differences }) => differences.length > 0)
    return {
      json: result,
      exitCode: bad.length + differing.length === 0 ? 0 : 3,
      human: (out) => {
        const { colors } = out
        const verdict = (word: string): string => (word === 'ok' ? colors.green(word) : colors.yellow(word))
        const shown = out.quiet ? bad : result.revisions
        out.lines(
          ...columns(
            shown.map(({ revision, dialect, up, down, message, rows }) => [
              colors.yellow(revision),
              dialect,
              `up ${verdict(up)}`,
              `down ${verdict(down)}`,
              message === '' && rows === 'refused' ? 'with empty tables: it refuses sample rows' : message,
            ]),
          ),
        )
        for (const { dialect, differences } of differing) {
          out.lines(
            `${colors.yellow('✗')} The revisions give another schema than the entities (${dialect}):`,
            ...differences.map((difference) => `    ${difference}`),
          )
        }
        if (bad.length === 0)
          out.note(`${colors.green('✓')} ${plural(result.revisions.length, 'proof')}: up, down, up.`)
        else
          out.lines(
            `${colors.yellow('✗')} ${String(bad.length)} of ${plural(result.revisions.length, 'proof')} failed.`,
          )
      },
    }
  },
})
