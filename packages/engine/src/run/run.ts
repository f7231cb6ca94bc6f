import type { Dialect } from '../dialect/dialect'
import type { LockKind } from '../dialect/roles/locks'
import { AludelError, isAludelError } from '../errors'
import { type RevisionFiles, stateOf } from '../history/state'
import type { MigratorContext } from '../project/context'
import type { RunListener } from '../project/events'
import type { LimitOptions } from '../project/limits'
import type { RunResult } from '../results'
import type { Direction, Step } from '../revision/revision'
import { planNothing } from './at-head'
import { backUp, type BackupOptions } from './back-up'
import { interruptedBetween } from './failure'
import { guard, howToRecord } from './guard'
import { leftHalfway, type Planner, prepare, type RunPlan } from './plan'
import { planTo } from './plan-to'
import { preflight } from './preflight'
import { watchRebuilds } from './rebuilds'
import { type DoneStep, follow } from './run-values'
import { type Session, underLock } from './session'
import { quietly, settingsOf } from './settings'
import { loadSteps, runSteps, type TransactionMode } from './steps'

/** How a run is carried out. */
export interface MigrateOptions extends LimitOptions, BackupOptions {
  /** One transaction for `each` revision (default), or one for `all`. */
  readonly transaction?: TransactionMode
  /** Milliseconds to wait for another migrator. Default: that of the `Migrator`. */
  readonly lockTimeoutMs?: number
  /** The kind of lock. Default: that of the `Migrator`. */
  readonly lock?: LockKind
  /** Run pending revisions even if an applied one depends on them. Default is false: they are refused. */
  readonly outOfOrder?: boolean
  /** Ids of the steps that the user confirmed; a different plan under the lock is refused. */
  readonly expectedSteps?: readonly string[]
}

/**
 * An upgrade or a downgrade, from top to bottom:
 *
 * 1. end if there is nothing to do, without the DataSource if the project has a cheap connection
 * 2. check for what would make it fail, before anything is locked
 * 3. take the lock, unless there is nothing to do: whoever holds it is then not waited for, and nothing is written
 * 4. {@link runUnderLock}: plan, check, back up, run the steps, report
 */
export async function runTo(
  context: MigratorContext,
  direction: Direction,
  target: string,
  options: MigrateOptions,
): Promise<RunResult> {
  const planner: Planner = (state) => planTo(direction, state, target)
  if (options.expectedSteps !== undefined) await refuseEdited(context, options.expectedSteps)
  const nothing = await planNothing(context, planner)
  if (nothing !== undefined) return endWithout(context, nothing, options)
  return context.connection.withRunner(async (queryRunner, dialect) => {
    const settings = await settingsOf(context, dialect, queryRunner, options)
    if (!(await preflight(context, dialect, queryRunner, { planner, lock: settings.lock.kind }))) {
      const plan = await prepare(context, dialect, queryRunner, planner)
      if (plan.steps.length === 0) return endWithout(context, plan, options)
    }
    const ran = await underLock(settings, (session) => runUnderLock(context, dialect, session, planner, options))
    return resultOf(context, ran)
  })
}

/** Ends a run whose plan has no steps. */
async function endWithout(context: MigratorContext, plan: RunPlan, options: MigrateOptions): Promise<RunResult> {
  accept(context, quietly(context.reporter.emit), plan, options)
  return resultOf(context, { plan, done: [], backup: null })
}

async function resultOf(context: MigratorContext, { plan, done, backup }: Ran): Promise<RunResult> {
  const names = new Set(plan.state.names)
  for (const { step } of done) follow(names, step)
  const halfway = leftHalfway(plan)
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
    older: plan.older,
    halfway: halfway.length === 0 ? undefined : halfway,
  }
}

/** What was done under the lock. */
interface Ran {
  readonly plan: RunPlan
  readonly done: readonly DoneStep[]
  /** The backup that was made first. */
  readonly backup: { readonly path: string } | null
}

