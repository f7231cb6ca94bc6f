import { statfsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** The folders of an embedded server. */
export interface Folders {
  /** On disk: copies of programs, which cannot be started from every file system, and the server's log. */
  readonly home: string
  /** The databases: in memory where there is enough, else in `home`. */
  readonly data: string
  /** Every created folder, to delete when the server has ended. */
  readonly made: readonly string[]
}

/** The file system in memory on Linux. */
const linuxMemory = '/dev/shm'

/**
 * Free memory, in bytes, required to keep a server in memory. It takes 40 MB itself, 8 MB for each database, and up to
 * 128 MB of log: this suffices for a hundred databases at a time.
 */
const plentyBytes = 2 ** 30

/**
 * Creates the folders. A new database consists of 300 files, which take ten times as long to create on a disk as in
 * memory, even without fsync.
 *
 * @param inside parent folder of the databases. Default is memory, else the temporary folder.
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

/** Lets a server that runs as another user traverse the folders, without listing them. */
export async function openFolders({ made }: Folders): Promise<void> {
  for (const folder of made) await chmod(folder, 0o711)
}

export async function removeFolders({ made }: Folders): Promise<void> {
  for (const folder of made) {
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }).catch(() => undefined)
  }
}

/**
 * The folder whose files are in memory; undefined when there is too little of it (containers often have 64 MB), or when
 * TMPDIR names another place for temporary files.
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
