import type { MigratorContext } from '../project/context'
import { AludelError } from '../errors'
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
  await refuseMissing(context)
  return context.connection.withReader(async (runner, dialect) => {
    const store = storeOf(context, directory)
    await store.sweep()
    const tools = await dialect.backup.findTools(runner, context.options.backups?.tools)
    const { manifest, path } = await makeBackup(context, dialect, runner, { store, reason: 'requested', tools })
    return infoOf(manifest, path)
  })
}

/** Connecting would create the file of a database that does not exist. */
async function refuseMissing({ connection }: MigratorContext): Promise<void> {
  const [dataSource, dialect] = [await connection.dataSource(), await connection.dialect()]
  if (dataSource.isInitialized || (await dialect.connection.isReachable(dataSource.options))) return
  const { database } = dataSource.options
  const name = typeof database === 'string' ? database : ''
  throw new AludelError('ALUDEL_DATABASE_MISSING', `there is no database ${JSON.stringify(name)} to back up`, {
    help: 'Check the path, or DATABASE_URL. A database in memory exists only in its own process.',
    details: { database: name },
  })
}
