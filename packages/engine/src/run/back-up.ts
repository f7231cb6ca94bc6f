import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

import type { QueryRunner } from 'typeorm'

import type { MigratorContext } from '../project/context'
import type { Dialect } from '../dialect/dialect'
import { sweepTemporary } from '../dialect/temporary-files'
import { AludelError, isAludelError, messageOf } from '../errors'
import type { RunPlan } from './plan'

/** Whether a run makes a backup first, and where. */
export interface BackupOptions {
  /**
   * `auto` (default): back up before a plan that destroys data, or may do so; if the tools (`pg_dump`) are missing, only
   * warn. `always`: without the tools, do not run. `never`. A backup that fails, or cannot be read back, stops the run.
   */
  readonly backup?: 'auto' | 'always' | 'never'
  /**
   * The directory of the backups. Default is `backups/` under the project. A directory that is created for them gets a
   * `.gitignore`: backups contain rows.
   */
  readonly backupDirectory?: string
}

/**
 * Makes the backup that a plan needs, and reads it back.
 *
 * @returns where it is; null when none was made
 * @throws AludelError `ALUDEL_BACKUP`, `ALUDEL_BACKUP_TOOLS`, `ALUDEL_INTERRUPTED`; nothing was changed then
 */
export async function backUp(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  plan: RunPlan,
  options: BackupOptions,
): Promise<{ readonly path: string } | null> {
  // Also where no backup is needed: a backup that was not finished may be large.
  await sweepTemporary(directoryOf(context, options))
  return needsBackup(plan, options) ? makeBackup(context, dialect, runner, options) : null
}

function directoryOf(context: MigratorContext, { backupDirectory }: BackupOptions): string {
  return backupDirectory ?? path.join(context.root, 'backups')
}

function needsBackup({ steps }: RunPlan, { backup = 'auto' }: BackupOptions): boolean {
  return backup === 'auto' ? steps.some(({ effects }) => effects.destroys.length > 0) : backup === 'always'
}

async function makeBackup(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  options: BackupOptions,
): Promise<{ readonly path: string } | null> {
  const directory = directoryOf(context, options)
  const name = `before-${context.now().toISOString().replace(/[:.]/g, '-')}`
  const file = path.resolve(directory, name + dialect.backup.extension)
  context.reporter.progress('backing up')
  try {
    const tools = await dialect.backup.findTools(runner)
    await makeDirectory(directory)
    await dialect.backup.create(runner, { file, tools, signal: context.signal })
    return { path: file }
  } catch (error) {
    if (context.signal?.aborted === true) {
      throw new AludelError('ALUDEL_INTERRUPTED', 'interrupted while the backup was made', {
        help: 'Nothing was changed.',
        cause: error,
      })
    }
    // Missing tools are a permanent state: backups are then made in another way. A backup that fails is a surprise.
    if (options.backup === 'always' || !isAludelError(error, 'ALUDEL_BACKUP_TOOLS')) throw error
    context.reporter.warn(`no backup was made: ${messageOf(error)}`)
    return null
  }
}

/**
 * Creates the directory of the backups, with a `.gitignore` inside that excludes all of it from Git. In a directory that
 * exists, that is the choice of whoever made it.
 */
async function makeDirectory(directory: string): Promise<void> {
  try {
    if ((await mkdir(directory, { recursive: true })) === undefined) return
    await writeFile(path.join(directory, '.gitignore'), '# Backups contain the rows of the database.\n*\n')
  } catch {
    // Writing the backup fails for the same reason, and reports it.
  }
}
