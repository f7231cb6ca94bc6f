import type { RestoreLeftover } from '../dialect/roles/restore'
import type { MigratorContext } from '../project/context'
import type { BackupResult, BackupsResult, ListedBackup } from '../results'
import type { BackupPlace } from './create'
import { infoOf } from './info'
import { isSameDatabase } from './keep'
import { storeOf } from './place'
import type { StoredBackup } from './store'

/**
 * Lists the backups in the directory, newest first: of all databases, with those that are unfinished, and those of versions without
 * manifests. Needs no database; if it can be reached, what restores have left beside it is listed, too.
 *
 * @throws AludelError `ALUDEL_BACKUP` when the directory cannot be read
 */
export async function listBackups(context: MigratorContext, { directory }: BackupPlace = {}): Promise<BackupsResult> {
  const store = storeOf(context, directory)
  const backups = (await store.list()).map(listed)
  const leftovers = await leftoversOf(context)
  return { directory: store.directory, backups, leftovers: leftovers.length === 0 ? undefined : leftovers }
}

/**
 * The newest complete backup of this database, if there is one.
 *
 * @throws AludelError `ALUDEL_BACKUP` when the directory cannot be read; those of connecting, if there is any backup
 */
export async function lastBackup(
  context: MigratorContext,
  { directory }: BackupPlace = {},
): Promise<BackupResult | null> {
  const complete = (await storeOf(context, directory).list()).filter((backup) => backup.state === 'complete')
  if (complete.length === 0) return null
  const database = await context.connection.withReader(async (runner, dialect) => {
    const { settings: _, ...described } = await dialect.backup.describe(runner)
    return { dialect: dialect.name, ...described }
  })
  const last = complete.find(({ manifest }) => isSameDatabase(manifest.database, database))
  return last === undefined ? null : infoOf(last.manifest, last.path)
}

/** What restores of the database have left; empty also if it cannot be reached. */
async function leftoversOf({ connection }: MigratorContext): Promise<readonly RestoreLeftover[]> {
  try {
    const { options } = await connection.dataSource()
    if (!(await (await connection.dialect()).connection.isReachable(options))) return []
    return await connection.withReader((runner, dialect) => dialect.restore.leftovers(runner))
  } catch {
    return []
  }
}

function listed(backup: StoredBackup): ListedBackup {
  if (backup.state === 'complete') return { state: 'complete', ...infoOf(backup.manifest, backup.path) }
  const { state, id, path, bytes, createdAt, problem } = backup
  return { state, id, path, bytes, createdAt: createdAt.toISOString(), revision: [], problem }
}
