import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import type { RebuildWatch } from '../dialect/roles/running'
import { isAludelError, messageOf } from '../errors'
import type { MigratorContext } from '../project/context'
import type { Revision } from '../revision/revision'
import type { Schema } from '../schema/schema'
import { replayedSchema } from '../shadow/schemas'
import type { RunPlan } from './plan'

/**
 * The watch that keeps what only the live database has while a plan runs. On SQLite, for a plan that rebuilds tables, the
 * applied revisions are replayed (in memory, or from the cache) and compared with the live database; on PostgreSQL, the
 * watch restores what objects lose when they are recreated.
 *
 * @throws AludelError `ALUDEL_DATA_LOSS` when a column that no revision has would be lost
 */
export async function watchRebuilds(
  context: MigratorContext,
  dialect: Dialect,
  { state, steps }: RunPlan,
  database: Queryable,
): Promise<RebuildWatch> {
  return dialect.running.watch({
    database,
    // Without applied revisions, nothing can be missing from them.
    steps: state.applied.size === 0 ? [] : steps.map(({ statements }) => statements),
    expected: () => expectedSchema(context, dialect, state.graph.sort(state.applied)),
    ignoreTables: await context.connection.ignoreTables(),
    warn: context.reporter.warn,
  })
}

async function expectedSchema(
  context: MigratorContext,
  dialect: Dialect,
  applied: readonly Revision[],
): Promise<Schema | null> {
  try {
    return await replayedSchema(context, dialect, applied)
  } catch (error) {
    if (isAludelError(error, 'ALUDEL_INTERRUPTED')) throw error
    context.reporter.warn(
      `a table is rebuilt, and objects that exist only in this database may be lost, because the applied revisions cannot be replayed: ${messageOf(error)}`,
    )
    return null
  }
}
