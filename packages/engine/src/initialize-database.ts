import { commands } from './lazy'
import { MigratorContext } from './project/context'
import type { MigratorOptions } from './project/options'
import type { InitializeOptions, InitializeResult } from './run/start-up'

/**
 * Upgrades a database to the heads of its revisions when an application starts. Several processes may call it at once:
 * one runs the revisions, and the others wait for it. If nothing is pending, it sends two queries.
 *
 * - Empty database: all revisions run.
 * - Tables but no history (created by `synchronize`, or manually): if the schema equals that of a revision, the revision
 *   is recorded and the later ones run; otherwise nothing is changed.
 * - Database ahead of the revisions: a warning if nothing is pending.
 *
 * @returns the action taken, the applied revisions, and warnings to log
 * @throws AludelError `ALUDEL_SCHEMA_MISMATCH`, `ALUDEL_UNKNOWN_APPLIED`, `ALUDEL_UNEXPECTED_HEAD` with `expectHead`, and the errors of {@link Migrator.upgrade}
 * @example
 * const dataSource = new DataSource({ type: 'postgres', url: process.env.DATABASE_URL, entities })
 * const { action, warnings } = await initializeDatabase({ dataSource, revisions: 'dist/migrations' })
 * for (const warning of warnings) logger.warn(warning)
 */
export async function initializeDatabase(options: MigratorOptions & InitializeOptions): Promise<InitializeResult> {
  const context = new MigratorContext(options)
  if (options.expectHead !== undefined) await commands.expectation().refuseOtherHead(context, options.expectHead)
  // The application uses the DataSource afterwards, so it stays connected.
  const dataSource = await context.connection.connected()
  context.connection.keepOpen()
  try {
    return await commands.startUp().initialize(context, options)
  } catch (error) {
    if (!context.connection.wasInitialized) await dataSource.destroy().catch(() => undefined)
    throw error
  } finally {
    await context.close()
  }
}
