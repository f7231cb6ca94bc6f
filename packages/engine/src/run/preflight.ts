import type { QueryRunner } from 'typeorm'

import type { Context } from '../project/context'
import type { Dialect, LockKind } from '../dialect/dialect'
import type { Plan } from '../revision/revision'
import { recordPlan } from './plan'

export interface PreflightNeeds {
  /** What will run, as far as that can be said without the lock; absent: only the history is written. */
  readonly planned?: () => Promise<Plan>
  /** Default that of the `Migrator`. */
  readonly lock?: LockKind
}

/**
 * Looks for what would make a run fail, before the lock is taken, a backup made or anything changed. A run that has
 * nothing to do needs no rights.
 *
 * @throws AludelError `ALUDEL_PERMISSION`, `ALUDEL_READ_ONLY`, `ALUDEL_SEARCH_PATH`, `ALUDEL_SERVER_VERSION`,
 *   `ALUDEL_DISK_SPACE`
 */
export async function preflight(
  context: Context,
  dialect: Dialect,
  runner: QueryRunner,
  { planned, lock }: PreflightNeeds = {},
): Promise<void> {
  // What is wrong with a plan is said under the lock, when nobody changes the history any more.
  const plan = await planned?.().catch(() => null)
  if (plan?.steps.length === 0) return
  const { table, journalTable } = await context.history()
  await dialect.preflight(runner, {
    historyTable: table,
    journalTable,
    lock: lock ?? context.options.lock ?? 'session',
    statements: async () =>
      plan == null ? [] : (await recordPlan(context, dialect, plan)).flatMap(({ statements }) => statements),
    warn: (message) => {
      context.warn(message)
    },
  })
}
