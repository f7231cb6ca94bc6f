import { createHash, randomBytes } from 'node:crypto'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'

import { isRunning } from './processes'

/*
 * Commands write files under another name first, so that a file of the final name is complete. A command that is killed
 * leaves them behind; the next one that looks into the folder removes them. The names contain the process, so that a file
 * that is being written is left alone.
 */

/** `tmp`: a file before it has its name. `new` and `old`: a file that replaces another, and the replaced one. */
export type TemporaryEnding = 'tmp' | 'new' | 'old'

/** Milliseconds after which a file is abandoned whose process runs on another host, or is unknown. */
const abandonedMs = 24 * 60 * 60 * 1000

/** Marks the files of this process; `count` files that belong together have the same mark. */
export function temporaryMark(): string {
  return `${hostMark()}-${String(process.pid)}-${randomBytes(4).toString('hex')}`
}

/** A hidden file beside `file`, which readers of the folder skip. */
export function temporaryBeside(file: string, ending: TemporaryEnding = 'tmp', mark = temporaryMark()): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.${mark}.${ending}`)
}

/** Host names may contain anything. */
function hostMark(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
}

/**
 * `.name.<host>-<pid>-<random>.tmp`, and without host and process by versions before; with an ending of SQLite for a file beside a
 * copy of a database.
 */
const pattern = /^\.(.+)\.((?:([0-9a-f]{8})-(\d+)-)?[0-9a-f]{8})\.(tmp|new|old)(?:-(?:journal|wal|shm))?$/

/** True if a file name has the form of {@link temporaryBeside}. */
export function isTemporary(name: string): boolean {
  return pattern.test(name)
}

interface Leftover {
  readonly file: string
  /** The path without mark and ending. */
  readonly of: string
  readonly ending: TemporaryEnding
}

/**
 * Removes what killed commands left in a folder. A replacement of files that was interrupted is undone, unless all new
 * files are in place. Never throws: a folder that is missing or read-only stays as it is.
 *
 * @param names the names in the folder, if they are known
 * @returns true if files of the folder may have changed
 */
export async function sweepTemporary(directory: string, names?: readonly string[]): Promise<boolean> {
  try {
    const groups = new Map<string, Leftover[]>()
    for (const name of names ?? (await readdir(directory))) {
      const [, base, mark, host, pid, ending] = pattern.exec(name) ?? []
      if (base === undefined || mark === undefined) continue
      const file = path.join(directory, name)
      if (!(await isAbandoned(file, host, pid))) continue
      const group = groups.get(mark) ?? []
      group.push({ file, of: path.join(directory, base), ending: ending as TemporaryEnding })
      groups.set(mark, group)
    }
    for (const group of groups.values()) await clear(group)
    return groups.size > 0
  } catch {
    return false
  }
}

/**
 * The names of what {@link sweepTemporary} would remove of one file. Never throws.
 *
 * @param base the name of the file, or the beginning of it
 */
export async function abandonedOf(directory: string, base: string): Promise<readonly string[]> {
  try {
    const found: string[] = []
    for (const name of await readdir(directory)) {
      const [, of, , host, pid] = pattern.exec(name) ?? []
      if (of?.startsWith(base) !== true) continue
      if (await isAbandoned(path.join(directory, name), host, pid).catch(() => false)) found.push(name)
    }
    return found
  } catch {
    return []
  }
}

async function isAbandoned(file: string, host: string | undefined, pid: string | undefined): Promise<boolean> {
  if (host === hostMark() && pid !== undefined) return !isRunning(Number(pid))
  const found = await stat(file)
  return Date.now() - found.mtimeMs > abandonedMs
}

async function clear(group: readonly Leftover[]): Promise<void> {
  const [fresh, old] = [group.filter(({ ending }) => ending === 'new'), group.filter(({ ending }) => ending === 'old')]
  const states = await Promise.all(fresh.map(async ({ file, of }) => ({ file, of, exists: await exists(of) })))
  if (old.length > 0 && states.some((one) => !one.exists)) {
    for (const { file, of, exists: isThere } of states) {
      // A file that was put in its place is the same file as the new one.
      if (isThere && (await isSame(file, of))) await rm(of, { force: true })
    }
    for (const { file, of } of old) if (!(await exists(of))) await rename(file, of)
  }
  // A copy of tables is a folder.
  for (const { file } of group) await rm(file, { force: true, recursive: true })
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}

async function isSame(a: string, b: string): Promise<boolean> {
  const [one, other] = [await stat(a), await stat(b)]
  return one.ino === other.ino && one.dev === other.dev
}
