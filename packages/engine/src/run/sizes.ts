import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { MigratorContext } from '../project/context'
import type { PlanResult, SizedPlanResult } from '../results'
import { tablesMentioned } from '../sql/mentions'
import { plannedBackup, type WhenToBackUp } from './back-up'
import { fingerprintOf } from './fingerprint'
import type { RunPlan } from './plan'

/**
 * Adds to a plan how large the tables are that it touches, and what would be backed up. Counts nothing: the sizes are those of the
 * catalog.
 *
 * @param shown the plan as a result
 */
export async function withSizes(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  plan: RunPlan,
  shown: PlanResult,
  options: WhenToBackUp,
): Promise<SizedPlanResult> {
  const present = await dialect.introspection.tableNames(runner)
  const touched = plan.steps.map((step) => touchedTables(step, present))
  const estimates = await dialect.introspection.estimateSizes(runner, [
    ...new Set(touched.flatMap((names) => [...names])),
  ])
  const steps = shown.steps.map((step, at) => ({
    ...step,
    tables: estimates.filter(({ name }) => touched[at]?.has(name) === true),
  }))
  const isLost = ({ destroys, keeps = [] }: PlanResult['steps'][number]): boolean =>
    destroys.some((text) => !keeps.some((one) => one.kept && one.text === text))
  return {
    ...shown,
    steps,
    needsConfirmation: steps.some(isLost),
    backup: await plannedBackup(context, dialect, runner, plan, options),
    fingerprint: fingerprintOf(plan),
  }
}

/** The existing tables that a step locks, rewrites or names. */
function touchedTables(
  { statements, effects }: RunPlan['steps'][number],
  present: readonly string[],
): ReadonlySet<string> {
  const named = (statements ?? []).flatMap((sql) => tablesMentioned(sql, present))
  const known = [
    ...effects.destroys.flatMap(({ table }) => table ?? []),
    ...effects.locks.flatMap(({ table, isIndex }) => (isIndex === true ? [] : [table])),
    ...effects.rewrites,
  ]
  return new Set([...named, ...known])
}
