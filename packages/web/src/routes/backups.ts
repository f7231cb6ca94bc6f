import { AludelError, isAludelError, type Migrator, type RestorePlan } from '@aludel/engine'

import type {
  Backups,
  Kept,
  PrunedKept,
  PruneKeptRequest,
  Pruned,
  PruneRequest,
  Restore,
  RestoreRequest,
  Run,
} from '../api/types'
import { defineRoute } from './route'

export const backupRoutes = [
  defineRoute({
    method: 'GET',
    path: '/backups',
    summary: 'The backups, newest first',
    access: 'session',
    answer: { schema: 'Backups' },
    handle: (_input, { project }): Promise<Backups> => project.read((migrator) => migrator.listBackups()),
  }),
  defineRoute({
    method: 'POST',
    path: '/backups',
    summary: 'Make a backup of the database, and verify it',
    access: 'write',
    answer: { status: 202, schema: 'Run' },
    handle: ({ actor }, services): Promise<Run> =>
      services.start({
        kind: 'backup',
        title: 'back up the database',
        actor,
        perform: (control) =>
          services.project.work({ actor, ...control }, async (migrator) => ({
            ...(await migrator.createBackup()),
            state: 'complete' as const,
          })),
      }),
  }),
  defineRoute({
    method: 'POST',
    path: '/backups/:id/verify',
    summary: 'Read a backup again, and report whether it is intact',
    access: 'write',
    answer: { status: 202, schema: 'Run' },
    handle: async ({ id, actor }, services): Promise<Run> => {
      const { project } = services
      await requireBackup(project, id)
      return services.start({
        kind: 'verify-backup',
        title: `verify backup ${id}`,
        actor,
        perform: (control) => project.work({ actor, ...control }, (migrator) => migrator.verifyBackup(id)),
      })
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/backups/:id/restore',
    summary: 'What a restore would replace',
    access: 'write',
    answer: { schema: 'Restore' },
    handle: async ({ id, actor }, services): Promise<Restore> => {
      services.runs.refuseBusy()
      await requireBackup(services.project, id)
      return services.project.work({ actor }, (migrator) => restorePlan(migrator, id), true)
    },
  }),
  defineRoute<undefined, RestoreRequest>({
    method: 'POST',
    path: '/backups/:id/restore',
    summary: 'Put a backup in the place of the database',
    access: 'write',
    body: 'RestoreRequest',
    answer: { status: 202, schema: 'Run' },
    handle: async ({ id, body, actor }, services): Promise<Run> => {
      const { project } = services
      await requireBackup(project, id)
      await services.requireDatabaseName(body.confirm, 'The restore replaces the database.')
      return services.start({
        kind: 'restore',
        title: `restore backup ${id}`,
        actor,
        perform: (control) =>
          project.work(
            { actor, ...control },
            async (migrator) => {
              const { restored, revision, kept } = await migrator.restoreBackup(id, { disconnect: body.disconnect })
              return { restored, revision, kept }
            },
            true,
          ),
      })
    },
  }),
  defineRoute<undefined, PruneRequest>({
    method: 'POST',
    path: '/backups/prune',
    summary: 'Remove old backups of this database',
    access: 'write',
    body: 'PruneRequest',
    answer: { schema: 'Pruned' },
    handle: ({ body: { count, age, dryRun }, actor }, services): Promise<Pruned> => {
      const keep = count === undefined && age === undefined ? undefined : { count, age }
      services.runs.refuseBusy()
      return services.project.work({ actor }, (migrator) => migrator.pruneBackups({ keep, dryRun }))
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/kept',
    summary: 'What upgrades have kept of what they dropped',
    access: 'session',
    answer: { schema: 'Kept' },
    handle: (_input, { project }): Promise<Kept> => project.read((migrator) => migrator.kept()),
  }),
  defineRoute<undefined, PruneKeptRequest>({
    method: 'POST',
    path: '/kept/prune',
    summary: 'Remove what is kept, for good',
    access: 'write',
    body: 'PruneKeptRequest',
    answer: { schema: 'PrunedKept' },
    handle: async ({ body: { confirm, ...options }, actor }, services): Promise<PrunedKept> => {
      await services.requireDatabaseName(confirm, 'What is removed cannot be given back.')
      services.runs.refuseBusy()
      const result = await services.project.work({ actor }, (migrator) => migrator.pruneKept(options))
      services.changed()
      return result
    },
  }),
]

/** A wrong id is an answer, and no run that fails. */
async function requireBackup(project: { read<T>(work: (migrator: Migrator) => Promise<T>): Promise<T> }, id: string) {
  const { backups } = await project.read((migrator) => migrator.listBackups())
  if (backups.some((backup) => backup.id === id)) return
  throw new AludelError('ALUDEL_UNKNOWN_BACKUP', `no backup has the id ${id}`, {
    help: 'It may have been removed. List them again.',
    details: { backup: id, candidates: [] },
  })
}

/** The plan is what a restore shows to be confirmed, which is refused here. */
async function restorePlan(migrator: Migrator, id: string): Promise<RestorePlan> {
  let shown: RestorePlan | undefined
  const confirm = (plan: RestorePlan): Promise<boolean> => {
    shown = plan
    return Promise.resolve(false)
  }
  try {
    // Nothing is disconnected either: it only names who would be, instead of refusing.
    await migrator.restoreBackup(id, { disconnect: true, confirm })
  } catch (error) {
    if (shown !== undefined && isAludelError(error, 'ALUDEL_CONFIRMATION')) return shown
    throw error
  }
  throw new Error('the restore was not confirmed, and did not end')
}
