import { plural } from '../../output/format'
import { columns } from '../../output/table'
import { defineCommand } from '../../parser/command'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [{ name: 'RANGE', describe: 'A:B, both ends inclusive; default: all' }],
  options: {},
  examples: [
    ['migrate verify', 'prove that every revision runs, and that its down restores the schema'],
    ['migrate verify head:head', 'only the newest one'],
  ],
  async run(args, context) {
    const result = await withMigrator(context, (migrator) => migrator.verify(args.RANGE))
    const bad = result.revisions.filter(({ up, down }) => up !== 'ok' || down !== 'ok')
    return {
      json: result,
      exitCode: bad.length === 0 ? 0 : 3,
      human: (out) => {
        const { colors } = out
        const verdict = (word: string): string => (word === 'ok' ? colors.green(word) : colors.yellow(word))
        const shown = out.quiet ? bad : result.revisions
        out.lines(
          ...columns(
            shown.map(({ revision, dialect, up, down, message }) => [
              colors.yellow(revision),
              dialect,
              `up ${verdict(up)}`,
              `down ${verdict(down)}`,
              message,
            ]),
          ),
        )
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
