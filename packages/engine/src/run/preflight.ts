import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { LockKind } from '../dialect/roles/locks'
import type { MigratorContext } from '../project/context'
import { type Planner, readSteps } from './plan'

interface PreflightNeeds {
  /** Chooses what will run, as far as that is known without the lock; absent: only the history is written. */
  readonly planner?: Planner
  /** Default: that of the `Migrator`. */
  readonly lock?: LockKind
}

/**
 * Checks for what would make a run fail, before the lock is taken, a backup made or anything changed. A run that has
 * nothing to do needs no rights. Executes no code of a revision.
 *
 * @returns false if there is nothing to do, as far as that is known without the lock
 * @throws AludelError `ALUDEL_PERMISSION`, `ALUDEL_READ_ONLY`, `ALUDEL_SEARCH_PATH`, `ALUDEL_SERVER_VERSION`,
 *   `ALUDEL_DISK_SPACE`
 */
export async function preflight(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  { planner, lock }: PreflightNeeds = {},
): Promise<boolean> {
  // An invalid plan is reported under the lock, when no other migrator can change the history.
  const plan = planner === undefined ? undefined : await choose(context, runner, planner)
  if (plan?.steps.length === 0) return false
  const { table, journalTable } = await context.connection.history()
  await dialect.running.preflight(runner, {
    historyTable: table,
    journalTable,
    lock: lock ?? context.options.lock ?? 'session',
    statements: async () =>
      plan === undefined ? [] : (await readSteps(context, dialect, plan)).flatMap(({ statements }) => statements ?? []),
    warn: context.reporter.warn,
  })
  return true
}

async function choose(
  context: MigratorContext,
  runner: QueryRunner,
  planner: Planner,
): Promise<ReturnType<Planner> | undefined> {
  try {
    return planner(await context.state(runner))
  } catch {
    return undefined
  }
}
