import path from 'node:path'

import type { DataSource } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { LockKind, LockOptions } from '../dialect/roles/locks'
import type { RestoredBackup, RestoreOptions, RestoreProgress, Restoring } from '../dialect/roles/restore'
import { messageOf } from '../errors'
import { journalName } from '../history/history'
import type { MigratorContext } from '../project/context'
import type { RestorePlan, RestoreResult } from '../results'
import { newBackupId } from './store'
import type { BackupPlace } from './create'
import { afterInterruption, requireConfirmation } from './restore-confirm'
import { tablesOf } from './restore-plan'
import { type ChosenBackup, chooseBackup, chooseFile } from './restore-source'
import { restoreTables } from './restore-tables'

/** Options of `Migrator.restoreBackup`. */
export interface RestoreBackupOptions extends BackupPlace {
  /** Restores this file, which needs no manifest, instead of a backup in the directory. Relative to the project. */
  readonly file?: string
  /**
   * PostgreSQL: ends the sessions of others, instead of refusing to replace the database. SQLite: replaces the file although
   * others have it open, whose next statement then fails. Default is false.
   */
  readonly disconnect?: boolean
  /** Keeps no copy of the database that is replaced. Default is false. */
  readonly dropOld?: boolean
  /** Restores owners and rights. Without, everything belongs to the user of the connection. Default is true. */
  readonly owners?: boolean
  /** PostgreSQL: the database to connect to meanwhile. Default: `postgres`, `template1`, or any other. */
  readonly maintenanceDatabase?: string
  /** Milliseconds to wait for another migrator. Default: that of the `Migrator`. */
  readonly lockTimeoutMs?: number
  /** The kind of lock. Default: that of the `Migrator`. */
  readonly lock?: LockKind
  /** Receives what would be replaced; false stops. Absent: it is replaced without confirmation. */
  readonly confirm?: (plan: RestorePlan) => Promise<boolean>
}

/**
 * Restores a backup: beside the database, verified, then swapped. A copy of tables replaces their rows in the database itself, in
 * one transaction.
 *
 * @param ref an id, a unique prefix of one, or `latest`: the newest one of this database; not needed with `file`
 * @throws AludelError `ALUDEL_UNKNOWN_BACKUP`, `ALUDEL_BACKUP` when it is damaged, `ALUDEL_RESTORE` when it cannot be restored,
 *   `ALUDEL_CONNECTED` when others are connected, `ALUDEL_CONFIRMATION`, `ALUDEL_LOCKED`, `ALUDEL_PERMISSION`,
 *   `ALUDEL_BACKUP_TOOLS`, `ALUDEL_DISK_SPACE`, `ALUDEL_INTERRUPTED`; nothing was changed then
 */
export async function restoreBackup(
  context: MigratorContext,
  ref: string | undefined,
  options: RestoreBackupOptions = {},
): Promise<RestoreResult> {
  return afterInterruption(context, async () => {
    const dialect = await context.connection.dialect()
    const dataSource = await context.connection.dataSource()
    const chosen =
      options.file === undefined
        ? await chooseBackup(context, dialect, dataSource, ref, options)
        : await chooseFile(dialect, path.resolve(context.root, options.file))
    if (chosen.kind === 'tables')
      return restoreTables(context, dialect, chosen, await lockOptions(context, options), options)
    return context.connection.whileClosed(() => replace(context, dialect, dataSource, chosen, options))
  })
}

/** Replaces the whole database. Nothing is connected to it through this context. */
async function replace(
  context: MigratorContext,
  dialect: Dialect,
  dataSource: DataSource,
  chosen: ChosenBackup,
  options: RestoreBackupOptions,
): Promise<RestoreResult> {
  const { reporter } = context
  const lock = await lockOptions(context, options)
  const restoring = await dialect.restore.open(dialectOptions(context, dataSource, chosen, lock, options))
  try {
    for (const name of restoring.removed) reporter.warn(`removed ${name}, which an interrupted restore has left`)
    const disconnected = await restoring.others()
    if (options.confirm !== undefined) {
      reporter.progress('counting rows')
      const plan: RestorePlan = {
        ...describe(dialect, restoring, chosen),
        tables: tablesOf(await restoring.rows(), chosen.manifest?.tables),
        disconnected,
      }
      await requireConfirmation(plan, options.confirm)
    }
    await restoring.load()
    const revision = chosen.manifest?.revision ?? (await revisionOf(context, restoring))
    context.signal?.throwIfAborted()
    reporter.progress('replacing the database')
    await restoring.swap()
    return {
      restored: chosen.id ?? chosen.path,
      revision,
      path: chosen.path,
      kind: 'database',
      database: { dialect: dialect.name, name: restoring.name },
      kept: restoring.kept,
      removed: restoring.removed,
    }
  } finally {
    await restoring.close()
  }
}

function dialectOptions(
  context: MigratorContext,
  template: DataSource,
  chosen: ChosenBackup,
  lock: LockOptions,
  options: RestoreBackupOptions,
): RestoreOptions {
  const { manifest } = chosen
  const backup: RestoredBackup = {
    id: chosen.id ?? newBackupId(context.now()),
    file: chosen.path,
    made:
      manifest === undefined
        ? undefined
        : {
            sha256: manifest.files[0]?.sha256 ?? '',
            program: manifest.program,
            serverVersion: manifest.database.serverVersion,
            tables: manifest.tables,
            settings: manifest.settings,
          },
  }
  return {
    template,
    backup,
    lock,
    journal: journalName,
    tools: context.options.backups?.tools,
    maintenanceDatabase: options.maintenanceDatabase,
    withOwners: options.owners ?? true,
    disconnect: options.disconnect ?? false,
    keep: options.dropOld !== true,
    signal: context.signal,
    onProgress: (progress) => {
      report(context, progress)
    },
    warn: context.reporter.warn,
  }
}

function report({ reporter }: MigratorContext, progress: RestoreProgress): void {
  if (progress.phase === 'table') reporter.progress(`restoring ${progress.name}`)
  else reporter.emit({ type: 'restore', ...progress })
}

async function lockOptions(context: MigratorContext, own: RestoreBackupOptions): Promise<LockOptions> {
  const { options, reporter, signal } = context
  const { table } = await context.connection.history()
  return {
    key: table,
    timeoutMs: own.lockTimeoutMs ?? options.lockTimeoutMs ?? 30_000,
    kind: own.lock ?? options.lock ?? 'session',
    leaseMs: options.leaseMs,
    owner: context.actor,
    onWait: (waitedMs, holder) => {
      reporter.emit({ type: 'waiting', waitedMs, holder })
    },
    signal,
  }
}

function describe(
  dialect: Dialect,
  restoring: Restoring,
  { id, path: file, manifest }: ChosenBackup,
): Omit<RestorePlan, 'tables' | 'disconnected'> {
  return {
    backup: {
      id,
      path: file,
      kind: 'database',
      createdAt: manifest?.createdAt ?? null,
      revision: manifest?.revision ?? null,
      database: manifest?.database.name ?? null,
    },
    database: { dialect: dialect.name, name: restoring.name },
    exists: restoring.exists,
    kept: restoring.kept,
  }
}

/** The applied heads in what was loaded from a file without a manifest. */
async function revisionOf(context: MigratorContext, restoring: Restoring): Promise<readonly string[]> {
  try {
    return (await restoring.within((database) => context.state(database))).current
  } catch (error) {
    context.reporter.warn(`it is not known which revision was restored: ${messageOf(error)}`)
    return []
  }
}
