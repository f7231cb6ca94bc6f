import path from 'node:path'

import { freeBytes } from '../dialect/free-space'
import { AludelError } from '../errors'
import type { MigratorContext } from '../project/context'
import { BackupStore } from './store'

/** The directory of the backups: that of the call, of the configuration, else `backups/` under the project. */
export function storeOf(context: MigratorContext, directory: string | undefined): BackupStore {
  const chosen = directory ?? context.options.backups?.directory ?? 'backups'
  return new BackupStore(path.resolve(context.root, chosen))
}

/**
 * Requires free space for a backup, before anything is written.
 *
 * @param needed bytes that it will probably have
 * @throws AludelError `ALUDEL_BACKUP`
 */
export async function requireSpace({ directory }: BackupStore, needed: number): Promise<void> {
  const free = await freeBytes(directory)
  if (free === undefined || free >= needed) return
  throw new AludelError(
    'ALUDEL_BACKUP',
    `${directory} has too little space for a backup: ${megabytes(free)} are free, and about ${megabytes(needed)} are needed`,
    {
      help:
        'Nothing was changed. Make room (`aludel backup prune`), name another folder with backup.directory in the configuration, ' +
        'or continue without a backup: --backup never',
      details: { directory, free, needed },
    },
  )
}

function megabytes(bytes: number): string {
  return bytes < 1_000_000 ? `${String(Math.ceil(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
