import type { MigratorContext } from '../project/context'
import type { BackupResult } from '../results'
import { infoOf } from './info'
import { makeBackup } from './make'
import { storeOf } from './place'

/** Where backups are. */
export interface BackupPlace {
  /** Relative to the project. Default: that of the configuration, else `backups/`. */
  readonly directory?: string
}

/**
 * Makes a backup of the whole database, and verifies it.
 *
 * @throws AludelError `ALUDEL_BACKUP`, `ALUDEL_BACKUP_TOOLS` when there is no `pg_dump` for the server, `ALUDEL_DATABASE_MISSING`,
 *   `ALUDEL_INTERRUPTED`; no file is left then
 */
export async function createBackup(context: MigratorContext, { directory }: BackupPlace = {}): Promise<BackupResult> {
  const [dataSource, dialect] = [await context.connection.dataSource(), await context.connection.dialect()]
  if (!dataSource.isInitialized) await dialect.backup.requireDatabase(dataSource.options)
  return context.connection.withReader(async (runner) => {
    const store = storeOf(context, directory)
    await store.sweep()
    const tools = await dialect.backup.findTools(runner, context.options.backups?.tools)
    const { manifest, path } = await makeBackup(context, dialect, runner, { store, reason: 'requested', tools })
    return infoOf(manifest, path)
  })
}
