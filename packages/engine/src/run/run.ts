import type { Context } from '../project/context'
import type { LockKind } from '../dialect/dialect'
import { AludelError } from '../errors'
import { type State, stateOf } from '../history/state'
import type { RunResult } from '../results'
import type { Direction, Plan } from '../revision/revision'
import { follow } from './context'
import { runPlan } from './executor'
import type { LimitOptions } from '../project/limits'
import { type BackupOptions, backUpBefore } from './back-up'
import { guardRun } from './guard'
import { preflight } from './preflight'
import { limitsFor, planTo, runSettings } from './run-settings'

/** How a run is carried out. */
export interface MigrateOptions extends LimitOptions, BackupOptions {
  /** `each` revision in its own transaction (default), or `all` in one. */
  readonly transaction?: 'each' | 'all'
  /** Milliseconds to wait for another migrator; default that of the `Migrator`. */
  readonly lockTimeoutMs?: number
  /** What keeps the lock; default that of the `Migrator`. */
  readonly lock?: LockKind
  /** An upgrade may run what something applied stands on. Default: that is refused. */
  readonly outOfOrder?: boolean
  /** Ids of the steps that somebody has agreed to; a different plan under the lock is refused. */
  readonly expectedSteps?: readonly string[]
}

/** Runs what leads to `target`: plan under the lock, backup if something is destroyed, each step with its journal row. */
export async function runTo(
  context: Context,
  direction: Direction,
  target: string,
  options: MigrateOptions,
): Promise<RunResult> {
  const files = await context.files()
  return context.withRunner(async (runner, dialect) => {
    const lock = options.lock ?? context.options.lock ?? 'session'
    const planned = async (): Promise<Plan> => planTo(direction, await context.state(runner), target)
    await preflight(context, dialect, runner, { planned, lock })
    let state: State | undefined
    let backup: RunResult['backup'] = null
    let older: string | undefined
    let before: readonly string[] = []
    const outcome = await runPlan({
      ...(await runSettings(context, dialect, runner)),
      mode: options.transaction ?? 'each',
      lockKind: lock,
      limits: limitsFor(context, options),
      lockTimeoutMs: options.lockTimeoutMs ?? context.options.lockTimeoutMs ?? 30_000,
      replan: async (rows) => {
        const names = rows.map((row) => row.name)
        before = names
        state = stateOf(files, names)
        const plan = planTo(direction, state, target)
        refuseOtherSteps(plan, options.expectedSteps)
        await guardRun(context, runner, plan, names, {
          outOfOrder: options.outOfOrder === true,
          agreed: options.expectedSteps !== undefined,
        })
        older = plan.older
        return plan
      },
      beforeSteps: async (plan) => {
        if (options.expectedSteps === undefined) warnOfTakenAlong(context, plan)
        backup = await backUpBefore(context, dialect, runner, { plan, state, ...options })
      },
    })
    const names = new Set(before)
    for (const step of outcome.plan.steps) follow(names, step)
    return {
      direction,
      from: outcome.from,
      // With the last of what a squash stands for, the squash itself has become what is applied.
      to: stateOf(files, [...names]).current,
      steps: outcome.steps.map(({ revision, message, direction: way, durationMs }) => ({
        revision,
        message,
        direction: way,
        durationMs,
      })),
      backup,
      ...(older !== undefined && { older }),
    }
  })
}

/** Where nobody was shown the plan: what goes besides what was named. */
function warnOfTakenAlong(context: Context, { steps }: Plan): void {
  for (const { revision, because } of steps) {
    if (because === undefined) continue
    context.warn(`${revision.id} (${revision.message}) is undone too: it ${because}`)
  }
}

function refuseOtherSteps(plan: Plan, expected: readonly string[] | undefined): void {
  if (expected === undefined) return
  const steps = plan.steps.map((step) => step.revision.id)
  if (steps.join() === expected.join()) return
  throw new AludelError(
    'ALUDEL_CONFIRMATION',
    'the database changed while the question was open: other revisions would run now',
    {
      help: `Agreed: ${expected.join(', ')}. Now: ${steps.join(', ') || 'nothing'}. Nothing was changed; ask again.`,
      details: { agreed: expected, now: steps },
    },
  )
}
