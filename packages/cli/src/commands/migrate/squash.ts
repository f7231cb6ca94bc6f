import { plural, shortPath } from '../../output/format'
import { defineCommand } from '../../parser/command'
import { flag, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [{ name: 'RANGE', describe: 'A:B, both ends inclusive', required: true }],
  options: {
    message: text('TEXT', 'the message of the new revision', 'm'),
    'rev-id': text('ID', 'the id; default: a random one'),
    'dry-run': flag('prove it and show the result; write nothing'),
  },
  examples: [
    ['migrate squash base:head', 'squash the whole history'],
    ['migrate squash 3f9c:8a1b -m "billing"', 'squash a part of a branch'],
  ],
  async run(args, context) {
    const result = await withMigrator(context, (migrator) =>
      migrator.squash(args.RANGE, { dryRun: args['dry-run'], message: args.message, revisionId: args['rev-id'] }),
    )
    return {
      json: result,
      human: (out) => {
        const { colors } = out
        const { created, replaces, kept, sql } = result
        const name = (file: string): string => shortPath(file, context.cwd)
        if (created !== null && out.quiet) return out.lines(name(created.path))
        if (created !== null) out.lines(`${colors.green('✓')} ${colors.yellow(created.revision)} ${name(created.path)}`)
        out.note(`${created === null ? 'Would replace' : 'Replaces'} ${plural(replaces.length, 'revision')}:`)
        for (const { revision, message: words, path } of replaces)
          out.note(`  ${colors.yellow(revision)} ${words} (${name(path)})`)
        for (const { revision, message: words } of kept)
          out.note(`Copied unchanged: ${colors.yellow(revision)} ${words}`)
        for (const [dialect, { up }] of Object.entries(sql)) out.note(`${plural(up.length, 'statement')} on ${dialect}`)
        if (created === null) return
        out.note(
          'Keep the files of the old revisions until every database has applied all or none of them.',
          `Next: ${colors.bold('aludel migrate check')}, and commit the file.`,
        )
      },
    }
  },
})
