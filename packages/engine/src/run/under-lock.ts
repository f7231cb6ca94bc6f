import type { Dialect } from '../dialect/dialect'
import { AludelError, isAludelError } from '../errors'
import type { MigratorContext } from '../project/context'
import type { RunResult } from '../results'
import type { Step } from '../revision/revision'
import { backUp } from './back-up'
import { interruptedBetween } from './failure'
import { howToRecord } from './guard'
import { warnOfExpired } from '../kept/list'
import { openKeeping } from './keeping'
import type { MigrateOptions } from './run'
import { accept, endWithout, isAgreed, type Ran, resultOf } from './outcome'
import { type Planner, prepare, type RunPlan } from './plan'
import { preflight } from './preflight'
import { watchRebuilds } from './rebuilds'
import { restoreAfter, withRestoreCommand } from './restore-after'
import { type Session, underLock } from './session'
import { settingsOf } from './settings'
import { loadSteps, runSteps } from './steps'

/** Runs what the planner chooses, on the connection of the DataSource: steps 2 and 3 of `runTo`. */
export async function runConnected(
  context: MigratorContext,
  planner: Planner,
  options: MigrateOptions,
): Promise<RunResult> {
  try {
    return await runOnce(context, planner, options)
  } catch (error) {
    // The connection of the run is closed now.
    throw options.restoreOnFailure === true ? await restoreAfter(context, error, options) : error
  }
}

async function runOnce(context: MigratorContext, planner: Planner, options: MigrateOptions): Promise<RunResult> {
  return context.connection.withRunner(async (queryRunner, dialect) => {
    const settings = await settingsOf(context, dialect, queryRunner, options)
    if (!(await preflight(context, dialect, queryRunner, { planner, lock: settings.lock.kind }))) {
      const plan = await prepare(context, dialect, queryRunner, planner)
      if (plan.steps.length === 0) {
        if (plan.direction === 'upgrade') await warnOfExpired(context, dialect, queryRunner)
        return endWithout(context, plan, options)
      }
    }
    const ran = await underLock(settings, (session) => runUnderLock(context, dialect, session, planner, options))
    return resultOf(context, ran)
  })
}

/**
 * Plans and runs. Call it under the lock, when no other migrator can change the history.
 *
 * @throws AludelError as {@link prepare}, {@link guard}, {@link openKeeping}, {@link backUp} (nothing was changed then) and
 *   {@link runSteps}
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

  const plan = await prepare(context, dialect, queryRunner, planner)
  accept(context, settings.emit, plan, options)
  const [first] = plan.steps
  if (first === undefined) {
    if (plan.direction === 'upgrade') await warnOfExpired(context, dialect, queryRunner)
    return { plan, done: [], backup: null }
  }

  const watch = await watchRebuilds(context, dialect, plan, queryRunner)
  const keeping = await openKeeping(context, session, plan, options)
  const steps = await loadSteps(settings, plan.steps, mode)
  stopIfAborted(session, first)
  if (!isAgreed(options)) warnOfTakenAlong(context, plan)
  const backup = await backUp(context, dialect, queryRunner, plan, options)
  try {
    const { done } = await runSteps(session, steps, { mode, applied: plan.state.names, watch, keeping })
    if (plan.direction === 'upgrade') await warnOfExpired(context, dialect, session.queryRunner)
    return { plan, done, backup, keeping }
  } catch (error) {
    const isFirst = plan.state.names.length === 0 && plan.direction === 'upgrade'
    throw withRestoreCommand(isFirst ? withHowToRecord(dialect, error) : error, backup)
  }
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

function stopIfAborted({ settings }: Session, next: Step): void {
  if (settings.signal?.aborted === true) throw interruptedBetween([], next)
}
