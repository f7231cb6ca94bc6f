import type { Context } from '../project/context'
import type { Dialect, Queryable, RebuildWatch } from '../dialect/dialect'
import { messageOf } from '../errors'
import { stateOf } from '../history/state'
import type { AppliedRow } from '../history/types'
import type { Plan, Revision } from '../revision/revision'
import type { Schema } from '../schema/schema'
import { replayedSchema } from '../shadow/schemas'
import { recordPlan, type RecordedStep } from './plan'

/**
 * What stands by while a plan runs, on a database where changes make tables anew. Only for a plan that does so the applied
 * revisions are replayed (in memory, or from the cache): what the live database has beyond that is its own.
 *
 * @throws AludelError `ALUDEL_DATA_LOSS` when a column that no revision knows would be lost
 */
export async function watchRebuilds(
  context: Context,
  dialect: Dialect,
  plan: Plan,
  rows: readonly AppliedRow[],
  database: Queryable,
): Promise<RebuildWatch | undefined> {
  if (dialect.watchRebuilds === undefined) return undefined
  const state = stateOf(
    await context.files(),
    rows.map(({ name }) => name),
  )
  // On a new database there is nothing yet that only it could have.
  const recorded = state.applied.size === 0 ? [] : await readPlan(context, dialect, plan)
  return dialect.watchRebuilds({
    database,
    steps: recorded?.map(({ statements, unreadable }) => (unreadable ? null : statements)) ?? [null],
    expected: () => expectedSchema(context, dialect, state.graph.sort(state.applied)),
    ignoreTables: await context.ignoreTables(),
    warn: (message) => {
      context.warn(message)
    },
  })
}

/** Null when a step throws: it will do so again, and say why, when it is run. */
async function readPlan(context: Context, dialect: Dialect, plan: Plan): Promise<readonly RecordedStep[] | null> {
  try {
    return await recordPlan(context, dialect, plan)
  } catch {
    return null
  }
}

async function expectedSchema(
  context: Context,
  dialect: Dialect,
  applied: readonly Revision[],
): Promise<Schema | null> {
  try {
    return await replayedSchema(context, dialect, applied)
  } catch (error) {
    context.warn(
      `a table is made anew, and what this database alone has of it cannot be told, because the applied revisions cannot be replayed: ${messageOf(error)}`,
    )
    return null
  }
}
