import { stat } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

import type { DataSource, QueryRunner } from 'typeorm'

import { AludelError, isAludelError, messageOf } from '../../errors'
import { constructDataSource } from '../driver-error'
import type { Queryable } from '../queryable'
import type { CopiedTable } from '../roles/backup'
import type { Lock } from '../roles/locks'
import type { ConnectedSession, Restoring, RestoreOptions } from '../roles/restore'
import { keyOf } from './backup-archive'
import { countRows, type DatabaseSettings, describeBackup, dumpedTables } from './backup-catalog'
import { errorText, sqlStateOf } from './errors'
import { lockHolder } from './holder'
import { journal } from './journal'
import { quote } from './names'
import { majorOf, restoreArchive, restoreTools, rolesOfArchive } from './restore-archive'
import { dropReplaced } from './restore-leftovers'
import { restoringName } from './restore-names'
import { requireRoles } from './restore-rights'
import { usersOf } from './restore-server'
import { leasesOf, raiseTokens, settle } from './restore-settle'
import { createDatabase, rolesOfSettings, settingStatements } from './restore-settings'
import { connected, connectedError, swapNames } from './restore-swap'
import { adminOptions, type Connection, toDatabase } from './shadow-options'
import { backendOf } from './side-session'

/** `insufficient_privilege` */
const forbidden = '42501'

/** Milliseconds in which sessions may leave before a restore is refused, and between two looks at them. */
const leavePatience = 2000
const leaveInterval = 100

/** Milliseconds between two proofs that the migration lock is still held, and two looks at the size of the new database. */
const checkInterval = 5000
const progressInterval = 500

interface Parts {
  readonly name: string
  readonly exists: boolean
  readonly kept: string | null
  readonly removed: readonly string[]
  readonly admin: DataSource
  /** A session on another database, which keeps other restores out. */
  readonly session: QueryRunner
  /** Null for a database that is missing, or accepts no connections. */
  readonly work: QueryRunner | undefined
  readonly dataSource: DataSource | undefined
  /** The name of its sessions. */
  readonly application: string | undefined
  readonly lock: Lock | undefined
}

/**
 * Replaces a database by one into which a backup was restored. Both get their new names in one transaction, so that there is a
 * whole database under the name at every moment.
 */
export class DatabaseRestore implements Restoring {
  readonly name: string
  readonly exists: boolean
  kept: string | null
  readonly removed: readonly string[]
  readonly #options: RestoreOptions
  readonly #connection: Connection
  readonly #parts: Parts
  /** The database into which the backup is restored. */
  readonly #fresh: string
  #created = false
  #released = false

  constructor(options: RestoreOptions, connection: Connection, parts: Parts) {
    const { name, exists, kept, removed } = parts
    this.name = name
    this.exists = exists
    this.kept = options.keep ? kept : null
    this.removed = removed
    this.#options = options
    this.#connection = connection
    this.#parts = parts
    this.#fresh = restoringName(name, options.backup.id)
  }

  async rows(): Promise<readonly CopiedTable[] | null> {
    const { work } = this.#parts
    return work === undefined ? null : rowsOf(work)
  }

  async others(): Promise<readonly ConnectedSession[]> {
    const { session, work, application } = this.#parts
    const pids = work === undefined ? [] : await this.#ownProcesses(work)
    const started = performance.now()
    const { disconnect } = this.#options
    for (;;) {
      const others = connected(await usersOf(session, this.name, { application, pids }))
      if (others.length === 0 || (disconnect && others.every(({ canBeEnded }) => canBeEnded))) return others
      // The server needs a moment to notice that a client has gone.
      if (performance.now() - started > leavePatience) throw connectedError(this.name, others)
      await wait(leaveInterval)
    }
  }

