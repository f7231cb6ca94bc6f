import { chmod, chown, type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'

import type { DataSource } from 'typeorm'

import { AludelError, isAludelError } from '../../errors'
import type { CopiedTable } from '../roles/backup'
import type { Lock } from '../roles/locks'
import type { ConnectedSession, Restoring, RestoreOptions } from '../roles/restore'
import type { Queryable } from '../queryable'
import { abandonedOf, sweepTemporary, temporaryBeside } from '../temporary-files'
import { only } from '../connection-options'
import { newDataSource, siblingOptions } from './driver'
import { connectError, isBusy } from './errors'
import { countRows } from './info'
import { lockFile } from './lock'
import { makePlace } from './place'
import { quote } from './quote'
import {
  copyBytes,
  fileError,
  fileStatus,
  placeOf,
  processesWith,
  requireSpace,
  sideFiles,
  syncFolder,
} from './restore-file'
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
  readonly #partial: string
  #swapped = false

  constructor(options: RestoreOptions, { file, exists, kept, removed, lock }: Place) {
    this.name = file
    this.exists = exists
    this.kept = kept
    this.removed = removed
    this.#options = options
    this.#lock = lock
    this.#partial = temporaryBeside(file)
  }

  async rows(): Promise<readonly CopiedTable[] | null> {
    if (!this.exists) return null
    try {
      return await this.#opened(this.name, async (database) => rowsOf(database))
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
      return await this.#opened(this.name, async (database) => {
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

  async load(): Promise<void> {
    const { backup, signal, onProgress } = this.#options
    try {
      const bytes = (await stat(backup.file)).size
      // SQLite takes it for a database without tables.
      if (bytes === 0) throw damaged(backup.file, 'it is empty')
      const old = this.kept === null ? 0 : (await stat(this.name)).size
      await requireSpace(
        path.dirname(this.name),
        bytes + old,
        'The new file and a copy of the old one must fit beside it; --drop-old keeps no copy.',
      )
      onProgress({ phase: 'copy', bytes: 0, total: bytes })
      const sha256 = await this.#copy(bytes)
      if (backup.made !== undefined && sha256 !== backup.made.sha256)
        throw damaged(backup.file, 'its checksum is wrong')
      onProgress({ phase: 'verify', bytes: 0, total: bytes })
      await this.#takeOver()
      await this.#verify()
      onProgress({ phase: 'verify', bytes, total: bytes })
    } catch (error) {
      signal?.throwIfAborted()
      throw isAludelError(error) ? error : fileError(error, `${JSON.stringify(backup.file)} could not be restored`)
    }
  }

  async #copy(bytes: number): Promise<string> {
    const { backup, signal, onProgress } = this.#options
    const from = await open(backup.file, 'r')
    try {
      const to = await open(this.#partial, 'wx', 0o600)
      try {
        return await copyBytes(from, to, {
          bytes,
          signal,
          onProgress: (done) => {
            onProgress({ phase: 'copy', bytes: done, total: bytes })
          },
        })
      } finally {
        await to.close()
      }
    } finally {
      await from.close()
    }
  }

  /** Gives the copy the owner and the permissions of the old file. */
  async #takeOver(): Promise<void> {
    const old = fileStatus(this.name)
    if (old === null) return
    const { warn } = this.#options
    await chown(this.#partial, old.uid, old.gid).catch(async () => {
      const { uid, gid } = await stat(this.#partial)
      if (uid !== old.uid || gid !== old.gid)
        warn(`${this.name} belonged to user ${String(old.uid)}, and will belong to user ${String(uid)}`)
    })
    // After the owner: a change of the owner may reset bits.
    await chmod(this.#partial, old.mode & 0o7777)
  }

  async #verify(): Promise<void> {
    const { backup, journal } = this.#options
    const isWal = backup.made === undefined ? await this.#isWal() : backup.made.settings['journalMode'] === 'wal'
    try {
      await this.within(async (database) => {
        const [problem] = (await database.query('PRAGMA integrity_check')) as { integrity_check: string }[]
        if (problem?.integrity_check !== 'ok') throw damaged(backup.file, problem?.integrity_check ?? 'no answer')
        const found = await rowsOf(database)
        requireRows(backup.file, backup.made?.tables, found)
        if (found.some(({ name }) => name === journal)) await settleJournal(database, journal)
        if (isWal) await database.query('PRAGMA journal_mode = WAL')
      })
    } catch (error) {
      if (isUnreadable(error)) throw damaged(backup.file, 'it is not a SQLite database, or has another key')
      throw error
    }
    await syncFile(this.#partial)
  }

  /** Whether the old file is in WAL mode, which its file contains. */
  async #isWal(): Promise<boolean> {
    if (!this.exists) return false
    try {
      return await this.#opened(this.name, async (database) => (await pragma(database, 'journal_mode')) === 'wal')
    } catch {
      return false
    }
  }

  within<Result>(work: (database: Queryable) => Promise<Result>): Promise<Result> {
    return this.#opened(this.#partial, work)
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
    await link(this.#partial, this.name).catch(async (error: unknown) => {
      // Some file systems have no second names.
      if (fileStatus(this.name) !== null) throw error
      await rename(this.#partial, this.name)
    })
    this.#swapped = true
    await rm(this.#partial, { force: true })
    await syncFolder(path.dirname(this.name))
  }

  async #replace(): Promise<void> {
    const locked = await LockedFile.lock(
      () => this.#open(this.name),
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
      await rename(this.#partial, this.name)
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
      if (locked.wasWal) await this.#opened(partial, (database) => database.query('PRAGMA journal_mode = WAL'))
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
    if (!this.#swapped) {
      for (const ending of ['', ...sideFiles]) await rm(this.#partial + ending, { force: true }).catch(() => undefined)
    }
    await this.#lock.release()
  }

  /** Opens a file with the driver, the functions and the key of the database. */
  async #open(file: string): Promise<DataSource> {
    const { template } = this.#options
    const database = newDataSource(template, {
      ...siblingOptions(template.options),
      ...only(template.options, ['key']),
      fileMustExist: true,
      database: file,
    })
    return database.initialize()
  }

  async #opened<Result>(file: string, work: (database: DataSource) => Promise<Result>): Promise<Result> {
    const database = await this.#open(file)
    try {
      return await work(database)
    } finally {
      await database.destroy()
    }
  }
}

async function rowsOf(database: Queryable): Promise<readonly CopiedTable[]> {
  return [...(await countRows(database))].map(([name, rows]) => ({ name, rows }))
}

/** @throws AludelError `ALUDEL_RESTORE` naming the first table that has other rows than the manifest */
function requireRows(file: string, expected: readonly CopiedTable[] | undefined, found: readonly CopiedTable[]): void {
  if (expected === undefined) return
  const counts = new Map(found.map(({ name, rows }) => [name, rows]))
  for (const { name, rows } of expected) {
    const there = counts.get(name)
    if (there !== rows) throw damaged(file, `${name} has ${String(there ?? 'no')} rows instead of ${String(rows)}`)
  }
}

/**
 * The run that was at work when the backup was made is not at work on the new database. How far it came stays in the journal: its
 * statements are in the backup, and a run that resumes must not execute them again.
 */
async function settleJournal(database: Queryable, journal: string): Promise<void> {
  await database.query(
    `UPDATE ${quote(journal)} SET "outcome" = 'failed', "error" = 'the backup was made while this run was at work' WHERE "outcome" = 'running'`,
  )
}

function damaged(file: string, problem: string): AludelError {
  return new AludelError('ALUDEL_RESTORE', `${JSON.stringify(file)} cannot be restored: ${problem}`, {
    help: 'Nothing was changed. Choose another backup: aludel backup list',
    details: { path: file },
  })
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
