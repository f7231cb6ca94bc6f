import { type AludelError, isAludelError } from '@aludel/engine'

import { ApiFailure } from '../api/errors'
import type { Plan, Run, RunRequest, Runs, RunStep } from '../api/types'
import { planFor } from '../project/later'
import type { Services } from '../services'
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
  const { direction, target, keepDropped } = request
  const query = { direction, target, keepDropped }
  const plan = await project.read((migrator) => planFor(migrator, query))
  requireSame(plan, request.fingerprint)
  if (plan.needsConfirmation) {
    const destroys = plan.steps.flatMap((step) => step.destroys)
    await services.requireDatabaseName(request.confirm, `The ${direction} would lose data.`, destroys)
  }
  return runs.start({
    kind: direction,
    title: `${direction} to ${target}`,
    actor,
    perform: (control) =>
      project.work({ actor, ...control }, async (migrator) => {
        // The run compares the files with those of this plan: what was edited since is refused.
        const now = await planFor(migrator, query)
        requireSame(now, request.fingerprint)
        const { backup, transaction } = request
        const options = { keepDropped, backup, transaction, expectedSteps: now.steps.map(({ revision }) => revision) }
        return direction === 'upgrade' ? migrator.upgrade(target, options) : migrator.downgrade(target, options)
      }),
    resume: (error, steps) => resumeOf(error, steps, plan, target),
  })
}

function requireSame(plan: Plan, fingerprint: string): void {
  if (plan.fingerprint === fingerprint) return
  throw new ApiFailure(
    'ALUDEL_PLAN_CHANGED',
    'the plan is no longer the one that was shown',
    'The database or the files have changed. Look at the plan again, then run it. Nothing was changed.',
    { steps: plan.steps.map(({ revision }) => revision) },
  )
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
