import path from 'node:path'

import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import { sweepTemporary } from '../dialect/temporary-files'
import type { MigratorContext } from '../project/context'
import type { RunResult } from '../results'
import type { RunPlan } from './plan'

/** Loaded only if there is a backup to make. */
// eslint-disable-next-line @typescript-eslint/no-require-imports -- as in lazy.ts
const backups = () => require('../backup/before-run') as typeof import('../backup/before-run')

/** Whether a run makes a backup first, and where. */
export interface BackupOptions {
  /**
   * `auto` (default): back up before a plan that destroys data, or may do so; if no backup is possible here, only warn.
   * `always`: then do not run. `never`. A backup that fails, or cannot be read back, stops the run.
   *
   * Without `pg_dump`, only the tables are copied that the plan destroys or rewrites. That is not possible if it is not known which
   * ones they are.
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
  options: BackupOptions & { readonly restoreOnFailure?: boolean },
): Promise<RunResult['backup']> {
  const { directory = 'backups', when = 'auto' } = context.options.backups ?? {}
  const place = path.resolve(context.root, options.backupDirectory ?? directory)
  // Also where no backup is needed: a backup that was not finished may be large.
  await sweepTemporary(place)
  const isWhole = options.restoreOnFailure === true
  const backup = isWhole ? 'always' : (options.backup ?? when)
  if (!needsBackup(plan, backup)) return null
  return backups().backUpBefore(context, dialect, runner, {
    directory: place,
    isRequired: backup === 'always',
    isWhole,
    reason: plan.direction === 'upgrade' ? 'before-upgrade' : 'before-downgrade',
    losses: plan.steps.flatMap(({ effects }) => effects.destroys),
    rewrites: plan.steps.flatMap(({ effects }) => effects.rewrites),
  })
}

function needsBackup({ steps }: RunPlan, backup: 'auto' | 'always' | 'never'): boolean {
  return backup === 'auto' ? steps.some(({ effects }) => effects.destroys.length > 0) : backup === 'always'
}
