import { plural, shortPath } from '../../output/format'
import { defineCommand } from '../../parser/command'
import { flag, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'

export const command = defineCommand({
  positionals: [{ name: 'RANGE', describe: 'A:B, both ends included', required: true }],
  options: {
    message: text('TEXT', 'what the new revision is about', 'm'),
    'rev-id': text('ID', 'the id, instead of a new one'),
    'dry-run': flag('prove it and show what would be written; write nothing'),
  },
  examples: [
    ['migrate squash base:head', 'make one revision of the whole history'],
    ['migrate squash 3f9c:8a1b -m "billing"', 'make one revision of those of a branch'],
  ],
  async run(args, context) {
    const { message } = args
    const revisionId = args['rev-id']
    const result = await withMigrator(context, (migrator) =>
      migrator.squash(args.RANGE, {
        dryRun: args['dry-run'],
        ...(message === undefined ? {} : { message }),
        ...(revisionId === undefined ? {} : { revisionId }),
      }),
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
          out.note(`Kept as it was written: ${colors.yellow(revision)} ${words}`)
        for (const [dialect, { up }] of Object.entries(sql)) out.note(`${plural(up.length, 'statement')} on ${dialect}`)
        if (created === null) return
        out.note(
          'Leave the files of the old revisions where they are until no database has only a part of them.',
          `Next: ${colors.bold('aludel migrate check')}, and commit the file.`,
        )
      },
    }
  },
})
