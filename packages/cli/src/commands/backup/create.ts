import { bytes, duration, grouped, plural, revisionIds, shortPath } from '../../output/format'
import { defineCommand } from '../../parser/command'
import { withMigrator } from '../../project/migrator'
import { directoryOption, placeOf } from './directory'

export const command = defineCommand({
  positionals: [],
  options: directoryOption,
  examples: [
    ['backup create', 'copy the database, verify the copy, and write its manifest'],
    ['backup create --directory /mnt/backups', 'to another folder'],
  ],
  async run(args, context) {
    const result = await withMigrator(context, (migrator) => migrator.createBackup(placeOf(args, context)))
    return {
      json: result,
      human: (out) => {
        const { green, yellow, dim } = out.colors
        const rows = result.tables.reduce((sum, table) => sum + table.rows, 0)
        out.note(
          `${green('✓')} Backed up and verified in ${duration(context.elapsed())}: ${bytes(result.bytes)}, ` +
            `${plural(result.tables.length, 'table')} with ${grouped(rows)} rows, at ${yellow(revisionIds(result.revision))}.`,
        )
        out.lines(`${yellow(result.id)}  ${dim(shortPath(result.path, context.cwd))}`)
      },
    }
  },
})
