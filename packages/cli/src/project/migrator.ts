import { loadProject, Migrator, type MigratorOptions, type Project } from '@aludel/engine'

import type { CommandContext } from '../command-context'
import { projectDefaults } from './defaults'

/** Finds the project from the global options. */
export function openProject({ globals, cwd, env, enter }: CommandContext): Promise<Project> {
  return loadProject({
    cwd,
    env,
    databaseUrl: globals['database-url'],
    dataSource: globals['data-source'],
    revisions: globals.revisions,
    config: globals.config,
    enter,
    defaults: projectDefaults(cwd),
  })
}

/**
 * Runs `work` with the migrator of the project, and closes it afterwards.
 *
 * @param options of the command itself; `entities: 'defaults'` for commands that use the shipped entities
 */
export async function withMigrator<T>(
  context: CommandContext,
  work: (migrator: Migrator) => Promise<T>,
  {
    entities = 'project',
    ...extra
  }: Pick<MigratorOptions, 'lockTimeoutMs' | 'lock'> & { readonly entities?: 'project' | 'defaults' } = {},
): Promise<T> {
  const { limits, ...project } = await openProject(context)
  const migrator = new Migrator({
    ...project,
    ...limits,
    dataSource: () => project.dataSource(entities),
    onEvent: context.progress.onEvent,
    signal: context.signal,
    ...extra,
  })
  try {
    return await work(migrator)
  } finally {
    await migrator.close()
  }
}
