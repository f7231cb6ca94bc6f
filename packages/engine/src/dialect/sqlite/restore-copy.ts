import { chmod, chown, open, rm, stat } from 'node:fs/promises'
import path from 'node:path'

import type { DataSource } from 'typeorm'

import { AludelError, isAludelError } from '../../errors'
import { only } from '../connection-options'
import type { Queryable } from '../queryable'
import type { CopiedTable } from '../roles/backup'
import type { RestoreOptions } from '../roles/restore'
import { temporaryBeside } from '../temporary-files'
import { newDataSource, siblingOptions } from './driver'
import { countRows } from './info'
import { quote } from './quote'
import { copyBytes, fileError, fileStatus, requireSpace, sameBytes, sideFiles } from './restore-file'
import { isUnreadable, pragma } from './restore-lock'

/** A copy of a backup beside the file that it is to replace. */
export class RestoredCopy {
  /** Its path. */
  readonly path: string

  /**
   * @param options of the restore
   * @param place `file`: what is replaced; `exists`: whether it is there; `isKept`: whether a copy of it is to be kept, which needs room
   */
  constructor(
    private readonly options: RestoreOptions,
    private readonly place: { readonly file: string; readonly exists: boolean; readonly isKept: boolean },
  ) {
    this.path = temporaryBeside(place.file)
  }

  /** See `Restoring.load`. */
  async load(): Promise<void> {
    const { backup, signal, onProgress } = this.options
    try {
      const bytes = (await stat(backup.file)).size
      // SQLite takes it for a database without tables.
      if (bytes === 0) throw damaged(backup.file, 'it is empty')
      const old = this.place.isKept ? (await stat(this.place.file)).size : 0
      await requireSpace(
        path.dirname(this.place.file),
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
    const { backup, signal, onProgress } = this.options
    const from = await open(backup.file, 'r')
    try {
      const to = await open(this.path, 'wx+', 0o600)
      try {
        const sha256 = await copyBytes(from, to, {
          bytes,
          signal,
          onProgress: (done) => {
            onProgress({ phase: 'copy', bytes: done, total: bytes })
          },
        })
        if (!(await sameBytes(from, to, signal))) throw damaged(backup.file, 'its copy reads differently')
        return sha256
      } finally {
        await to.close()
      }
    } finally {
      await from.close()
    }
  }

  /** Gives the copy the owner and the permissions of the old file. */
  async #takeOver(): Promise<void> {
    const old = fileStatus(this.place.file)
    if (old === null) return
    const { warn } = this.options
    await chown(this.path, old.uid, old.gid).catch(async () => {
      const { uid, gid } = await stat(this.path)
      if (uid !== old.uid || gid !== old.gid)
        warn(`${this.place.file} belonged to user ${String(old.uid)}, and will belong to user ${String(uid)}`)
    })
    // After the owner: a change of the owner may reset bits.
    await chmod(this.path, old.mode & 0o7777)
  }

  async #verify(): Promise<void> {
    const { backup, journal } = this.options
    const isWal = backup.made === undefined ? await this.#isWal() : backup.made.settings['journalMode'] === 'wal'
    try {
      await this.within(async (database) => {
        // A backup of Aludel was checked when it was made, and has the same bytes.
        if (backup.made === undefined) await this.#checkIntegrity(database)
        const found = await rowsOf(database)
        requireRows(backup.file, backup.made?.tables, found)
        if (found.some(({ name }) => name === journal)) await settleJournal(database, journal)
        if (isWal) await database.query('PRAGMA journal_mode = WAL')
      })
    } catch (error) {
      if (isUnreadable(error)) throw damaged(backup.file, 'it is not a SQLite database, or has another key')
      throw error
    }
    await syncFile(this.path)
  }

  async #checkIntegrity(database: Queryable): Promise<void> {
    const [problem] = (await database.query('PRAGMA integrity_check')) as { integrity_check: string }[]
    if (problem?.integrity_check !== 'ok')
      throw damaged(this.options.backup.file, problem?.integrity_check ?? 'no answer')
  }

  /** Whether the old file is in WAL mode, which its file contains. */
  async #isWal(): Promise<boolean> {
    if (!this.place.exists) return false
    try {
      return await openedFile(
        this.options.template,
        this.place.file,
        async (database) => (await pragma(database, 'journal_mode')) === 'wal',
      )
    } catch {
      return false
    }
  }

  /** See `Restoring.within`. */
  within<Result>(work: (database: Queryable) => Promise<Result>): Promise<Result> {
    return openedFile(this.options.template, this.path, work)
  }

  async remove(): Promise<void> {
    for (const ending of ['', ...sideFiles]) await rm(this.path + ending, { force: true }).catch(() => undefined)
  }
}

/** Opens a file with the driver, the functions and the key of a database. */
export async function openFile(template: DataSource, file: string): Promise<DataSource> {
  const database = newDataSource(template, {
    ...siblingOptions(template.options),
    ...only(template.options, ['key']),
    fileMustExist: true,
    database: file,
  })
  return database.initialize()
}

/** Opens a file for some work. */
export async function openedFile<Result>(
  template: DataSource,
  file: string,
  work: (database: DataSource) => Promise<Result>,
): Promise<Result> {
  const database = await openFile(template, file)
  try {
    return await work(database)
  } finally {
    await database.destroy()
  }
}

export async function rowsOf(database: Queryable): Promise<readonly CopiedTable[]> {
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
