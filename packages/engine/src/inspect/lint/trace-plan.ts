import type { MigratorContext } from '../../project/context'
import type { PlanResult, PlanStep, TracedStatementResult } from '../../results'
import { lockText } from '../../sql/effects'
import { traceRevisions, type TracedStatement } from './trace'

/**
 * Adds to a plan what its statements did on a shadow database with sample rows. On SQLite there is nothing to measure.
 *
 * @param shown the plan as a result
 */
export async function withTrace<P extends PlanResult>(context: MigratorContext, shown: P): Promise<P> {
  const dialect = await context.connection.dialect()
  const { graph } = await context.revisions.read()
  const judged = new Set(shown.steps.map(({ revision }) => revision).filter((id) => graph.has(id)))
  const needed = graph.ancestors(judged, { dependencies: true })
  const order = graph.order.filter(({ id }) => needed.has(id))
  const traced = await traceRevisions(context, dialect, order, judged)
  const steps = shown.steps.map((step): PlanStep => {
    const found = traced.find(({ revision, direction }) => revision === step.revision && direction === step.direction)
    if (found === undefined) return step
    const { statements, error } = found
    return { ...step, measured: statements.map(measuredOf), ...(error !== undefined && { unmeasured: error }) }
  })
  return { ...shown, steps }
}

/** A traced statement as results contain it. */
export function measuredOf({ sql, measured }: TracedStatement): TracedStatementResult {
  if (measured === null) return { sql, locks: null, rewrites: null, rebuilds: null, scans: null }
  return { sql, ...measured, locks: measured.locks.map(lockText) }
}
