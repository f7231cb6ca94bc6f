import type { KeepRules, RemovedBackup, RestoreLeftover } from '@aludel/engine'

import type { CommandContext } from '../../command-context'
import { confirmation } from '../../confirmation'
import { usageError } from '../../errors'
import { bytes, dateTime, plural, databaseName } from '../../output/format'
import { leftoverRows } from '../../output/leftovers'
import { columns } from '../../output/table'
import { defineCommand } from '../../parser/command'
import type { Report } from '../../parser/command'
import { flag, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'
import { directoryOption, placeOf } from './directory'

export const command = defineCommand({
  positionals: [],
  options: {
    'keep-count': text('N', 'keep the newest ones; default: backup.keep of the configuration'),
    'keep-age': text('AGE', 'keep those that are not older: 12h, 30d, 8w'),
    replaced: flag('drop the databases or files that restores have replaced, and no backup'),
    'dry-run': flag('only show what would be removed'),
    ...directoryOption,
  },
  examples: [
    ['backup prune', 'remove what backup.keep of the configuration does not keep, after a question'],
    ['backup prune --replaced', 'drop what restores have replaced and kept, after a question'],
    ['backup prune --keep-count 5 --keep-age 30d --yes', 'keep five, and all of the last 30 days'],
  ],
  async run(args, context) {
    if (args.replaced) return dropReplaced(args['dry-run'], context)
    const result = await withMigrator(context, (migrator) =>
      migrator.pruneBackups({
        ...placeOf(args, context),
        keep: rulesOf(args['keep-count'], args['keep-age']),
        dryRun: args['dry-run'],
        confirm: confirmation(context, (removed: readonly RemovedBackup[]) => ({
          lines: linesOf(removed),
          text: `Remove ${plural(removed.length, 'backup')}?`,
        })),
      }),
    )
    return {
      json: result,
      human: (out) => {
        const { removed, dryRun } = result
        if (removed.length === 0) {
          out.note('Nothing to remove.')
          return
        }
        if (dryRun) out.lines(...linesOf(removed))
        const freed = bytes(removed.reduce((sum, backup) => sum + backup.bytes, 0))
        out.note(`${dryRun ? 'Would remove' : 'Removed'} ${plural(removed.length, 'backup')}, ${freed}.`)
      },
    }
  },
})

/** Undefined: those of the configuration. */
function rulesOf(count: string | undefined, age: string | undefined): KeepRules | undefined {
  if (count === undefined && age === undefined) return undefined
  if (count !== undefined && !/^[1-9]\d{0,5}$/.test(count))
    throw usageError(`--keep-count cannot be "${count}"`, 'Write a whole number from 1.')
  return { ...(count === undefined ? {} : { count: Number(count) }), ...(age === undefined ? {} : { age }) }
}

function linesOf(removed: readonly RemovedBackup[]): string[] {
  const rows = removed.map(({ id, createdAt, bytes: size }) => [id, dateTime(createdAt), bytes(size)])
  return columns(rows, ['left', 'left', 'right']).map((line) => `  ${line}`)
}

async function dropReplaced(dryRun: boolean, context: CommandContext): Promise<Report> {
  const result = await withMigrator(context, (migrator) =>
    migrator.dropReplaced({
      dryRun,
      confirm: confirmation(context, (replaced: readonly RestoreLeftover[]) => ({
        lines: leftoverRows(replaced, context.cwd),
        text: `Drop ${replaced.length === 1 ? 'it' : `these ${String(replaced.length)}`} for good?`,
      })),
    }),
  )
  return {
    json: result,
    human: (out) => {
      const { dropped } = result
      if (dropped.length === 0) {
        out.note('Restores have left nothing.')
        return
      }
      if (dryRun) out.lines(...leftoverRows(dropped, context.cwd))
      out.note(
        `${dryRun ? 'Would drop' : 'Dropped'} ${dropped.map(({ name }) => databaseName(name, context.cwd)).join(', ')}.`,
      )
    },
  }
}
