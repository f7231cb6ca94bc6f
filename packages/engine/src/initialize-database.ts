import { commands } from './lazy'
import { MigratorContext } from './project/context'
import type { MigratorOptions } from './project/options'
import type { InitializeOptions, InitializeResult } from './run/start-up'

/**
 * Brings a database to the heads of its revisions when an application starts. Any number of processes may do so at
 * once: one works, the others wait and find it done. When nothing is pending it costs one query.
 *
 * - An empty database: all revisions are run.
 * - Tables but no history (made by `synchronize`, or by hand): when they equal those of a revision, it is recorded and
 *   the later ones are run; otherwise nothing is touched.
 * - A database ahead of the revisions: a warning when nothing is pending.
 *
 * @throws AludelError `ALUDEL_SCHEMA_MISMATCH`, `ALUDEL_UNKNOWN_APPLIED`, and whatever running the revisions throws
 * @example
 * const dataSource = new DataSource({ type: 'postgres', url: process.env.DATABASE_URL, entities })
 * const { action, warnings } = await initializeDatabase({ dataSource, revisions: revisionsDirectory })
 * for (const warning of warnings) logger.warn(warning)
 */
export async function initializeDatabase(options: MigratorOptions & InitializeOptions): Promise<InitializeResult> {
  const context = new MigratorContext(options)
  // The DataSource is the application's: it is connected for it, and stays so.
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
