import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../../dialect/dialect'
import type { MigratorContext } from '../../project/context'
import type { Revision } from '../../revision/revision'
import { inTransaction, replay } from '../../shadow/replay'

/** A database in some state, in which trials begin and which none of them changes. */
export interface Stage {
  /** False: each trial has a database of its own, and commits. */
  readonly isolated: boolean
  trial<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T>
}

/** Prepares what all trials begin with: rows, or a revision that was applied. */
export type Ground = (runner: QueryRunner) => Promise<void>

/** A stage in a transaction of a database, which is rolled back at the end; each trial is a savepoint. */
export async function onStage<T>(
  dialect: Dialect,
  runner: QueryRunner,
  ground: Ground,
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  const prepared = await dialect.running.prepare(runner)
  try {
    await runner.startTransaction()
    try {
      await ground(runner)
      return await work({ isolated: true, trial: (trial) => rolledBack(runner, () => trial(runner)) })
    } finally {
      await runner.rollbackTransaction()
    }
  } finally {
    await prepared.restore()
  }
}

/** Does something in a transaction, or in a savepoint of an open one, and undoes it. */
export async function rolledBack<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  await runner.startTransaction()
  try {
    return await work()
  } finally {
    await runner.rollbackTransaction()
  }
}

/** A stage of which each trial gets a new database, as production would commit. */
export function freshStage(
  context: MigratorContext,
  dialect: Dialect,
  below: readonly Revision[],
  ground: Ground,
): Stage {
  return {
    isolated: false,
    trial: async (work) =>
      (await context.shadows()).withRunner(dialect, async (runner) => {
        await replay(dialect, runner, below, 'upgrade', context.revisions.load)
        await ground(runner)
        return work(runner)
      }),
  }
}

/**
 * Inserts rows that the database allows, together with everything that it checks at the end of a transaction.
 *
 * @param unchecked without that
 */
export async function insertAllowed<T>(
  dialect: Dialect,
  runner: QueryRunner,
  insert: () => Promise<T>,
  unchecked = false,
): Promise<T | undefined> {
  const prepared = await dialect.running.prepare(runner)
  try {
    await prepared.beforeRevision()
    return await inTransaction(runner, async () => {
      const result = await insert()
      if (!unchecked) await dialect.running.beforeCommit(runner)
      return result
    })
  } catch {
    return undefined
  } finally {
    await prepared.restore()
  }
}
