import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import { pauses } from '../files/pauses'
import type { MigratorContext } from '../project/context'
import type { PlanResult, SizedPlanResult } from '../results'
import { mentionsOf } from '../sql/mentions'
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
  const mentioned = mentionsOf(present)
  const pause = pauses()
  const touched: ReadonlySet<string>[] = []
  for (const step of plan.steps) {
    await pause()
    touched.push(touchedTables(step, mentioned))
  }
  const estimates = await dialect.introspection.estimateSizes(runner, [
    ...new Set(touched.flatMap((names) => [...names])),
  ])
  const places = new Map(estimates.map(({ name }, at) => [name, at]))
  const steps = shown.steps.map((step, at) => ({
    ...step,
    // In the order of the estimates.
    tables: [...(touched[at] ?? [])]
      .flatMap((name) => places.get(name) ?? [])
      .sort((one, other) => one - other)
      .flatMap((place) => estimates[place] ?? []),
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

/**
 * The existing tables that a step locks, rewrites or names.
 *
 * @param mentioned those that a statement names
 */
function touchedTables(
  { statements, effects }: RunPlan['steps'][number],
  mentioned: (sql: string) => readonly string[],
): ReadonlySet<string> {
  const named = (statements ?? []).flatMap(mentioned)
  const known = [
    ...effects.destroys.flatMap(({ table }) => table ?? []),
    ...effects.locks.flatMap(({ table, isIndex }) => (isIndex === true ? [] : [table])),
    ...effects.rewrites,
  ]
  return new Set([...named, ...known])
}
