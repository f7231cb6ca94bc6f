import { AludelError } from '../errors'
import { stateOf } from '../history/state'
import type { Keeping } from '../kept/keeping'
import type { MigratorContext } from '../project/context'
import type { RunListener } from '../project/events'
import type { RunResult } from '../results'
import { refuseOtherPlan } from './fingerprint'
import { guard } from './guard'
import { leftHalfway } from './halfway'
import type { MigrateOptions } from './run'
import type { RunPlan } from './plan'
import { type DoneStep, follow } from './run-values'
import { quietly } from './settings'

/** What was done under the lock. */
export interface Ran {
  readonly plan: RunPlan
  readonly done: readonly DoneStep[]
  /** The backup that was made first. */
  readonly backup: RunResult['backup']
  readonly keeping?: Keeping
}

/** Ends a run whose plan has no steps. */
export async function endWithout(context: MigratorContext, plan: RunPlan, options: MigrateOptions): Promise<RunResult> {
  accept(context, quietly(context.reporter.emit), plan, options)
  return resultOf(context, { plan, done: [], backup: null })
}

/** The result of a run: what it did, and where the database is now. */
export async function resultOf(context: MigratorContext, { plan, done, backup, keeping }: Ran): Promise<RunResult> {
  const names = new Set(plan.state.names)
  for (const { step } of done) follow(names, step)
  const halfway = leftHalfway(plan)
  const things = keeping === undefined ? [] : done.map(({ step }) => keeping.doneBy(step.revision))
  const [kept, givenBack] = [things.flatMap((one) => one.kept), things.flatMap((one) => one.givenBack)]
  return {
    direction: plan.direction,
    from: plan.from,
    // Once all revisions that a squash replaces are applied, the squash itself is what is applied.
    to: stateOf(await context.revisions.read(), [...names]).current,
    steps: done.map(({ step, durationMs }) => ({
      revision: step.revision.id,
      message: step.revision.message,
      direction: step.direction,
      durationMs,
    })),
    backup,
    ...(kept.length > 0 && { kept }),
    ...(givenBack.length > 0 && { givenBack }),
    older: plan.older,
    halfway: halfway.length === 0 ? undefined : halfway,
  }
}

/** Refuses a plan that must not run, and announces it. */
export function accept(
  context: MigratorContext,
  emit: RunListener,
  plan: RunPlan,
  { expectedSteps, expect, outOfOrder }: Pick<MigrateOptions, 'expectedSteps' | 'expect' | 'outOfOrder'>,
): void {
  refuseOtherSteps(plan, expectedSteps)
  refuseOtherPlan(plan, expect)
  guard(plan, { warn: context.reporter.warn, outOfOrder, agreed: isAgreed({ expectedSteps, expect }) })
  emit({ type: 'planned', steps: plan.steps })
}

/** Whether the user saw the plan, and confirmed it. */
export function isAgreed({ expectedSteps, expect }: Pick<MigrateOptions, 'expectedSteps' | 'expect'>): boolean {
  return expectedSteps !== undefined || expect !== undefined
}

function refuseOtherSteps(plan: RunPlan, expected: readonly string[] | undefined): void {
  if (expected === undefined) return
  const steps = plan.steps.map((step) => step.revision.id)
  if (steps.join() === expected.join()) return
  throw new AludelError('ALUDEL_CONFIRMATION', 'the plan changed while waiting for confirmation', {
    help: `Agreed: ${expected.join(', ')}. Now: ${steps.join(', ') || 'nothing'}. Nothing was changed; ask again.`,
    details: { agreed: expected, now: steps },
  })
}
