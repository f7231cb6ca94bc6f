import type { MigratorContext } from '../project/context'
import type { BackupsResult, ListedBackup } from '../results'
import type { BackupPlace } from './create'
import { infoOf } from './info'
import { storeOf } from './place'
import type { StoredBackup } from './store'

/**
 * Lists the backups in the directory, newest first: of all databases, with those that are unfinished, and those of versions without
 * manifests. Needs no database.
 *
 * @throws AludelError `ALUDEL_BACKUP` when the directory cannot be read
 */
export async function listBackups(context: MigratorContext, { directory }: BackupPlace = {}): Promise<BackupsResult> {
  const store = storeOf(context, directory)
  return { directory: store.directory, backups: (await store.list()).map(listed) }
}

function listed(backup: StoredBackup): ListedBackup {
  if (backup.state === 'complete') return { state: 'complete', ...infoOf(backup.manifest, backup.path) }
  const { state, id, path, bytes, createdAt, problem } = backup
  return { state, id, path, bytes, createdAt: createdAt.toISOString(), revision: [], problem }
}
