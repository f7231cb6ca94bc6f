import { statfsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'

/** Where a throw-away server keeps its things. */
export interface Folders {
  /** On disk: copies of programs, which may not be started from everywhere, and what the server says. */
  readonly home: string
  /** The databases: in memory where there is plenty, else in `home`. */
  readonly data: string
  /** Every folder that was made, to be deleted when the server has ended. */
  readonly made: readonly string[]
}

/** Where Linux keeps files in memory. */
const linuxMemory = '/dev/shm'

/**
 * What has to be free before a server takes memory. It has 40 MB itself, 8 MB for each database, and up to 128 MB of log:
 * this is enough for a hundred databases at a time.
 */
const plentyBytes = 2 ** 30

/**
 * Makes the folders. A new database is 300 files, which a disk takes ten times as long to make as memory does, even where
 * nobody waits for the disk.
 *
 * @param inside where the databases are to go; default: see above
 */
export async function makeFolders(inside?: string): Promise<Folders> {
  const home = await mkdtemp(path.join(tmpdir(), 'aludel-postgres-'))
  if (inside !== undefined) {
    const data = await mkdtemp(path.join(inside, 'aludel-postgres-'))
    return { home, data, made: [home, data] }
  }
  const memory = roomyMemory()
  if (memory === undefined) return { home, data: home, made: [home] }
  try {
    const data = await mkdtemp(path.join(memory, 'aludel-postgres-'))
    return { home, data, made: [home, data] }
  } catch {
    return { home, data: home, made: [home] }
  }
}

/** What is in the folders stays secret; the server, which may run as somebody else, finds its way through them. */
export async function openFolders({ made }: Folders): Promise<void> {
  for (const folder of made) await chmod(folder, 0o711)
}

export async function removeFolders({ made }: Folders): Promise<void> {
  for (const folder of made) {
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }).catch(() => undefined)
  }
}

/**
 * The folder whose files are in memory, where there is plenty of it. Whoever says where temporary files go is heeded, and a
 * container often has no more than 64 MB of such files.
 */
export function roomyMemory(): string | undefined {
  if (process.platform !== 'linux' || process.env['TMPDIR'] !== undefined) return undefined
  try {
    const { bavail, bsize } = statfsSync(linuxMemory)
    return bavail * bsize >= plentyBytes && process.availableMemory() >= plentyBytes ? linuxMemory : undefined
  } catch {
    return undefined
  }
}
