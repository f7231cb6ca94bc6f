import path from 'node:path'

import type { QueryRunner } from 'typeorm'

import type { Context } from '../project/context'
import type { Dialect } from '../dialect/dialect'
import { AludelError, isAludelError, messageOf } from '../errors'
import type { State } from '../history/state'
import type { Plan } from '../revision/revision'
import { effectsOf } from './effects'
import { liveColumns, recordPlan } from './plan'

/** Whether a run makes a backup first, and where. */
export interface BackupOptions {
  /**
   * `auto` (default): back up before a plan that destroys something, unless the tools for it are not there (`pg_dump`), which
   * is a warning; `always`: no tools, no run; `never`. A backup that fails, or can not be read back, stops the run.
   */
  readonly backup?: 'auto' | 'always' | 'never'
  /** Where backups go; default `backups/` under the project. */
  readonly backupDirectory?: string
}

interface BackupBefore extends BackupOptions {
  readonly plan: Plan
  /** What is applied, as far as it is known. */
  readonly state: State | undefined
}

/**
 * Makes the backup that a plan asks for, and reads it back, before its first statement.
 *
 * @returns where it is; null when none was made
 * @throws AludelError `ALUDEL_BACKUP`, `ALUDEL_BACKUP_TOOLS`, `ALUDEL_INTERRUPTED`; nothing was changed then
 */
export async function backUpBefore(
  context: Context,
  dialect: Dialect,
  runner: QueryRunner,
  options: BackupBefore,
): Promise<{ readonly path: string } | null> {
  if (!(await needsBackup(context, dialect, runner, options))) return null
  return makeBackup(context, dialect, runner, options)
}

async function needsBackup(
  context: Context,
  dialect: Dialect,
  runner: QueryRunner,
  { plan, state, backup }: BackupBefore,
): Promise<boolean> {
  if (backup === 'never') return false
  if (backup === 'always') return true
  // An empty database has nothing to lose, and the first start of an application should not read its files twice.
  if (state === undefined || state.applied.size === 0) return false
  const recorded = await recordPlan(context, dialect, plan)
  if (recorded.some(({ statements, unreadable }) => unreadable || effectsOf(statements).destroys.length > 0))
    return true
  if (dialect.watchRebuilds === undefined) return false
  // A table that is made anew loses the columns that are not copied: only the database knows which it has.
  const columnsOf = await liveColumns(context, dialect, runner)
  return recorded.some(({ statements }) => effectsOf(statements, columnsOf).destroys.length > 0)
}

async function makeBackup(
  context: Context,
  dialect: Dialect,
  runner: QueryRunner,
  options: BackupOptions,
): Promise<{ readonly path: string } | null> {
  const directory = options.backupDirectory ?? path.join(context.root, 'backups')
  const name = `before-${context.now().toISOString().replace(/[:.]/g, '-')}`
  context.progress('backing up')
  try {
    const { path: file } = await dialect.backup(runner, directory, name, context.signal)
    return { path: file }
  } catch (error) {
    if (context.signal?.aborted === true) {
      throw new AludelError('ALUDEL_INTERRUPTED', 'interrupted while the backup was made', {
        help: 'Nothing was changed.',
        cause: error,
      })
    }
    // Without the tools there never is a backup, and whoever runs such a server has others. One that fails is a surprise.
    if (options.backup === 'always' || !(isAludelError(error) && error.code === 'ALUDEL_BACKUP_TOOLS')) throw error
    context.warn(`no backup was made: ${messageOf(error)}`)
    return null
  }
}
