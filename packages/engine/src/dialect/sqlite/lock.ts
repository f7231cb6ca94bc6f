import { existsSync, statSync } from 'node:fs'

import type { DataSource, QueryRunner } from 'typeorm'

import { AludelError } from '../../errors'
import type { Lock, LockHolder, LockOptions } from '../roles/locks'
import { holderWords, lockLost } from '../polling'
import { newDataSource, siblingOptions } from './driver'
import { connectError, isAllowed, isBusy } from './errors'
import { databaseFile } from './info'
import { readNote, removeNote, writeNote } from './lock-note'

/**
 * An exclusive transaction on a second, empty database beside the first: the operating system lets go of it when the process
 * ends, however it ends, and it keeps nobody from reading or writing the database itself. There is nothing that a lease
 * could do better here, so whoever asks for one gets this lock.
 *
 * The file stays: who deletes it could take it from under somebody who waits for it. Beside it, while the lock is held, a
 * note says who holds it.
 *
 * @throws AludelError `ALUDEL_LOCKED` when somebody else holds it for longer than `timeoutMs`, `ALUDEL_INTERRUPTED` when
 *   the signal comes first, `ALUDEL_READ_ONLY` or `ALUDEL_PERMISSION` when nothing can be written there at all
 */
export async function lock(queryRunner: QueryRunner, options: LockOptions): Promise<Lock> {
  const file = await databaseFile(queryRunner)
  // A database in memory is this connection's own.
  if (file === '') return new FileLock()
  const sidecar = await openSidecar(queryRunner.connection, file)
  try {
    await acquire(sidecar, file, options)
    await requireWritable(queryRunner, file)
  } catch (error) {
    await close(sidecar)
    throw error
  }
  writeNote(lockFileOf(file), options.owner)
  return new FileLock(sidecar, lockFileOf(file))
}

class FileLock implements Lock {
  readonly #sidecar: DataSource | undefined
  readonly #file: string
  readonly #inode: number | undefined
  #released = false

  constructor(sidecar?: DataSource, file = '') {
    this.#sidecar = sidecar
    this.#file = file
    this.#inode = inodeOf(file)
  }

  check(): Promise<void> {
    return Promise.resolve().then(() => {
      this.#refuseOther()
    })
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

  /** A file that somebody deleted is still locked, but the next one makes a new file. */
  #refuseOther(): void {
    if (this.#sidecar !== undefined && inodeOf(this.#file) !== this.#inode)
      throw lockLost(`${JSON.stringify(this.#file)} was deleted`)
  }
}

function inodeOf(file: string): number | undefined {
  return file === '' ? undefined : statSync(file, { throwIfNoEntry: false })?.ino
}

/** Who holds the lock; null: nobody, or the database is in memory. */
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

/** There are no leases here. */
export function removeLease(): Promise<boolean> {
  return Promise.resolve(false)
}

/** Beside the database, so that everybody who can change the one can take the other. */
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
    // Waiting is done here, where it can be interrupted. Not by an option: one driver takes no 0.
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
    ...(help !== undefined && { help }),
    details: { database, lockFile },
    cause: error,
  })
}

async function acquire(
  sidecar: DataSource,
  file: string,
  { timeoutMs, onWait, signal, sleep = pause }: LockOptions,
): Promise<void> {
  const start = performance.now()
  // Time that is only said to pass counts as well.
  let slept = 0
  for (;;) {
    requireNotAborted(signal)
    if (await tryLock(sidecar, file)) return
    const waited = Math.max(performance.now() - start, slept)
    const holder = readNote(lockFileOf(file))
    if (waited >= timeoutMs) throw lockedError(file, waited, holder)
    onWait?.(Math.round(waited), holder.owner === null ? undefined : holderWords(holder))
    const delay = Math.min(nextDelay(waited), timeoutMs - waited)
    await interruptible(sleep(delay), signal)
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

/** Longer the longer it takes, and never the same for two who began together. */
function nextDelay(waited: number): number {
  const base = Math.min(20 + waited / 4, 500)
  return base / 2 + Math.random() * base
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function interruptible(wait: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return wait
  let stop: (() => void) | undefined
  const aborted = new Promise<void>((resolve) => {
    stop = resolve
    signal.addEventListener('abort', stop, { once: true })
  })
  await Promise.race([wait, aborted])
  if (stop !== undefined) signal.removeEventListener('abort', stop)
}

function requireNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new AludelError('ALUDEL_INTERRUPTED', 'interrupted while waiting for the migration lock', {
      help: 'Nothing was changed.',
      cause: signal.reason,
    })
  }
}

function lockedError(file: string, waited: number, holder: LockHolder): AludelError {
  const seconds = (waited / 1000).toFixed(1)
  const who = holder.owner === null ? 'another process' : holderWords(holder)
  return new AludelError('ALUDEL_LOCKED', `${who} is migrating ${JSON.stringify(file)}; gave up after ${seconds} s`, {
    help: `Nothing was changed. The lock ends with the process that holds ${JSON.stringify(lockFileOf(file))} open (\`fuser\` or \`lsof\` name it); wait for it, or raise the lock timeout.`,
    details: { ...holder, database: file, lockFile: lockFileOf(file), waitedMs: Math.round(waited) },
  })
}

/** A read-only file opens without complaint. What is written here is the value that is there, and it is taken back. */
async function requireWritable(queryRunner: QueryRunner, file: string): Promise<void> {
  if (queryRunner.isTransactionActive) return
  await queryRunner.query('BEGIN')
  try {
    const rows = (await queryRunner.query('PRAGMA user_version')) as { user_version: number }[]
    await queryRunner.query(`PRAGMA user_version = ${String(rows[0]?.user_version ?? 0)}`)
  } catch (error) {
    // Who is writing now will be done by and by, and shows that it can be written.
    if (!isBusy(error)) throw connectError(error, { type: 'better-sqlite3', database: file })
  } finally {
    await queryRunner.query('ROLLBACK')
  }
}

async function close(sidecar: DataSource): Promise<void> {
  try {
    // Closing ends the transaction, too.
    await sidecar.destroy()
  } catch {
    // A run that is done stays done.
  }
}
