import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { Lock, LockOptions } from '../dialect/roles/locks'
import type { TableToRestore } from '../dialect/roles/restore'
import type { MigratorContext } from '../project/context'
import type { RestorePlan, RestoreResult } from '../results'
import { makeBackup } from './make'
import { storeOf } from './place'
import type { RestoreBackupOptions } from './restore'
import { requireConfirmation } from './restore-confirm'
import { displayed } from './restore-plan'
import type { ChosenBackup } from './restore-source'

/**
 * Replaces the rows of tables by those of a copy, in one transaction under the migration lock. The rows that they have now are
 * copied first, in the same way.
 */
export async function restoreTables(
  context: MigratorContext,
  dialect: Dialect,
  chosen: ChosenBackup,
  lock: LockOptions,
  options: RestoreBackupOptions,
): Promise<RestoreResult> {
  return context.connection.withReader(async (runner) => {
    const { name } = await dialect.introspection.describe(runner)
    const history = await (await context.connection.history()).located(runner)
    const held = await dialect.locks.acquire(runner, { ...lock, key: history.table })
    try {
      const tables = await dialect.restore.compareTables(runner, chosen.path)
      if (options.confirm !== undefined)
        await requireConfirmation(planOf(dialect, name, chosen, tables), options.confirm)
      const kept = options.dropOld === true ? null : await keepRows(context, dialect, runner, tables, options)
      context.reporter.emit({ type: 'restore', phase: 'copy', bytes: 0, total: null })
      await inTransaction(runner, held, async () => {
        await dialect.restore.restoreTables(runner, {
          folder: chosen.path,
          signal: context.signal,
          onProgress: (progress) => {
            if (progress.phase === 'table') context.reporter.progress(`restoring ${progress.name}`)
          },
        })
        context.signal?.throwIfAborted()
      })
      const { current } = await context.state(runner)
      return {
        restored: chosen.id ?? chosen.path,
        revision: current,
        path: chosen.path,
        kind: 'tables',
        database: { dialect: dialect.name, name },
        kept,
        removed: [],
      }
    } finally {
      await held.release()
    }
  })
}

async function inTransaction(runner: QueryRunner, lock: Lock, work: () => Promise<void>): Promise<void> {
  await lock.check()
  await runner.startTransaction()
  try {
    await lock.begin(runner)
    await work()
    await lock.beforeCommit(runner)
    await runner.commitTransaction()
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined)
    throw error
  }
}

/** Copies the rows that are replaced. Returns the path; null if there are none. */
async function keepRows(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  tables: readonly TableToRestore[],
  { directory }: RestoreBackupOptions,
): Promise<string | null> {
  const existing = tables.filter(({ now }) => now !== null && now > 0)
  if (existing.length === 0) return null
  const made = await makeBackup(context, dialect, runner, {
    store: storeOf(context, directory),
    reason: 'before-restore',
    tools: null,
    tables: existing.map(({ schema, name }) => ({ schema, name })),
    // The rules may not keep the backup that is restored next.
    removesOld: false,
  })
  return made.path
}

function planOf(
  dialect: Dialect,
  name: string,
  { id, path, manifest }: ChosenBackup,
  tables: readonly TableToRestore[],
): RestorePlan {
  return {
    backup: {
      id,
      path,
      kind: 'tables',
      createdAt: manifest?.createdAt ?? null,
      revision: manifest?.revision ?? null,
      database: manifest?.database.name ?? null,
    },
    database: { dialect: dialect.name, name },
    exists: true,
    kept: null,
    tables: tables.map((table) => ({ name: displayed(table), now: table.now, backup: table.rows })),
    disconnected: [],
  }
}