  /** Those of the session on the database, and of the one that holds the migration lock. */
  async #ownProcesses(work: QueryRunner): Promise<readonly number[]> {
    const holder = await lockHolder(work, await journal.locate(work, this.#options.lock.key))
    const own = await backendOf(work)
    return typeof holder?.session === 'number' ? [own, holder.session] : [own]
  }

  async load(): Promise<void> {
    const { backup, signal } = this.#options
    const guard = this.#guardLock()
    try {
      await this.#restore(guard.signal)
    } catch (error) {
      signal?.throwIfAborted()
      guard.signal.throwIfAborted()
      if (isAludelError(error)) throw error
      throw new AludelError(
        'ALUDEL_RESTORE',
        `${JSON.stringify(backup.file)} cannot be restored: ${errorText(error)}`,
        {
          help:
            sqlStateOf(error) === forbidden
              ? 'Nothing was changed. Restore as a role that may set its owner and rights, or without them: --no-owner'
              : 'Nothing was changed.',
          details: { path: backup.file },
          cause: error,
        },
      )
    } finally {
      guard.stop()
    }
  }

  /** Stops when the lock is lost: another migrator may be at work on the old database then. */
  #guardLock(): { readonly signal: AbortSignal; stop(): void } {
    const { lock: held } = this.#parts
    const controller = new AbortController()
    const timer = setInterval(() => {
      held?.check().catch((error: unknown) => {
        controller.abort(error)
      })
    }, checkInterval)
    timer.unref()
    const { signal } = this.#options
    return {
      signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
      stop: () => clearInterval(timer),
    }
  }

