import type { MigratorContext } from '../project/context'
import { ageIn, backupAge } from '../project/ages'
import type { KeepRules } from '../project/backup-settings'
import type { Manifest } from './manifest'
import { type BackupStore, type StoredBackup, timeOf } from './store'

type Complete = Extract<StoredBackup, { readonly state: 'complete' }>

/** True if two backups are of the same database, as far as its name and its server show. */
export function isSameDatabase(a: Manifest['database'], b: Manifest['database']): boolean {
  if (a.dialect !== b.dialect || a.name !== b.name) return false
  return a.server === undefined || b.server === undefined || a.server === b.server
}

/**
 * The backups of a database that the rules do not keep, oldest first. The newest of each kind is always kept: a copy of tables does
 * not replace a copy of the database.
 *
 * @param now milliseconds
 */
export function expired(
  backups: readonly StoredBackup[],
  database: Manifest['database'],
  { count, age }: KeepRules,
  now: number,
): readonly Complete[] {
  const own = backups.filter(
    (backup): backup is Complete => backup.state === 'complete' && isSameDatabase(backup.manifest.database, database),
  )
  const youngest = age === undefined ? undefined : now - (ageIn(age, backupAge) ?? Infinity)
  if (count === undefined && youngest === undefined) return []
  return (['database', 'tables'] as const)
    .flatMap((kind) =>
      own
        .filter(({ manifest }) => manifest.kind === kind)
        .sort((a, b) => timeOf(b) - timeOf(a))
        .filter(
          (backup, index) =>
            index >= Math.max(1, count ?? 1) && !(youngest !== undefined && timeOf(backup) >= youngest),
        ),
    )
    .sort((a, b) => timeOf(a) - timeOf(b))
}

/** After a new backup, removes those that the rules do not keep. A failure is a warning: the new backup is there. */
export async function removeOld(
  store: BackupStore,
  made: Manifest,
  rules: KeepRules | undefined,
  { reporter }: Pick<MigratorContext, 'reporter'>,
): Promise<void> {
  if (rules === undefined) return
  try {
    for (const backup of expired(await store.list(), made.database, rules, Date.parse(made.createdAt))) {
      if (backup.id === made.id) continue
      await store.remove(backup)
      reporter.note(`removed backup ${backup.id}, which backup.keep does not keep`)
    }
  } catch (error) {
    reporter.warn(`old backups were not removed: ${error instanceof Error ? error.message : String(error)}`)
  }
}
