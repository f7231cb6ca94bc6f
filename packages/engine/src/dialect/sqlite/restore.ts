import { type FileHandle, link, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'

import type { DataSource } from 'typeorm'

import { isAludelError } from '../../errors'
import type { CopiedTable } from '../roles/backup'
import type { Lock } from '../roles/locks'
import type { ConnectedSession, Restoring, RestoreOptions } from '../roles/restore'
import type { Queryable } from '../queryable'
import { abandonedOf, sweepTemporary, temporaryBeside } from '../temporary-files'
import { connectError, isBusy } from './errors'
import { lockFile } from './lock'
import { makePlace } from './place'
import { openedFile, openFile, RestoredCopy, rowsOf } from './restore-copy'
import { copyBytes, fileError, fileStatus, placeOf, processesWith, sideFiles, syncFolder } from './restore-file'
import { connectedError, isUnreadable, LockedFile, pragma } from './restore-lock'

/** Milliseconds of the same wait before anything is copied. */
const probePatience = 1000

/** How a replaced file begins, for processes that still have it open: SQLite takes it for no database, and says so. */
const notice = 'This database was replaced by a backup. Open the file again.'

/** See `RestoreRole.open`. */
export async function openRestore(options: RestoreOptions): Promise<Restoring> {
  const { template, lock } = options
  const file = placeOf(template.options)
  await makePlace({ ...template.options, database: file } as DataSource['options'])
  const held = await lockFile(template, file, lock)
  try {
    const folder = path.dirname(file)
    // Under the lock no other restore is at work here.
    const removed = await abandonedOf(folder, path.basename(file))
    await sweepTemporary(folder)
    const exists = fileStatus(file) !== null
    const kept = exists && options.keep ? freeName(`${file}.before-restore-${options.backup.id}`) : null
    return new FileRestore(options, { file, exists, kept, removed, lock: held })
  } catch (error) {
    await held.release()
    throw error
  }
}

/** The same backup may be restored several times. */
function freeName(file: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? file : `${file}-${String(number)}`
    if (fileStatus(name) === null) return name
  }
}

interface Place {
  readonly file: string
  readonly exists: boolean
  readonly kept: string | null
  readonly removed: readonly string[]
  readonly lock: Lock
}

/**
 * Replaces a database file by a copy of a backup.
 *
 * The copy is renamed over the file, so that there is a whole database under the name at every moment. What SQLite keeps beside the
 * old one (WAL, journal) must never be applied to the new one: it is emptied under an exclusive lock, and removed first.
 *
 * A process that has the old file open would continue to write to it, unseen, and its journal would have the name of the new file's.
 * So the old one is kept as a copy, and what such a process has open is made unusable: its next statement fails.
 */
class FileRestore implements Restoring {
  readonly name: string
  readonly exists: boolean
  readonly kept: string | null
  readonly removed: readonly string[]
  readonly #options: RestoreOptions
  readonly #lock: Lock
  readonly #copy: RestoredCopy
  #swapped = false

  constructor(options: RestoreOptions, { file, exists, kept, removed, lock }: Place) {
    this.name = file
    this.exists = exists
    this.kept = kept
    this.removed = removed
    this.#options = options
    this.#lock = lock
    this.#copy = new RestoredCopy(options, { file, exists, isKept: kept !== null })
  }

  async rows(): Promise<readonly CopiedTable[] | null> {
    if (!this.exists) return null
    try {
      return await openedFile(this.#options.template, this.name, async (database) => rowsOf(database))
    } catch (error) {
      if (isUnreadable(error)) return null
      throw connectError(error, { type: 'better-sqlite3', database: this.name })
    }
  }

  async others(): Promise<readonly ConnectedSession[]> {
    const others = await this.#users()
    if (others.length > 0 && !(this.#options.disconnect && others.every(({ canBeEnded }) => canBeEnded)))
      throw connectedError(this.name, others)
    return others
  }

  async #users(): Promise<readonly ConnectedSession[]> {
    if (!this.exists) return []
    const processes = await processesWith(this.name)
    const state = await this.#probe()
    // In WAL mode the others share memory with each other, which would keep them working on the old file.
    const found = processes.map((one) => ({ ...one, canBeEnded: state === 'free' }))
    if (state !== 'busy' || found.length > 0) return found
    return [{ pid: null, user: null, application: null, client: null, canBeEnded: false }]
  }

  /** Whether somebody is in a transaction now. */
  async #probe(): Promise<'free' | 'wal' | 'busy'> {
    try {
      return await openedFile(this.#options.template, this.name, async (database) => {
        await database.query(`PRAGMA busy_timeout = ${String(probePatience)}`)
        const isWal = (await pragma(database, 'journal_mode')) === 'wal'
        await database.query('BEGIN EXCLUSIVE')
        await database.query('ROLLBACK')
        return isWal ? 'wal' : 'free'
      })
    } catch (error) {
      if (isBusy(error)) return 'busy'
      // Nobody can be in a transaction of what is no database.
      if (isUnreadable(error)) return 'free'
      throw connectError(error, { type: 'better-sqlite3', database: this.name })
    }
  }