/**
 * Plans and runs. Call it under the lock, when no other migrator can change the history.
 *
 * @throws AludelError as {@link prepare}, {@link guard}, {@link backUp} (nothing was changed then) and {@link runSteps}
 */
export async function runUnderLock(
  context: MigratorContext,
  dialect: Dialect,
  session: Session,
  planner: Planner,
  options: Omit<MigrateOptions, 'lock' | 'lockTimeoutMs'>,
): Promise<Ran> {
  const { settings, queryRunner } = session
  const mode = options.transaction ?? 'each'
  const agreed = options.expectedSteps !== undefined

  const plan = await prepare(context, dialect, queryRunner, planner)
  accept(context, settings.emit, plan, options)
  const [first] = plan.steps
  if (first === undefined) return { plan, done: [], backup: null }

  const watch = await watchRebuilds(context, dialect, plan, queryRunner)
  const steps = await loadSteps(settings, plan.steps, mode)
  stopIfAborted(session, first)
  if (!agreed) warnOfTakenAlong(context, plan)
  const backup = await backUp(context, dialect, queryRunner, plan, options)
  try {
    const { done } = await runSteps(session, steps, { mode, applied: plan.state.names, watch })
    return { plan, done, backup }
  } catch (error) {
    throw plan.state.names.length === 0 && plan.direction === 'upgrade' ? withHowToRecord(dialect, error) : error
  }
}

/** Refuses a plan that must not run, and announces it. */
function accept(
  context: MigratorContext,
  emit: RunListener,
  plan: RunPlan,
  { expectedSteps, outOfOrder }: Pick<MigrateOptions, 'expectedSteps' | 'outOfOrder'>,
): void {
  refuseOtherSteps(plan, expectedSteps)
  guard(plan, { warn: context.reporter.warn, outOfOrder, agreed: expectedSteps !== undefined })
  emit({ type: 'planned', steps: plan.steps })
}

/**
 * Adds what to do if a table exists and there was no history. The guard has refused what can be read from the files; this is for
 * revisions whose statements are known only when they run.
 */
function withHowToRecord(dialect: Dialect, error: unknown): unknown {
  if (!isAludelError(error, 'ALUDEL_STATEMENT') || !dialect.errors.isTakenName(error.cause)) return error
  return new AludelError(error.code, error.message, {
    help: [...(error.help === undefined ? [] : [error.help]), ...howToRecord].join('\n'),
    details: error.details,
    cause: error.cause,
  })
}

/** Warns of revisions that are undone besides the target, where the user did not see the plan. */
function warnOfTakenAlong(context: MigratorContext, { steps }: RunPlan): void {
  for (const { revision, because } of steps)
    if (because !== undefined)
      context.reporter.warn(`${revision.id} (${revision.message}) is undone too: it ${because}`)
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

/** Reads the files again: a revision edited since the plan was shown is not the one that was agreed to. */
async function refuseEdited(context: MigratorContext, expected: readonly string[]): Promise<void> {
  const shown = await context.revisions.read()
  context.revisions.forget()
  const now = await context.revisions.read()
  const edited = expected.filter((id) => checksumIn(shown, id) !== checksumIn(now, id))
  if (edited.length === 0) return
  throw new AludelError(
    'ALUDEL_CONFIRMATION',
    `the plan changed while waiting for confirmation: ${edited.join(', ')} was edited`,
    {
      help: 'Nothing was changed. Look at the plan again, then run again.',
      details: { agreed: expected, now: expected.filter((id) => !edited.includes(id)) },
    },
  )
}

function checksumIn({ revisions }: RevisionFiles, id: string): string | undefined {
  return revisions.find((revision) => revision.id === id)?.checksum
}

function stopIfAborted({ settings }: Session, next: Step): void {
  if (settings.signal?.aborted === true) throw interruptedBetween([], next)
}
