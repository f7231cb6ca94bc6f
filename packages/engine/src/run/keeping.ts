import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import type { KeepingStep } from '../dialect/roles/keeping'
import { keeps, type KeepOptions } from '../kept/options'
import type { Keeping, PlannedKeeping } from '../kept/keeping'
import type { MigratorContext } from '../project/context'
import type { PlanStep } from '../results'
import type { RunPlan } from './plan'
import type { Session } from './session'

/** Loaded when something may be kept or given back. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const work = () => require('../kept/keeping') as typeof import('../kept/keeping')

/**
 * Prepares what a run keeps or gives back: an upgrade with the option, and every downgrade.
 *
 * @returns undefined if that is nothing
 * @throws AludelError `ALUDEL_KEEP`, `ALUDEL_GIVE_BACK`; nothing was changed then
 */
export async function openKeeping(
  context: MigratorContext,
  { settings, queryRunner }: Session,
  plan: RunPlan,
  options: KeepOptions,
): Promise<Keeping | undefined> {
  const { dialect, history, toolVersion, now } = settings
  const { warn, progress } = context.reporter
  const planned = await keepingOf(context, dialect, queryRunner, plan, options)
  if (planned.length === 0) return undefined
  const { guardKeeping, Keeping } = work()
  guardKeeping(planned, warn)
  return new Keeping({ dialect, history: history.name, toolVersion, now, warn, progress }, planned)
}

/** What the steps of a plan keep and give back; empty if that is nothing. */
export async function keepingOf(
  context: MigratorContext,
  dialect: Dialect,
  database: Queryable,
  { direction, steps }: RunPlan,
  { keepDropped = context.options.keepDropped }: KeepOptions,
): Promise<readonly PlannedKeeping[]> {
  if (direction === 'upgrade' && !keeps(keepDropped)) return []
  const { name: history } = await context.connection.history()
  const planned = steps.map(({ revision, statements, effects, recorded }): KeepingStep => ({
    revision,
    statements,
    losses: effects.destroys,
    isRecorded: recorded !== undefined,
  }))
  return work().planKeeping({ dialect, history }, database, direction, planned, keeps(keepDropped))
}

/** The parts of a step in a plan that is shown. */
export function shownKeeping(planned: PlannedKeeping | undefined): Pick<PlanStep, 'keeps' | 'givesBack'> {
  if (planned === undefined) return {}
  const { direction, verdicts, returns } = planned
  if (direction === 'upgrade') {
    return { keeps: verdicts.map(({ loss, kept, reason }) => ({ text: loss.text, kept: kept === 'yes', reason })) }
  }
  if (returns.length === 0) return {}
  return {
    givesBack: returns.map(({ entry, rows, since, gets, obstacle }) => ({
      revision: entry.revision,
      kind: entry.kind,
      table: entry.schema === null ? entry.table : `${entry.schema}.${entry.table}`,
      column: entry.column,
      rows,
      since,
      gets,
      obstacle: obstacle?.message,
    })),
  }
}
