import path from 'node:path'

import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import { sweepTemporary } from '../dialect/temporary-files'
import type { MigratorContext } from '../project/context'
import type { PlannedBackup, RunResult } from '../results'
import type { Direction } from '../revision/revision'
import type { Effects } from '../sql/effects'

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

/** What a backup is made before: the plan of a run, or any other change. */
interface Before {
  readonly direction: Direction
  readonly steps: readonly { readonly effects: Pick<Effects, 'destroys' | 'rewrites'> }[]
}

/** The options that decide whether a backup is made, and of what. */
export interface WhenToBackUp extends Pick<BackupOptions, 'backup'> {
  readonly restoreOnFailure?: boolean
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
  plan: Before,
  options: BackupOptions & WhenToBackUp,
): Promise<RunResult['backup']> {
  const { directory = 'backups' } = context.options.backups ?? {}
  const place = path.resolve(context.root, options.backupDirectory ?? directory)
  // Also where no backup is needed: a backup that was not finished may be large.
  await sweepTemporary(place)
  const { isWhole, isRequired, isNeeded } = demandOf(context, plan, options)
  if (!isNeeded) return null
  return backups().backUpBefore(context, dialect, runner, {
    ...{ directory: place, isRequired, isWhole },
    reason: plan.direction === 'upgrade' ? 'before-upgrade' : 'before-downgrade',
    ...tablesOf(plan),
  })
}

/** What {@link backUp} would make; null if nothing. */
export async function plannedBackup(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  plan: Before,
  options: WhenToBackUp,
): Promise<PlannedBackup | null> {
  const { isWhole, isNeeded } = demandOf(context, plan, options)
  if (!isNeeded) return null
  return backups().plannedBackup(context, dialect, runner, { isWhole, ...tablesOf(plan) })
}

function demandOf({ options: { backups: settings } }: MigratorContext, { steps }: Before, options: WhenToBackUp) {
  const isWhole = options.restoreOnFailure === true
  const when = isWhole ? 'always' : (options.backup ?? settings?.when ?? 'auto')
  const isRequired = when === 'always'
  const isNeeded = isRequired || (when === 'auto' && steps.some(({ effects }) => effects.destroys.length > 0))
  return { isWhole, isRequired, isNeeded: isNeeded && steps.length > 0 }
}

function tablesOf({ steps }: Before) {
  return {
    losses: steps.flatMap(({ effects }) => effects.destroys),
    rewrites: steps.flatMap(({ effects }) => effects.rewrites),
  }
}
