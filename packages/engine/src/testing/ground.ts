import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { ShadowDatabase } from '../dialect/roles/shadow'
import type { MigratorContext } from '../project/context'
import type { Revision } from '../revision/revision'
import { replay } from '../shadow/replay'
import { withRunner } from '../shadow/shadows'

/** The state below a revision, from which databases begin. */
export interface Ground {
  /** False where databases cannot be copied: each replays the revisions below then, and the database given stays as it is. */
  readonly copies: boolean
  /** A new database in this state; the caller drops it. */
  open(): Promise<ShadowDatabase>
  /** Databases that were opened stay. Never throws. */
  drop(): Promise<void>
}

/**
 * The ground of a revision.
 *
 * @param base a database to which all revisions `below` were applied. It is used up if databases can be copied
 */
export async function groundOf(
  context: MigratorContext,
  dialect: Dialect,
  base: ShadowDatabase,
  below: readonly Revision[],
): Promise<Ground> {
  const shadows = await context.shadows()
  const origin = await (await shadows.server(dialect)).keep(base)
  if (origin !== undefined) return { copies: true, open: () => origin.copy(), drop: () => origin.drop() }
  return {
    copies: false,
    open: async () => {
      const database = await shadows.open(dialect)
      try {
        await apply(context, dialect, database, below)
        return database
      } catch (error) {
        await database.drop()
        throw error
      }
    },
    drop: () => Promise.resolve(),
  }
}

/**
 * Applies revisions to a scratch database.
 *
 * @throws AludelError `ALUDEL_REPLAY`
 */
export function apply(
  { revisions: { loadToReplay } }: MigratorContext,
  dialect: Dialect,
  { dataSource }: ShadowDatabase,
  revisions: readonly Revision[],
): Promise<void> {
  return withRunner(dataSource, (runner) => replay(dialect, runner, revisions, 'upgrade', loadToReplay))
}

/** Runs `work` on a new database of a ground, and drops it afterward. */
export async function onGround<T>(ground: Ground, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const database = await ground.open()
  try {
    return await withRunner(database.dataSource, work)
  } finally {
    await database.drop()
  }
}
