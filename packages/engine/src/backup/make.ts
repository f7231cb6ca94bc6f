import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import type { Copied, CopyOptions, TablePath } from '../dialect/roles/backup'
import { AludelError, messageOf } from '../errors'
import type { MigratorContext } from '../project/context'
import { toolVersion } from '../version'
import { contentOf } from './checksum'
import { removeOld } from './keep'
import { type BackupReason, type Manifest, manifestFormat } from './manifest'
import { requireSpace } from './place'
import type { BackupStore } from './store'

interface MakeOptions {
  readonly store: BackupStore
  readonly reason: BackupReason
  /** See `BackupRole.findTools`. */
  readonly tools: string | null
  /** Only these tables; absent: the whole database. */
  readonly tables?: readonly TablePath[]
  /** Whether old backups are removed afterwards. Default is true. */
  readonly removesOld?: boolean
}

/** A backup that was made and verified. */
export interface Made {
  readonly manifest: Manifest
  /** The absolute path of its file or folder. */
  readonly path: string
}

/**
 * Makes a backup, verifies it and writes its manifest; then removes old backups of the same database, if the configuration says
 * which ones to keep.
 *
 * @throws AludelError `ALUDEL_BACKUP`, `ALUDEL_INTERRUPTED`; no file is left then, and nothing was changed
 */
export async function makeBackup(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  options: MakeOptions,
): Promise<Made> {
  const { store, reason, tools, tables } = options
  const { signal, reporter } = context
  reporter.progress('backing up')
  await store.prepare()
  await requireSpace(store, await dialect.backup.estimate(runner, tables ?? null))
  const createdAt = context.now()
  const id = await store.newId(createdAt)
  const ending = tables === undefined ? dialect.backup.extension : '.tables'
  const { settings, ...database } = await dialect.backup.describe(runner)
  const history = await (await context.connection.history()).located(runner)
  const partial = await store.begin(id, ending, tables === undefined ? 'file' : 'folder')
  try {
    let revision: readonly string[] = []
    const how: CopyOptions = {
      target: partial,
      tools,
      signal,
      onProgress: (progress) => reporter.emit({ type: 'backup', ...progress }),
      inSnapshot: async (snapshot) => {
        revision = await revisionIn(context, snapshot)
      },
    }
    const copied = await copy(dialect, runner, how, tables)
    const files = await contentOf(partial, id + ending, signal)
    const manifest: Manifest = {
      format: manifestFormat,
      id,
      kind: tables === undefined ? 'database' : 'tables',
      createdAt: createdAt.toISOString(),
      reason,
      toolVersion,
      program: copied.program,
      database: { dialect: dialect.name, ...database },
      revision,
      history: { table: history.table, journal: history.journalTable },
      tables: copied.tables,
      file: id + ending,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      files,
      settings,
    }
    signal?.throwIfAborted()
    await store.finish(partial, manifest)
    if (options.removesOld !== false) await removeOld(store, manifest, context.options.backups?.keep, context)
    return { manifest, path: store.pathOf(id, ending) }
  } catch (error) {
    await store.abandon(partial)
    if (signal?.aborted !== true) throw asBackupError(error, store)
    throw new AludelError('ALUDEL_INTERRUPTED', 'interrupted while the backup was made', {
      help: 'Nothing was changed.',
      cause: error,
    })
  }
}

function copy(
  { backup }: Dialect,
  runner: QueryRunner,
  options: CopyOptions,
  tables: readonly TablePath[] | undefined,
): Promise<Copied> {
  return tables === undefined ? backup.copy(runner, options) : backup.copyTables(runner, options, tables)
}

/** The applied heads. A backup is also possible where the revision files are broken, which may be why somebody wants one. */
async function revisionIn(context: MigratorContext, snapshot: Queryable): Promise<readonly string[]> {
  try {
    await context.revisions.read()
  } catch (error) {
    context.reporter.warn(`the backup does not say which revision it has: ${messageOf(error)}`)
    return []
  }
  return (await context.state(snapshot)).current
}

function asBackupError(error: unknown, { directory }: BackupStore): unknown {
  if (error instanceof AludelError) return error
  return new AludelError('ALUDEL_BACKUP', `the backup failed: ${messageOf(error)}`, {
    help: 'Nothing was changed. Fix the cause, or continue without a backup: --backup never',
    details: { directory },
    cause: error,
  })
}
