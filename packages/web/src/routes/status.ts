import type { AludelError } from '@aludel/engine'
import { holderWords, isAludelError, type Migrator } from '@aludel/engine'

import type { DriftReport, KnownDrift, Status } from '../api/types'
import type { Services } from '../services'
import { clientGone, defineRoute } from './route'

/** Runs of the journal on the overview. */
const lastRuns = 10

export const statusRoutes = [
  defineRoute({
    method: 'GET',
    path: '/status',
    summary: 'Where the database is, what is wrong with it, and what is at work',
    access: 'session',
    answer: { schema: 'Status' },
    handle: async (_input, services): Promise<Status> => ({
      ...(await services.status.get()),
      running: services.runs.running,
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/drift',
    summary: 'Compare entities, revisions and database, with a replay on a shadow database',
    access: 'look',
    answer: { schema: 'DriftReport' },
    handle: ({ reply }, services): Promise<DriftReport> => services.drift.check(clientGone(reply)),
  }),
  defineRoute({
    method: 'GET',
    path: '/drift',
    summary:
      'Whether the database is as its revisions made it, if that is known or can be found without a scratch database on its server',
    access: 'session',
    answer: { schema: 'KnownDrift' },
    handle: (_input, services): Promise<KnownDrift> => services.drift.get(),
  }),
]

/** Reads the status. */
export async function readStatus(migrator: Migrator, services: Services): Promise<Omit<Status, 'running'>> {
  const { tables: unrecordedTables, ...current } = await migrator.current({ verbose: true })
  const holder = await lockedBy(migrator)
  const info = await services.info(migrator, current.current, holder !== null)
  const { runs } = await migrator.journal({ limit: lastRuns })
  // A directory that cannot be read must not hide the database.
  const lastBackup = await migrator.lastBackup().catch(() => undefined)
  return {
    ...current,
    database: info.database,
    findings: current.findings ?? [],
    lastRuns: runs,
    leftovers: info.leftovers ?? [],
    lockedBy: holder,
    tables: info.tables,
    ...(unrecordedTables === undefined ? {} : { unrecordedTables }),
    ...(lastBackup === undefined ? {} : { lastBackup }),
    driftState: `${(await migrator.driftState()).slice(0, 16)} ${services.drift.checkedAt}`,
    readAt: services.now().toISOString(),
  }
}

/** Who holds the lock. `unlock` tells it when it refuses, and it refuses what nobody confirms. */
async function lockedBy(migrator: Migrator): Promise<string | null> {
  try {
    const { lock } = await migrator.unlock({ confirm: () => Promise.resolve(false) })
    return lock === null ? null : holderWords(lock)
  } catch (error) {
    if (!isAludelError(error, 'ALUDEL_LOCK_LIVE', 'ALUDEL_CONFIRMATION')) throw error
    const { lock } = (error as AludelError<'ALUDEL_LOCK_LIVE'>).details
    return holderWords(lock)
  }
}
