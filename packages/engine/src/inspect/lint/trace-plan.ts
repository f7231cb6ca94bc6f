import type { MigratorContext } from '../../project/context'
import type { PlanResult, PlanStep, TracedStatementResult } from '../../results'
import { lockText } from '../../sql/effects'
import { foretellSteps, type ForetellStepsOptions } from '../stalls/foretell-steps'
import type { ForetoldStep } from '../stalls/foretell'
import { takenTime } from '../stalls/words'
import { type StepTrace, traceRevisions, type TracedStatement, type TracedStep } from './trace'

/**
 * Adds to a plan what its statements did on a shadow database with sample rows, and for how long each step would keep others waiting on
 * the live one. On SQLite there are no locks of tables to measure, only times.
 *
 * @param shown the plan as a result
 * @param options how it will run
 */
export async function withTrace<P extends PlanResult>(
  context: MigratorContext,
  shown: P,
  options: ForetellStepsOptions,
): Promise<P> {
  if (shown.steps.length === 0) return shown
  const dialect = await context.connection.dialect()
  const { graph } = await context.revisions.read()
  const judged = new Set(shown.steps.map(({ revision }) => revision).filter((id) => graph.has(id)))
  const needed = graph.ancestors(judged, { dependencies: true })
  const order = graph.order.filter(({ id }) => needed.has(id))
  const traced = await traceRevisions(context, dialect, order, judged)
  const foretold = await foretellSteps(context, dialect, shown.steps, traced, options)
  return { ...shown, steps: shown.steps.map((step) => ({ ...step, ...measuredStep(step, traced, foretold) })) }
}

/** What was measured of a step, as results contain it. */
function measuredStep(
  { revision, direction }: PlanStep,
  traced: readonly TracedStep[],
  foretold: readonly ForetoldStep[],
): Pick<PlanStep, 'measured' | 'unmeasured' | 'stalls' | 'stallsUnknown'> {
  const isOwn = (one: TracedStep | ForetoldStep): boolean => one.revision === revision && one.direction === direction
  const times = foretold.find(isOwn)
  const trace = times?.traced ?? traced.find(isOwn)
  const hasTimes = times !== undefined && times.statements.length > 0
  return {
    ...((trace !== undefined || hasTimes) && { measured: measuredStatements(trace, times) }),
    ...(trace?.error !== undefined && { unmeasured: trace.error }),
    ...(traced.length > 0 && trace === undefined ? {} : stallKeys(times, trace)),
  }
}

/** The stalls of a step, or why there are none; nothing of one whose failure says why. */
export function stallKeys(
  times: ForetoldStep | undefined,
  trace?: StepTrace,
): Pick<PlanStep, 'stalls' | 'stallsUnknown'> {
  if (times === undefined || trace?.error !== undefined) return {}
  return times.unknown === undefined ? { stalls: times.stalls } : { stallsUnknown: times.unknown }
}

/** The statements of a step as results contain them: what was traced of them, and how long they would take. */
export function measuredStatements(
  trace: StepTrace | undefined,
  times: ForetoldStep | undefined,
): readonly TracedStatementResult[] {
  if (trace === undefined)
    return (times?.statements ?? []).map(({ sql, ms }) => ({ sql, ...untouched, ...takenTime(ms) }))
  return trace.statements.map((statement, at) => {
    const ms = times?.statements[at]?.ms
    return { ...measuredOf(statement), ...(ms !== undefined && takenTime(ms)) }
  })
}

/** Of a statement of SQLite, where there are no locks of tables. */
const untouched = { locks: [], rewrites: [], rebuilds: [], scans: [] }

function measuredOf({ sql, measured }: TracedStatement): TracedStatementResult {
  if (measured === null) return { sql, locks: null, rewrites: null, rebuilds: null, scans: null }
  return { sql, ...measured, locks: measured.locks.map(lockText) }
}
