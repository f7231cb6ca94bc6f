import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../../dialect/dialect'
import type { ShadowOrigin } from '../../dialect/roles/shadow'
import type { MigratorContext } from '../../project/context'
import type { Revision } from '../../revision/revision'
import { inTransaction, replay } from '../../shadow/replay'
import { withRunner } from '../../shadow/shadows'

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

/** A stage of which each trial gets a new database, as production would commit. Close it. */
export class FreshStage implements Stage {
  readonly isolated = false
  /** Undefined: not made yet; null: databases cannot be copied here. */
  #origin: ShadowOrigin | null | undefined

  constructor(
    private readonly context: MigratorContext,
    private readonly dialect: Dialect,
    private readonly below: readonly Revision[],
    private readonly ground: Ground,
  ) {}

  async trial<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const shadows = await this.context.shadows()
    if (this.#origin === undefined) this.#origin = (await this.#makeOrigin()) ?? null
    const database = await (this.#origin?.copy() ?? shadows.open(this.dialect))
    try {
      return await withRunner(database.dataSource, async (runner) => {
        if (this.#origin === null) await this.#prepare(runner)
        return work(runner)
      })
    } finally {
      await database.drop()
    }
  }

  async #makeOrigin(): Promise<ShadowOrigin | undefined> {
    const shadows = await this.context.shadows()
    const database = await shadows.open(this.dialect)
    try {
      await withRunner(database.dataSource, (runner) => this.#prepare(runner))
      const origin = await (await shadows.server(this.dialect)).keep(database)
      if (origin === undefined) await database.drop()
      return origin
    } catch (error) {
      await database.drop()
      throw error
    }
  }

  async #prepare(runner: QueryRunner): Promise<void> {
    await replay(this.dialect, runner, this.below, 'upgrade', this.context.revisions.loadToReplay)
    await this.ground(runner)
  }

  async close(): Promise<void> {
    await this.#origin?.drop()
    this.#origin = undefined
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
