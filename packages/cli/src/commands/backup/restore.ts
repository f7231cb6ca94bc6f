import path from 'node:path'

import type { RestorePlan, RestoreResult } from '@aludel/engine'

import type { CommandContext } from '../../command-context'
import { confirmation } from '../../confirmation'
import { usageError } from '../../errors'
import { databaseName, duration, revisionIds } from '../../output/format'
import type { Output } from '../../output/output'
import { restoreLines } from '../../output/restore'
import { defineCommand } from '../../parser/command'
import { flag, text } from '../../parser/options'
import { withMigrator } from '../../project/migrator'
import { lockOptions, lockSettings } from '../migrate/lock-options'
import { directoryOption, placeOf } from './directory'

export const command = defineCommand({
  positionals: [{ name: 'BACKUP', describe: 'its id, the beginning of it, or latest' }],
  options: {
    file: text('FILE', 'restore this dump or database file, which needs no manifest'),
    disconnect: flag('end the sessions of others; SQLite: cut off whoever has the file open'),
    'drop-old': flag('keep no copy of the database that is replaced'),
    'no-owner': flag('restore without owners and rights: all belongs to the user of the connection'),
    'maintenance-database': text(
      'NAME',
      'the database to connect to meanwhile; default: postgres, template1, or any other',
    ),
    ...lockOptions,
    ...directoryOption,
  },
  examples: [
    ['backup restore latest', 'the newest backup of this database; shows what is lost, and asks'],
    ['backup restore 20261130T04 --disconnect --yes', 'another one, although others are connected'],
    ['backup restore --file app.dump', 'a dump that was not made by aludel'],
  ],
  async run(args, context) {
    if (args.BACKUP !== undefined && args.file !== undefined)
      throw usageError('a backup and --file cannot be combined', 'Give one of them.')
    const result = await withMigrator(
      context,
      (migrator) =>
        migrator.restoreBackup(args.BACKUP, {
          ...placeOf(args, context),
          ...(args.file === undefined ? {} : { file: path.resolve(context.cwd, args.file) }),
          disconnect: args.disconnect,
          dropOld: args['drop-old'],
          owners: !args['no-owner'],
          maintenanceDatabase: args['maintenance-database'],
          confirm: confirmation(context, (plan: RestorePlan) => ({
            lines: restoreLines(plan, context.output.errorColors, context.cwd),
            text: `Replace ${plan.backup.kind === 'tables' ? 'the rows of these tables in ' : ''}${databaseName(plan.database.name, context.cwd)}?`,
          })),
        }),
      lockSettings(args),
    )
    return { json: result, human: (out) => print(result, out, context) }
  },
})

function print(
  { restored, revision, kind, database, kept }: RestoreResult,
  out: Output,
  context: CommandContext,
): void {
  const { green, yellow, bold } = out.colors
  const what = kind === 'tables' ? 'the rows of its tables in' : 'the database'
  out.note(
    `${green('✓')} Restored ${yellow(databaseName(restored, context.cwd))} in ${duration(context.elapsed())}: ` +
      `${what} ${databaseName(database.name, context.cwd)} is at ${yellow(revisionIds(revision))}.`,
  )
  if (kept === null) return
  out.note(`  What it was before is kept: ${databaseName(kept, context.cwd)}`)
  if (kind === 'database') out.note(`  Drop it when it is no longer needed: ${bold('aludel backup prune --replaced')}`)
}