  async #restore(signal: AbortSignal): Promise<void> {
    const { backup, withOwners, warn, onProgress } = this.#options
    const { session } = this.#parts
    onProgress({ phase: 'copy', bytes: 0, total: null })
    await stat(backup.file)
    const version = await versionOf(session)
    const tools = await restoreTools(majorOf(backup.made?.program), Math.trunc(version / 10000), this.#options.tools)
    const settings = await this.#settings()
    const archive = { tools, file: backup.file, withOwners, signal }
    const roles = [...(withOwners ? rolesOfSettings(settings) : []), ...(await rolesOfArchive(archive))]
    await requireRoles(session, backup.file, roles)
    const hasTablespace = await tablespaceExists(session, settings.tablespace)
    if (!hasTablespace) warn(`the tablespace ${settings.tablespace ?? ''} does not exist here; the default one is used`)

    await session.query(createDatabase(this.#fresh, settings, { version, hasTablespace, withOwner: withOwners }))
    this.#created = true
    const report = setInterval(() => void this.#reportSize(), progressInterval)
    try {
      await restoreArchive(session, this.#fresh, archive)
    } finally {
      clearInterval(report)
    }
    signal.throwIfAborted()
    onProgress({ phase: 'verify', bytes: 0, total: null })
    await this.#verify()
    signal.throwIfAborted()
    for (const sql of await settingStatements(session, this.#fresh, settings, withOwners)) await session.query(sql)
  }

  /** Those of the backup; of a file that was not made by Aludel, those of the database that it replaces. */
  async #settings(): Promise<Partial<DatabaseSettings>> {
    const { made } = this.#options.backup
    if (made !== undefined) return made.settings
    const { work } = this.#parts
    return work === undefined ? {} : (await describeBackup(work)).settings
  }

  async #reportSize(): Promise<void> {
    try {
      const [row] = await this.#parts.admin.query<{ bytes: string }[]>(
        'SELECT pg_database_size($1::name)::text AS bytes',
        [this.#fresh],
      )
      this.#options.onProgress({ phase: 'copy', bytes: Number(row?.bytes), total: null })
    } catch {
      // It is only information.
    }
  }

  async #verify(): Promise<void> {
    const { backup, journal: journalName } = this.#options
    await this.within(async (database) => {
      // A dump has no statistics, and the first queries would be planned without them. Another session reads the tables meanwhile.
      const [analyzed, counted] = await Promise.allSettled([database.query('ANALYZE'), this.within(rowsOf)])
      if (counted.status === 'rejected') throw counted.reason
      if (analyzed.status === 'rejected')
        this.#options.warn(`the restored database has no statistics yet: ${errorText(analyzed.reason)}; run ANALYZE`)
      requireRows(backup.file, backup.made?.tables, counted.value)
      await settle(database, journalName)
    })
  }

  async within<Result>(work: (database: Queryable) => Promise<Result>): Promise<Result> {
    const options = adminOptions(toDatabase(this.#connection, this.#fresh))
    const database = await constructDataSource(this.#options.template, options).initialize()
    try {
      return await work(database)
    } finally {
      await database.destroy()
    }
  }

  async swap(): Promise<void> {
    const { name, exists } = this
    const { session, admin, kept, lock: held, work, dataSource } = this.#parts
    await held?.check()
    const leases = work === undefined ? [] : await leasesOf(work)
    if (leases.length > 0) await this.within((database) => raiseTokens(database, leases))
    // The session of the lock is one of those that keep the database from being renamed.
    await this.#release()
    await dataSource?.destroy()
    const old = exists && kept !== null ? { name, kept } : undefined
    await swapNames(session, admin, { fresh: this.#fresh, name, old, disconnect: this.#options.disconnect })
    this.#created = false
    if (old !== undefined && !this.#options.keep) await this.#dropOld(old.kept)
  }

  /** The backup is restored, also if the old database cannot be dropped: a template, or one with a slot of logical replication. */
  async #dropOld(kept: string): Promise<void> {
    try {
      await dropReplaced(this.#parts.session, kept)
    } catch (error) {
      this.kept = kept
      this.#options.warn(`the backup was restored, but ${messageOf(error)}`)
    }
  }

  async close(): Promise<void> {
    const { session, admin, dataSource } = this.#parts
    if (this.#created) {
      await session.query(`DROP DATABASE IF EXISTS ${quote(this.#fresh)} WITH (FORCE)`).catch(() => undefined)
      this.#created = false
    }
    await this.#release()
    if (dataSource?.isInitialized === true) await dataSource.destroy().catch(() => undefined)
    await session.release().catch(() => undefined)
    if (admin.isInitialized) await admin.destroy().catch(() => undefined)
  }

  async #release(): Promise<void> {
    if (this.#released) return
    this.#released = true
    await this.#parts.lock?.release()
    await this.#parts.work?.release().catch(() => undefined)
  }
}

async function rowsOf(database: Queryable): Promise<readonly CopiedTable[]> {
  const tables = await dumpedTables(database)
  const counts = await countRows(database, tables)
  return tables.map(({ schema, name }, index) => ({ schema, name, rows: counts[index] ?? 0 }))
}

/** @throws AludelError `ALUDEL_RESTORE` naming the first table that has other rows than the manifest */
function requireRows(file: string, expected: readonly CopiedTable[] | undefined, there: readonly CopiedTable[]): void {
  const found = new Map(there.map((table) => [keyOf(table), table.rows]))
  for (const table of expected ?? []) {
    const rows = found.get(keyOf(table))
    if (rows === table.rows) continue
    throw new AludelError(
      'ALUDEL_RESTORE',
      `${JSON.stringify(file)} was restored with ${rows === undefined ? 'no' : String(rows)} rows of ${keyOf(table)} instead of ${String(table.rows)}`,
      { help: 'Nothing was changed. Choose another backup: aludel backup list', details: { path: file } },
    )
  }
}

async function versionOf(admin: Queryable): Promise<number> {
  const [row] = (await admin.query(`SELECT current_setting('server_version_num')::integer AS version`)) as {
    version: number
  }[]
  return row?.version ?? 0
}

async function tablespaceExists(admin: Queryable, name: string | undefined): Promise<boolean> {
  if (name === undefined) return true
  const rows = await admin.query('SELECT FROM pg_catalog.pg_tablespace WHERE spcname = $1', [name])
  return (rows as unknown[]).length > 0
}
