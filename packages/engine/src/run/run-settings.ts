import type { QueryRunner } from 'typeorm'

import type { Context } from '../project/context'
import type { Dialect } from '../dialect/dialect'
import { recordedChecksum } from '../files/checksum'
import { refuseUnknown, type State } from '../history/state'
import { watchRebuilds } from './rebuilds'
import { planDowngrade, planUpgrade } from '../revision/planner'
import type { Direction, Plan } from '../revision/revision'
import type { RunOptions } from './executor'
import type { LimitOptions } from '../project/limits'
import { toolVersion } from '../version'

/** The plan that leads to `target`; refused when it would run on a database that these files do not fully know. */
export function planTo(direction: Direction, state: State, target: string): Plan {
  const { graph } = state
  const plan =
    direction === 'upgrade' ? planUpgrade(graph, state.applied, target) : planDowngrade(graph, state.applied, target)
  if (plan.steps.length > 0) refuseUnknown(state)
  return plan
}

/** What every run of a project has in common, whoever starts it. */
export async function runSettings(
  context: Context,
  dialect: Dialect,
  queryRunner: QueryRunner,
): Promise<Omit<RunOptions, 'replan' | 'lockTimeoutMs'>> {
  const history = await context.history()
  return {
    dialect,
    dataSource: await context.dataSource(),
    queryRunner,
    history,
    loadMigration: context.load,
    checksumOf: recordedChecksum,
    lockKey: history.table,
    listener: context.emit,
    clock: { now: () => context.now() },
    actor: context.actor,
    ...context.lockSettings,
    toolVersion,
    limits: limitsFor(context, {}),
    watch: async (plan, applied, database) =>
      dialect.watchRebuilds === undefined
        ? dialect.watchViews?.((message) => {
            context.warn(message)
          })
        : watchRebuilds(context, dialect, plan, applied, database),
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  }
}

/** The limits of one run before those of the project. */
export function limitsFor({ options }: Context, given: LimitOptions): LimitOptions {
  const tableLockTimeoutMs = given.tableLockTimeoutMs ?? options.tableLockTimeoutMs
  const tableLockRetryMs = given.tableLockRetryMs ?? options.tableLockRetryMs
  const statementTimeoutMs = given.statementTimeoutMs ?? options.statementTimeoutMs
  return {
    ...(tableLockTimeoutMs === undefined ? {} : { tableLockTimeoutMs }),
    ...(tableLockRetryMs === undefined ? {} : { tableLockRetryMs }),
    ...(statementTimeoutMs === undefined ? {} : { statementTimeoutMs }),
  }
}
