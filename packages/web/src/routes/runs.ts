import { AludelError, isAludelError } from '@aludel/engine'

import type { Plan, Run, RunRequest, Runs, RunStep } from '../api/types'
import type { Services } from '../services'
import { planFor } from './plan'
import { defineRoute } from './route'

/** `GET /runs/:id/events` is in `events.ts`: its answer is a stream. */
export const runRoutes = [
  defineRoute({
    method: 'GET',
    path: '/runs',
    summary: 'What this server has done in the background since it started, newest first',
    access: 'session',
    answer: { schema: 'Runs' },
    handle: (_input, { runs }): Runs => ({ runs: runs.list() }),
  }),
  defineRoute({
    method: 'GET',
    path: '/runs/:id',
    summary: 'One of these',
    access: 'session',
    answer: { schema: 'Run' },
    handle: ({ id }, { runs }): Run => runs.get(id),
  }),
  defineRoute<undefined, RunRequest>({
    method: 'POST',
    path: '/runs',
    summary: 'Run the plan that was shown',
    access: 'write',
    body: 'RunRequest',
    answer: { status: 202, schema: 'Run' },
    handle: ({ body, actor }, services): Promise<Run> => startRun(body, actor, services),
  }),
  defineRoute({
    method: 'POST',
    path: '/runs/:id/cancel',
    summary: 'Stop a run at its next safe point',
    access: 'write',
    answer: { status: 202, schema: 'Run' },
    handle: ({ id }, { runs }): Run => runs.cancel(id),
  }),
]

/** Checks that the plan is the one that was shown, and confirmed, before anything begins. */
async function startRun(request: RunRequest, actor: string, services: Services): Promise<Run> {
  const { project, runs } = services
  runs.refuseBusy()
  const { direction, target, fingerprint, keepDropped, backup, transaction } = request
  const plan = await project.read((migrator) => planFor(migrator, { direction, target, keepDropped, backup }))
  requireSame(plan, fingerprint)
  if (plan.needsConfirmation) {
    const destroys = plan.steps.flatMap((step) => step.destroys)
    await services.requireDatabaseName(request.confirm, `The ${direction} would lose data.`, destroys)
  }
  const expectedSteps = plan.steps.map(({ revision }) => revision)
  // The run makes the plan again, under the lock.
  const options = { keepDropped, backup, transaction, expect: fingerprint, expectedSteps }
  return services.start({
    kind: direction,
    title: `${direction} to ${target}`,
    actor,
    perform: (control) => project.work({ actor, ...control }, (migrator) => migrator[direction](target, options)),
    resume: (error, steps) => resumeOf(error, steps, plan, target),
  })
}

function requireSame({ fingerprint: now, steps }: Plan, expected: string): void {
  if (now === expected) return
  throw new AludelError('ALUDEL_PLAN_CHANGED', 'the plan has changed since it was shown', {
    help: 'The database or the files have changed. Look at the plan again. Nothing was changed.',
    details: { expected, now, steps: steps.map(({ revision }) => revision) },
  })
}

/**
 * What goes on where a run has stopped. A target such as `-2` means something else then, so it is replaced by the revision at which
 * the run would have ended.
 */
function resumeOf(error: AludelError, steps: readonly RunStep[], plan: Plan, target: string): Run['resume'] {
  const isHalfway = error.kind === 'halfway'
  const isStopped = isAludelError(error, 'ALUDEL_INTERRUPTED') && steps.some(({ state }) => state !== 'done')
  if (!isHalfway && !isStopped) return undefined
  const [end, ...others] = plan.to
  const absolute = end === undefined ? 'base' : others.length === 0 ? end : target
  return { direction: plan.direction, target: absolute }
}
