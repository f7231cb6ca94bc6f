import type { ListedBackup } from '@aludel/engine'

import { bytes, dateTime, grouped, revisionIds, shortPath } from '../../output/format'
import { leftoverLines } from '../../output/leftovers'
import type { Colors } from '../../output/output'
import { columns } from '../../output/table'
import { defineCommand } from '../../parser/command'
import { withMigrator } from '../../project/migrator'
import { directoryOption, placeOf } from './directory'

export const command = defineCommand({
  positionals: [],
  options: directoryOption,
  examples: [['backup list', 'the backups of all databases in the folder, newest first']],
  async run(args, context) {
    const result = await withMigrator(context, (migrator) => migrator.listBackups(placeOf(args, context)))
    return {
      json: result,
      human: (out) => {
        const { colors } = out
        const { leftovers = [] } = result
        if (leftovers.length > 0) out.note(...leftoverLines(leftovers, context.cwd), '')
        if (result.backups.length === 0) {
          out.note(`No backups in ${shortPath(result.directory, context.cwd)}.`)
          return
        }
        const header = ['backup', 'made (UTC)', 'size', 'rows', 'revision', 'database', ''].map(colors.dim)
        out.lines(
          ...columns(
            [header, ...result.backups.map((backup) => rowOf(backup, colors))],
            ['left', 'left', 'right', 'right'],
          ),
        )
      },
    }
  },
})

function rowOf(backup: ListedBackup, colors: Colors): string[] {
  const start = [colors.yellow(backup.id), dateTime(backup.createdAt), bytes(backup.bytes)]
  if (backup.state !== 'complete')
    return [...start, '', '', '', colors.red(states[backup.state]) + (backup.problem ? `: ${backup.problem}` : '')]
  const rows = backup.tables.reduce((sum, table) => sum + table.rows, 0)
  const what = backup.kind === 'tables' ? `only ${backup.tables.map(({ name }) => name).join(', ')}` : ''
  const why = backup.reason === 'requested' ? '' : backup.reason.replace('-', ' ')
  return [
    ...start,
    grouped(rows),
    revisionIds(backup.revision),
    backup.database.name,
    [what, why].filter((text) => text !== '').join(', '),
  ]
}

const states = {
  unfinished: 'unfinished',
  old: 'without a manifest, of an earlier version',
  unreadable: 'unreadable',
} as const
