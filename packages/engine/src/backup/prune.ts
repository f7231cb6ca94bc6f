import { AludelError } from '../errors'
import type { MigratorContext } from '../project/context'
import { ageIn, backupAge } from '../project/ages'
import type { KeepRules } from '../project/backup-settings'
import type { BackupPruneResult, RemovedBackup } from '../results'
import { plural } from '../text'
import type { BackupPlace } from './create'
import { expired } from './keep'
import { storeOf } from './place'
import type { StoredBackup } from './store'

/** Options of `Migrator.pruneBackups`. */
export interface PruneBackupsOptions extends BackupPlace {
  /** Default: `backup.keep` of the configuration. */
  readonly keep?: KeepRules
  /** Only report what would be removed. */
  readonly dryRun?: boolean
  /** Receives what would be removed; false stops. Absent: it is removed without confirmation. */
  readonly confirm?: (removed: readonly RemovedBackup[]) => Promise<boolean>
}

/** Milliseconds after which a copy without a manifest was left by a process that was killed. */
const abandonedMs = 3_600_000

/**
 * Removes the backups of this database that the rules do not keep, and what killed processes have left. Never the newest backup, and
 * no backup of another database.
 *
 * @throws AludelError `ALUDEL_USAGE` without rules; `ALUDEL_CONFIRMATION` when `confirm` returns false; `ALUDEL_BACKUP` when a
 *   file cannot be removed
 */
export async function pruneBackups(
  context: MigratorContext,
  { directory, keep = context.options.backups?.keep, dryRun = false, confirm }: PruneBackupsOptions = {},
): Promise<BackupPruneResult> {
  const rules = checkedRules(keep)
  const store = storeOf(context, directory)
  const now = context.now().getTime()
  const all = await store.list()
  const found = await context.connection.withReader(async (runner, dialect) => {
    const { settings: _, ...database } = await dialect.backup.describe(runner)
    const endings = [dialect.backup.extension, '.tables']
    const left = all.filter(
      (backup) =>
        backup.state === 'unfinished' &&
        endings.some((ending) => backup.path.endsWith(ending)) &&
        now - backup.createdAt.getTime() > abandonedMs,
    )
    return [...left, ...expired(all, { dialect: dialect.name, ...database }, rules, now)]
  })
  const removed = found.map(asRemoved)
  if (removed.length > 0 && !dryRun) {
    if (confirm !== undefined && !(await confirm(removed))) throw notConfirmed(removed)
    for (const backup of found) await store.remove(backup)
  }
  if (!dryRun) await store.sweep()
  return { directory: store.directory, removed, remaining: all.length - (dryRun ? 0 : removed.length), dryRun }
}

function checkedRules(keep: KeepRules | undefined): KeepRules {
  if (keep === undefined || (keep.count === undefined && keep.age === undefined)) {
    throw new AludelError('ALUDEL_USAGE', 'nothing says which backups to keep', {
      help: 'Give --keep-count 5 or --keep-age 30d, or set backup.keep in the configuration.',
    })
  }
  if (keep.count !== undefined && (!Number.isInteger(keep.count) || keep.count < 1))
    throw new AludelError('ALUDEL_USAGE', `${String(keep.count)} is not a number of backups to keep`, {
      help: 'Write a whole number from 1.',
    })
  if (keep.age !== undefined && ageIn(keep.age, backupAge) === undefined)
    throw new AludelError('ALUDEL_USAGE', `"${keep.age}" is not an age`, { help: 'Write for example 12h, 30d or 8w.' })
  return keep
}

function asRemoved(backup: StoredBackup): RemovedBackup {
  if (backup.state === 'complete') {
    const { id, bytes, createdAt } = backup.manifest
    return { id, path: backup.path, bytes, createdAt }
  }
  return { id: backup.id, path: backup.path, bytes: backup.bytes, createdAt: backup.createdAt.toISOString() }
}

function notConfirmed(removed: readonly RemovedBackup[]): AludelError {
  return new AludelError(
    'ALUDEL_CONFIRMATION',
    `the removal of ${plural(removed.length, 'backup')} was not confirmed`,
    {
      help: [...removed.map(({ id }) => `would remove ${id}`), 'Nothing was removed. Confirm with --yes.'].join('\n'),
      details: { backups: removed.map(({ id }) => id) },
    },
  )
}
