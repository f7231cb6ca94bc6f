import { createHash } from 'node:crypto'
import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { type FileHandle, open, readdir, readFile, readlink, stat } from 'node:fs/promises'
import path from 'node:path'

import type { DataSourceOptions } from 'typeorm'

import { AludelError, messageOf } from '../../errors'
import { freeBytes, inMegabytes } from '../free-space'
import type { ConnectedSession } from '../roles/restore'

/** Bytes that are read and written at once. */
const blockSize = 4 * 1024 * 1024

/** Files that SQLite keeps beside a database. */
export const sideFiles = ['-wal', '-shm', '-journal'] as const

/**
 * The path of the file that a DataSource opens: links are resolved, because a file is to be replaced and not a link to it. The
 * file may be missing.
 *
 * @throws AludelError `ALUDEL_RESTORE` for a database in memory
 */
export function placeOf({ database }: DataSourceOptions): string {
  if (typeof database !== 'string' || database === '' || database === ':memory:' || database.startsWith('file:')) {
    throw new AludelError('ALUDEL_RESTORE', 'a database in memory cannot be replaced by a backup', {
      help: 'Nothing was changed. Name the file to restore to: --database-url sqlite:///app.db',
    })
  }
  return resolveLinks(path.resolve(database))
}

/** See `RestoreRole.nameOf`. */
export function nameOf(options: DataSourceOptions): string | undefined {
  try {
    return placeOf(options)
  } catch {
    return undefined
  }
}

/** A limit like that of the operating system, for links that lead to each other. */
const maxLinks = 40

function resolveLinks(file: string, links = 0): string {
  try {
    return realpathSync(file)
  } catch {
    // The file is missing; its folder, or a link to the file, may be there.
  }
  const folder = path.dirname(file)
  const place = path.join(folder === file ? folder : resolveLinks(folder, links), path.basename(file))
  const isLink = lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === true
  if (!isLink || links >= maxLinks) return place
  return resolveLinks(path.resolve(path.dirname(place), readlinkSync(place)), links + 1)
}

/** Null if there is no file. */
export function fileStatus(file: string): { readonly mode: number; readonly uid: number; readonly gid: number } | null {
  return statSync(file, { throwIfNoEntry: false }) ?? null
}

interface CopyFileOptions {
  /** Total bytes, for progress. */
  readonly bytes: number
  readonly signal?: AbortSignal
  readonly onProgress?: (bytes: number) => void
}

/**
 * Copies all bytes and waits until they are on the disk. Neither file is closed: closing one releases the locks that this process
 * has on it by other handles. See https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
 *
 * @returns the SHA-256 of the bytes
 */
export async function copyBytes(from: FileHandle, to: FileHandle, options: CopyFileOptions): Promise<string> {
  const hash = createHash('sha256')
  const block = Buffer.allocUnsafe(Math.max(1, Math.min(blockSize, options.bytes)))
  for (let at = 0; ;) {
    options.signal?.throwIfAborted()
    const { bytesRead } = await from.read(block, 0, block.length, at)
    if (bytesRead === 0) break
    const part = block.subarray(0, bytesRead)
    hash.update(part)
    await writeAll(to, part, at)
    at += bytesRead
    options.onProgress?.(at)
  }
  await to.sync()
  return hash.digest('hex')
}

/** Whether two files have the same bytes. */
export async function sameBytes(one: FileHandle, other: FileHandle, signal?: AbortSignal): Promise<boolean> {
  const [first, second] = [Buffer.allocUnsafe(blockSize), Buffer.allocUnsafe(blockSize)]
  for (let at = 0; ;) {
    signal?.throwIfAborted()
    const [read, readToo] = [await readBlock(one, first, at), await readBlock(other, second, at)]
    if (!first.subarray(0, read).equals(second.subarray(0, readToo))) return false
    if (read === 0) return true
    at += read
  }
}

/** Fills the block, unless the file ends. */
async function readBlock(file: FileHandle, block: Buffer, at: number): Promise<number> {
  let filled = 0
  while (filled < block.length) {
    const { bytesRead } = await file.read(block, filled, block.length - filled, at + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

async function writeAll(to: FileHandle, part: Buffer, at: number): Promise<void> {
  for (let done = 0; done < part.length;)
    done += (await to.write(part, done, part.length - done, at + done)).bytesWritten
}

/** Makes renamed files of a folder durable. Not every system can, and then a rename is as durable as it gets. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch {
    // Windows cannot open a folder.
  }
}

/**
 * Refuses to fill a disk.
 *
 * @param needed bytes
 * @throws AludelError `ALUDEL_DISK_SPACE`
 */
export async function requireSpace(folder: string, needed: number, help: string): Promise<void> {
  const free = await freeBytes(folder)
  if (free === undefined || free >= needed) return
  throw new AludelError(
    'ALUDEL_DISK_SPACE',
    `the disk of ${JSON.stringify(folder)} has ${inMegabytes(free)} free, and restoring needs ${inMegabytes(needed)}`,
    { help: `Nothing was changed. ${help}`, details: { folder, free, needed } },
  )
}

/**
 * The processes that have a file open, also this one. Only Linux shows them, and to anybody but root only those of the same user.
 */
export async function processesWith(file: string): Promise<readonly ConnectedSession[]> {
  const wanted = statSync(file, { throwIfNoEntry: false })
  if (wanted === undefined) return []
  const found: ConnectedSession[] = []
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name) || !(await hasOpen(name, wanted))) continue
    found.push({
      pid: Number(name),
      user: null,
      application: Number(name) === process.pid ? 'this process itself' : await programOf(name),
      client: null,
      canBeEnded: true,
    })
  }
  return found
}

async function hasOpen(pid: string, wanted: { readonly dev: number; readonly ino: number }): Promise<boolean> {
  const folder = `/proc/${pid}/fd`
  for (const descriptor of await readdir(folder).catch(() => [])) {
    const link = path.join(folder, descriptor)
    // Most are sockets and pipes. A path may differ in another container; the file behind it does not.
    const target = await readlink(link).catch(() => '')
    if (!target.startsWith('/')) continue
    const { dev, ino } = await stat(link).catch(() => ({ dev: -1, ino: -1 }))
    if (dev === wanted.dev && ino === wanted.ino) return true
  }
  return false
}

/** The name of the program. Its arguments may contain a password. */
async function programOf(pid: string): Promise<string | null> {
  // Of a thread that gives itself a name, as that of Node 24 does, `comm` is that name.
  const file = await readlink(`/proc/${pid}/exe`).catch(() => '')
  if (file !== '') return path.basename(file.replace(/ \(deleted\)$/, ''))
  const text = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
  return text.trim() === '' ? null : text.trim()
}

/** The error of a backup that only another database can have. */
export function noTables(): AludelError {
  return new AludelError('ALUDEL_RESTORE', 'a copy of tables is not a backup of a SQLite database', {
    help: 'Nothing was changed. Choose another backup: aludel backup list',
  })
}

/** The error of a file that cannot be read or written. */
export function fileError(error: unknown, what: string): AludelError {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  return new AludelError('ALUDEL_RESTORE', `${what}: ${reasons[code] ?? messageOf(error)}`, {
    help: 'Nothing was changed.',
    cause: error,
  })
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'its disk is read-only',
  ENOSPC: 'its disk is full',
  EDQUOT: 'the disk quota is used up',
  EBUSY: 'it is in use, or a mount point of its own (mount its folder instead)',
}
