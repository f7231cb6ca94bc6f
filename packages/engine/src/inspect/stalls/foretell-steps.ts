import type { Dialect } from '../../dialect/dialect'
import { type KeepOptions, keeps } from '../../kept/options'
import type { MigratorContext } from '../../project/context'
import type { PlanStep } from '../../results'
import type { StepTrace } from '../lint/trace'
import { foretell, type ForetellOptions, type ForetoldStep } from './foretell'
import type { ModelStep } from './timed-steps'

/** How the steps will run: see `MigrateOptions`. */
export type ForetellStepsOptions = KeepOptions & { readonly transaction?: ForetellOptions['transaction'] }

/**
 * Foretells for how long the steps of a plan would keep others waiting.
 *
 * @param steps in run order, on the live database as it is
 * @param traced see {@link foretell}
 */
export async function foretellSteps(
  context: MigratorContext,
  dialect: Dialect,
  steps: readonly Pick<PlanStep, 'revision' | 'direction' | 'stopped' | 'givesBack'>[],
  traced: readonly StepTrace[],
  { keepDropped = context.options.keepDropped, transaction = 'each' }: ForetellStepsOptions = {},
): Promise<readonly ForetoldStep[]> {
  const { graph, applied: names, unknown } = await context.state()
  const each = (reason: string): readonly ForetoldStep[] =>
    steps.map(({ revision, direction }) => ({ revision, direction, statements: [], stalls: [], unknown: reason }))
  if (unknown.length > 0) return each('the database has revisions with no matching file')
  if (steps.some(({ stopped }) => stopped !== undefined)) return each('an earlier run stopped half-way')
  const known = steps.flatMap(({ revision: id, direction }): ModelStep[] =>
    graph.has(id) ? [{ revision: graph.get(id), direction }] : [],
  )
  if (known.length < steps.length) return each('the plan has revisions with no matching file')
  const applied = graph.order.filter(({ id }) => names.has(id))
  const options = { keeps: keeps(keepDropped), transaction }
  const foretold = await foretell(context, dialect, applied, known, traced, options)
  return foretold.map((step, at) => {
    if ((steps[at]?.givesBack ?? []).length === 0) return step
    return {
      ...step,
      statements: [],
      stalls: [],
      unknown: 'it gives back what was kept, and a model has nothing that was kept',
    }
  })
}

/** {@link foretellSteps} of those that an upgrade to some revisions would run. */
export async function foretellPending(
  context: MigratorContext,
  dialect: Dialect,
  judged: ReadonlySet<string>,
  traced: readonly StepTrace[],
): Promise<readonly ForetoldStep[]> {
  const { graph, applied } = await context.state()
  const wanted = graph.ancestors(
    [...judged].filter((id) => graph.has(id)),
    { dependencies: true },
  )
  const pending = graph.order.filter(({ id }) => wanted.has(id) && !applied.has(id))
  const steps = pending.map(({ id }) => ({ revision: id, direction: 'upgrade' as const }))
  return foretellSteps(context, dialect, steps, traced)
}
