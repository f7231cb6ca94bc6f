import { existsSync, statSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

import type { DataSource, QueryRunner } from 'typeorm'

import { AludelError, refuseAborted } from '../../errors'
import type { Lock, LockHolder, LockOptions } from '../roles/locks'
import { holderWords, lockLost } from '../polling'
import { newDataSource, siblingOptions } from './driver'
import { connectError, isAllowed, isBusy } from './errors'
import { databaseFile } from './info'
import { readNote, removeNote, writeNote } from './lock-note'

/**
 * An exclusive transaction on a second, empty database beside the first: the operating system releases it however the
 * process ends, and it blocks no reader or writer of the database itself. A lease has no advantage here, so both kinds are
 * this lock.
 *
 * The file is never deleted, because another process may be waiting for it. While the lock is held, a note beside it
 * contains its holder.
 *
 * @throws AludelError `ALUDEL_LOCKED` when another process holds it for longer than `timeoutMs`, `ALUDEL_INTERRUPTED` when
 *   the signal is given, `ALUDEL_READ_ONLY` or `ALUDEL_PERMISSION` when the folder or the database cannot be written
 */
export async function lock(queryRunner: QueryRunner, options: LockOptions): Promise<Lock> {
  const file = await databaseFile(queryRunner)
  // A database in memory belongs to one connection.
  if (file === '') return new FileLock()
  const held = await lockFile(queryRunner.connection, file, options)
  try {
    await requireWritable(queryRunner, file)
    return held
  } catch (error) {
    await held.release()
    throw error
  }
}

/**
 * {@link lock} for a file that nothing opens: it may be missing, or no database.
 *
 * @param template a DataSource of the same driver; it need not be connected
 */
export async function lockFile(template: DataSource, file: string, options: LockOptions): Promise<Lock> {
  const sidecar = await openSidecar(template, file)
  try {
    await acquire(sidecar, file, options)
  } catch (error) {
    await close(sidecar)
    throw error
  }
  writeNote(lockFileOf(file), options.owner)
  return new FileLock(sidecar, lockFileOf(file))
}

class FileLock implements Lock {
  readonly proof = { send: () => this.check(), explain: (error: unknown) => error }
  readonly #sidecar: DataSource | undefined
  readonly #file: string
  readonly #inode: number | undefined
  #released = false

  constructor(sidecar?: DataSource, file = '') {
    this.#sidecar = sidecar
    this.#file = file
    this.#inode = inodeOf(file)
  }

  /** A deleted file is still locked, but the next process creates a new one. */
  check(): Promise<void> {
    return this.#sidecar !== undefined && inodeOf(this.#file) !== this.#inode
      ? Promise.reject(lockLost(`${JSON.stringify(this.#file)} was deleted`))
      : Promise.resolve()
  }

  begin(): Promise<void> {
    return Promise.resolve()
  }

  beforeStatement(): undefined {
    return undefined
  }

  beforeCommit(): Promise<void> {
    return this.check()
  }

  async release(): Promise<void> {
    if (this.#sidecar === undefined || this.#released) return
    this.#released = true
    removeNote(this.#file)
    await close(this.#sidecar)
  }
}

function inodeOf(file: string): number | undefined {
  return file === '' ? undefined : statSync(file, { throwIfNoEntry: false })?.ino
}

/** The holder of the lock; null if there is none, or the database is in memory. */
export async function lockHolder(queryRunner: QueryRunner): Promise<LockHolder | null> {
  const file = await databaseFile(queryRunner)
  if (file === '' || !existsSync(lockFileOf(file))) return null
  const sidecar = await openSidecar(queryRunner.connection, file)
  try {
    return (await tryLock(sidecar, file)) ? null : readNote(lockFileOf(file))
  } finally {
    await close(sidecar)
  }
}

/** SQLite has no leases. */
export function removeLease(): Promise<boolean> {
  return Promise.resolve(false)
}

/** The lock file is beside the database, so that every user who can change the one can lock the other. */
export function lockFileOf(database: string): string {
  return `${database}.aludel-lock`
}

async function openSidecar(template: DataSource, database: string): Promise<DataSource> {
  const sidecar = newDataSource(template, {
    ...siblingOptions(template.options),
    prepareDatabase: undefined,
    database: lockFileOf(database),
  })
  try {
    await sidecar.initialize()
    // `acquire` waits, and can be interrupted. Not set by an option, because sqlite3 ignores a 0 there.
    await sidecar.query('PRAGMA busy_timeout = 0')
    return sidecar
  } catch (error) {
    await close(sidecar)
    throw lockFileError(error, database)
  }
}

function lockFileError(error: unknown, database: string): AludelError {
  if (!isAllowed(database)) {
    return new AludelError('ALUDEL_READ_ONLY', `${JSON.stringify(database)} cannot be written by this user`, {
      help: 'Allow writing to the file and to its folder.',
      details: { database },
      cause: error,
    })
  }
  const lockFile = lockFileOf(database)
  const { code, message, help } = connectError(error, { type: 'better-sqlite3', database: lockFile })
  return new AludelError(code, `cannot take the migration lock: ${message}`, {
    help,
    details: { database, lockFile },
    cause: error,
  })
}

async function acquire(
  sidecar: DataSource,
  file: string,
  { timeoutMs, onWait, signal, ...options }: LockOptions,
): Promise<void> {
  const sleep = options.sleep ?? ((ms: number) => wait(ms, undefined, { signal }).catch(() => undefined))
  const start = performance.now()
  // With an injected sleep the clock may stand still: what was slept counts as well.
  let slept = 0
  for (;;) {
    refuseAborted(signal, ' while waiting for the migration lock', 'Nothing was changed.')
    if (await tryLock(sidecar, file)) return
    const waited = Math.max(performance.now() - start, slept)
    const holder = readNote(lockFileOf(file))
    if (waited >= timeoutMs) throw lockedError(file, waited, holder)
    onWait?.(Math.round(waited), holder.owner === null ? undefined : holderWords(holder))
    const delay = Math.min(nextDelay(waited), timeoutMs - waited)
    await sleep(delay)
    slept += delay
  }
}

async function tryLock(sidecar: DataSource, file: string): Promise<boolean> {
  try {
    await sidecar.query('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (isBusy(error)) return false
    throw lockFileError(error, file)
  }
}

/** Milliseconds: longer the longer it takes, and random, so that two processes do not poll in step. */
function nextDelay(waited: number): number {
  const base = Math.min(20 + waited / 4, 500)
  return base / 2 + Math.random() * base
}

function lockedError(file: string, waited: number, holder: LockHolder): AludelError {
  const seconds = (waited / 1000).toFixed(1)
  const who = holder.owner === null ? 'another process' : holderWords(holder)
  return new AludelError('ALUDEL_LOCKED', `${who} is migrating ${JSON.stringify(file)}; gave up after ${seconds} s`, {
    help: `Nothing was changed. The lock ends with the process that holds ${JSON.stringify(lockFileOf(file))} open (\`fuser\` or \`lsof\` name it); wait for it, or raise the lock timeout.`,
    details: { ...holder, database: file, lockFile: lockFileOf(file), waitedMs: Math.round(waited) },
  })
}

/** A read-only file opens without an error, so this writes a value back that the database has, and rolls back. */
async function requireWritable(queryRunner: QueryRunner, file: string): Promise<void> {
  if (queryRunner.isTransactionActive) return
  await queryRunner.query('BEGIN')
  try {
    const rows = (await queryRunner.query('PRAGMA user_version')) as { user_version: number }[]
    await queryRunner.query(`PRAGMA user_version = ${String(rows[0]?.user_version ?? 0)}`)
  } catch (error) {
    // If another connection is writing now, the file can be written.
    if (!isBusy(error)) throw connectError(error, { type: 'better-sqlite3', database: file })
  } finally {
    await queryRunner.query('ROLLBACK')
  }
}

async function close(sidecar: DataSource): Promise<void> {
  try {
    // Closing also ends the transaction.
    await sidecar.destroy()
  } catch {
    // A lock that cannot be released must not fail a run that is done.
  }
}