  load(): Promise<void> {
    return this.#copy.load()
  }

  within<Result>(work: (database: Queryable) => Promise<Result>): Promise<Result> {
    return this.#copy.within(work)
  }

  async swap(): Promise<void> {
    await this.#lock.check()
    try {
      if (this.exists) await this.#replace()
      else await this.#place()
    } catch (error) {
      throw isAludelError(error) ? error : fileError(error, `${JSON.stringify(this.name)} could not be replaced`)
    }
    await this.#lock.release()
  }

  /** Gives the name to the copy, unless somebody has created a file of that name meanwhile. */
  async #place(): Promise<void> {
    await link(this.#copy.path, this.name).catch(async (error: unknown) => {
      // Some file systems have no second names.
      if (fileStatus(this.name) !== null) throw error
      await rename(this.#copy.path, this.name)
    })
    this.#swapped = true
    await rm(this.#copy.path, { force: true })
    await syncFolder(path.dirname(this.name))
  }

  async #replace(): Promise<void> {
    const locked = await LockedFile.lock(
      () => openFile(this.#options.template, this.name),
      this.name,
      () => this.#users(),
    )
    let old: FileHandle | undefined
    try {
      old = await open(this.name, 'r+')
      if (this.kept !== null) await this.#keep(old, this.kept, locked)
      // What was in them is in the file now; of a file that SQLite cannot read, it has removed them.
      for (const ending of sideFiles) await rm(this.name + ending, { force: true })
      if (process.platform === 'win32') {
        // Nothing that is open can be renamed there, so nobody has the old file open afterwards.
        await locked.close()
        await old.close()
        old = undefined
      }
      await rename(this.#copy.path, this.name)
      this.#swapped = true
      await syncFolder(path.dirname(this.name))
      if (old !== undefined) await this.#cutOff(old)
    } catch (error) {
      if (!this.#swapped) await locked.undo()
      throw error
    } finally {
      await locked.close()
      await old?.close()
    }
  }

  /** Copies the old file, which nobody can change now. */
  async #keep(old: FileHandle, kept: string, locked: LockedFile): Promise<void> {
    const partial = temporaryBeside(kept)
    const { size, mode, uid, gid } = await old.stat()
    try {
      const to = await open(partial, 'wx', 0o600)
      try {
        await copyBytes(old, to, { bytes: size, signal: this.#options.signal })
        await to.chown(uid, gid).catch(() => undefined)
        await to.chmod(mode & 0o7777)
      } finally {
        await to.close()
      }
      if (locked.wasWal)
        await openedFile(this.#options.template, partial, (database) => database.query('PRAGMA journal_mode = WAL'))
      await rename(partial, kept)
      await syncFolder(path.dirname(kept))
    } catch (error) {
      for (const ending of ['', ...sideFiles]) await rm(partial + ending, { force: true }).catch(() => undefined)
      throw error
    }
  }

  /** Makes the old file, which has no name any more, unusable for whoever has it open. */
  async #cutOff(old: FileHandle): Promise<void> {
    try {
      // With another name, it must stay a database.
      if ((await old.stat()).nlink > 0) throw new Error('the old file has a second name')
      await old.write(Buffer.from(notice.padEnd(100)), 0, 100, 0)
      await old.sync()
    } catch {
      this.#options.warn('processes that have the old file open may continue to use it: restart them')
    }
  }

  async close(): Promise<void> {
    if (!this.#swapped) await this.#copy.remove()
    await this.#lock.release()
  }
}
