import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'

import type { DataSource, QueryRunner } from 'typeorm'

import { messageOf } from '../../errors'
import type { CopyOptions } from '../roles/backup'
import { isBusy } from './errors'

/** Pages of one step, about 4 MB: https://www.sqlite.org/c3ref/backup_finish.html */
const pagesPerStep = 1000

/** How often a copy may start again because somebody wrote, before writers have to wait for it. */
const restartsAllowed = 3

/** Milliseconds without a copied page after which a locked file is given up. */
const patience = 30_000

/** Milliseconds between two tries on a locked file. */
const retryDelay = 50

/** The members of a `Database` of better-sqlite3 that are used here. */
interface BetterDatabase {
  backup(
    file: string,
    options: { progress: (state: { totalPages: number; remainingPages: number }) => number },
  ): Promise<unknown>
}

/** The members of a `Database` and a `Backup` of sqlite3 that are used here. */
interface CallbackDatabase {
  backup(file: string, done: (error: Error | null) => void): CallbackBackup
}
interface CallbackBackup {
  readonly remaining: number
  readonly pageCount: number
  step(pages: number, done: (error: Error | null, isComplete?: boolean) => void): void
  finish(done: () => void): void
}

function databaseOf({ driver }: DataSource): { readonly backup?: unknown } {
  return (driver as unknown as { readonly databaseConnection?: object }).databaseConnection ?? {}
}

/**
 * True if the driver has no online backup, and for an encrypted database: that backup would have to be encrypted by a key that only
 * the file itself has. `VACUUM INTO` takes the key of the connection.
 */
export function isCopiedByStatement(dataSource: DataSource): boolean {
  return typeof databaseOf(dataSource).backup !== 'function' || hasKey(dataSource)
}

function hasKey({ options }: DataSource): boolean {
  return 'key' in options && options.key !== undefined && options.key !== ''
}

/**
 * True for the errors with which SQLCipher and SQLite3 Multiple Ciphers refuse to copy an encrypted database into a file that is
 * not.
 */
export function refusesKey(error: unknown): boolean {
  return messageOf(error).includes('backup is not supported with')
}

interface PagesOptions extends CopyOptions {
  /** True if the caller holds a read transaction, so that nobody can change what is copied. */
  readonly isHeld: boolean
}

/**
 * Copies all pages with the online backup API. It starts again by itself when another connection has written; after some times, a
 * read transaction makes the others wait, so that it ends.
 *
 * @throws the errors of the driver; the `reason` of the signal
 */
export async function copyPages(queryRunner: QueryRunner, options: PagesOptions): Promise<void> {
  const pageSize = await pageSizeOf(queryRunner)
  try {
    await copyOnce(queryRunner.connection, new Steps(options, pageSize))
  } catch (error) {
    if (!(error instanceof RestartedTooOften)) throw error
    await queryRunner.query('BEGIN')
    try {
      // BEGIN alone reads nothing, and so locks nothing.
      await queryRunner.query('SELECT count(*) FROM sqlite_master')
      await copyOnce(queryRunner.connection, new Steps({ ...options, isHeld: true }, pageSize))
    } finally {
      await queryRunner.query('COMMIT').catch(() => undefined)
    }
  }
}

class RestartedTooOften extends Error {}

/** What happens between two steps of a copy. */
class Steps {
  readonly target: string
  readonly #options: PagesOptions
  readonly #pageSize: number
  #remaining: number | undefined
  #restarts = 0
  #movedAt = performance.now()

  constructor(options: PagesOptions, pageSize: number) {
    this.target = options.target
    this.#options = options
    this.#pageSize = pageSize
  }

  /**
   * Reports progress after a step.
   *
   * @throws RestartedTooOften; the `reason` of the signal; an error when the file stays locked
   */
  after(total: number, remaining: number): void {
    const { signal, isHeld, onProgress } = this.#options
    signal?.throwIfAborted()
    if (remaining !== this.#remaining) this.#movedAt = performance.now()
    else if (performance.now() - this.#movedAt > patience) throw new Error('database is locked')
    if (this.#remaining !== undefined && remaining > this.#remaining) this.#restarts += 1
    if (this.#restarts > restartsAllowed && !isHeld) throw new RestartedTooOften()
    this.#remaining = remaining
    onProgress({ phase: 'copy', bytes: (total - remaining) * this.#pageSize, total: total * this.#pageSize })
  }
}

async function copyOnce(dataSource: DataSource, steps: Steps): Promise<void> {
  const database = databaseOf(dataSource)
  if (dataSource.options.type === 'better-sqlite3') await stepThrough(database as BetterDatabase, steps)
  else await stepWithCallbacks(database as CallbackDatabase, steps)
}

async function stepThrough(database: BetterDatabase, steps: Steps): Promise<void> {
  await database.backup(steps.target, {
    progress: ({ totalPages, remainingPages }) => {
      steps.after(totalPages, remainingPages)
      return pagesPerStep
    },
  })
}

async function stepWithCallbacks(database: CallbackDatabase, steps: Steps): Promise<void> {
  const backup = await new Promise<CallbackBackup>((resolve, reject) => {
    const opened = database.backup(steps.target, (error) => (error === null ? resolve(opened) : reject(error)))
  })
  let isDone = false
  try {
    while (!isDone) {
      isDone = await new Promise<boolean>((resolve, reject) => {
        backup.step(pagesPerStep, (error, isComplete) =>
          error === null ? resolve(isComplete === true) : reject(error),
        )
      }).catch(async (error: unknown) => {
        if (!isBusy(error)) throw error
        await wait(retryDelay)
        return false
      })
      steps.after(backup.pageCount, backup.remaining)
    }
  } finally {
    await new Promise<void>((resolve) => backup.finish(resolve))
  }
}

async function pageSizeOf(queryRunner: QueryRunner): Promise<number> {
  const [row] = (await queryRunner.query('PRAGMA page_size')) as { page_size: number }[]
  return row?.page_size ?? 0
}
