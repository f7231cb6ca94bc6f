import { randomUUID } from 'node:crypto'

import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm'

import type { Dialect, Lock, LockKind, Queryable, RebuildWatch } from '../dialect/dialect'
import { AludelError } from '../errors'
import type { History } from '../history/history'
import type { AppliedRow } from '../history/types'
import type { Direction, Plan, Revision, Step } from '../revision/revision'
import type { LoadedStep, RunContext } from './context'
import { patiently } from './contention'
import type { RunListener } from '../project/events'
import { interruptedBetween, revisionLabel } from './failure'
import { runWithoutTransaction } from './halfway'
import { limitsOf, type LimitOptions } from '../project/limits'
import { createMetadataTable } from '../execution/metadata-table'
import { findMode } from './mode'
import { Session } from './session'
import { shortSql } from '../sql/text'
import { runInTransaction } from './transactional'

/** What time it is; a test brings its own. */
export interface Clock {
  now(): Date
}

export interface RunOptions {
  readonly dialect: Dialect
  /** Where a new connection comes from should the one of `queryRunner` be lost during COMMIT. */
  readonly dataSource: DataSource
  /** The session that does the work; the lock has another, where there is room for one. The caller releases it. */
  readonly queryRunner: QueryRunner
  readonly history: History
  /** Makes the plan from what is applied. Called when the lock is held, so that nobody changes it any more. */
  readonly replan: (applied: readonly AppliedRow[]) => Plan | Promise<Plan>
  /** Loads a revision's file; called only for steps that run, for all of them before the first statement. */
  readonly loadMigration: (revision: Revision) => Promise<MigrationInterface>
  /** One transaction for each revision (default), or one for the whole run. */
  readonly mode?: 'each' | 'all'
  /** What the journal keeps of a step's file; called for steps that run. Default: the checksum of the text. */
  readonly checksumOf?: (revision: Revision) => Promise<string>
  /** What is locked: one name for one history table. */
  readonly lockKey: string
  /** Milliseconds to wait for the lock. 0: try once. */
  readonly lockTimeoutMs: number
  /** What keeps the lock; default `session`. */
  readonly lockKind?: LockKind
  /** Milliseconds that a lease lasts without a heartbeat. */
  readonly leaseMs?: number
  /** How long statements may wait for tables and run. */
  readonly limits?: LimitOptions
  /** A lock that the caller holds already on `queryRunner`; then none is taken and none given back. */
  readonly lock?: Lock
  readonly listener?: RunListener
  readonly clock?: Clock
  /** `user@host`, for the journal. */
  readonly actor: string
  readonly toolVersion: string
  /** Stops the run before its next statement. */
  readonly signal?: AbortSignal
  /**
   * Called under the lock before anything is changed, and before {@link beforeSteps}; what it throws ends the run, what it
   * gives stands by while statements run.
   */
  readonly watch?: (
    plan: Plan,
    applied: readonly AppliedRow[],
    database: Queryable,
  ) => Promise<RebuildWatch | undefined>
  /** Called under the lock before the first step, for example to make a backup; what it throws ends the run. */
  readonly beforeSteps?: (plan: Plan) => Promise<void>
}

/** What a run did. */
export interface RunOutcome {
  /** UUID; the rows of this run in the journal have it. */
  readonly runId: string
  readonly direction: Direction
  /** Applied heads before and after. */
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly plan: Plan
  readonly steps: readonly {
    readonly revision: string
    readonly message: string
    readonly direction: Direction
    readonly durationMs: number
    /** How many statements it executed. */
    readonly statements: number
  }[]
}

/**
 * Runs a plan: takes the lock, plans under it, loads the files of all steps, then runs each step in a transaction
 * together with its row in the history and in the journal.
 *
 * @throws AludelError
 * - `ALUDEL_LOCKED` somebody else holds the lock for longer than `lockTimeoutMs`
 * - `ALUDEL_LOCK_LOST` the lock is held no longer: stopped before the next statement; what was committed stays
 * - `ALUDEL_STATEMENT` a revision failed; nothing of it remains, those before it do (none, with mode `all`)
 * - `ALUDEL_TABLE_LOCKED` a table was locked, or a deadlock came again, for longer than `limits` allow
 * - `ALUDEL_STATEMENT_HALFWAY` a revision that is not transactional failed after some of its statements
 * - `ALUDEL_FOREIGN_KEYS` a revision left rows that refer to nothing; rolled back
 * - `ALUDEL_TRANSACTION_MODE` mode `all`, and a revision that cannot take part; nothing was run
 * - `ALUDEL_INTERRUPTED` the signal was given
 *
 * @example
 * const outcome = await runPlan({
 *   dialect, dataSource, queryRunner, history: History.of(dialect, dataSource),
 *   replan: (rows) => planUpgrade(graph, idsOf(rows), 'head'),
 *   loadMigration: (revision) => loadMigration(revision, loadModule),
 *   lockKey: 'app.migrations', lockTimeoutMs: 30_000, actor: 'deploy@ci', toolVersion: '0.1.0',
 * })
 * outcome.steps.map((step) => step.revision) // ['a1b2c3d4e5f6', '3f9c1b7a2d40']
 */
export async function runPlan(options: RunOptions): Promise<RunOutcome> {
  const tell = quietly(options.listener)
  const session = await Session.open(options, tell)
  try {
    const rows = await options.history.read(session.queryRunner)
    const plan = await options.replan(rows)
    tell({ type: 'planned', steps: plan.steps })
    const watch = plan.steps.length === 0 ? undefined : await options.watch?.(plan, rows, session.queryRunner)
    const checksums = new Map<string, string>()
    const context = contextOf(options, session, plan, rows, tell, watch, checksums)
    if (plan.steps.length > 0) {
      const steps = await loadSteps(plan, options, tell)
      for (const { revision } of plan.steps) {
        if (options.checksumOf !== undefined) checksums.set(revision.id, await options.checksumOf(revision))
      }
      refuseMixedModes(steps, context)
      stopIfAborted(context, steps[0])
      await options.beforeSteps?.(plan)
      stopIfAborted(context, steps[0])
      await makeTables(context, steps)
      await runSteps(context, steps)
    }
    return outcomeOf(context, plan)
  } finally {
    await session.close()
  }
}

/** The tool's own tables, and that of TypeORM which plain migrations may need. Each statement stands for itself. */
async function makeTables(context: RunContext, steps: readonly LoadedStep[]): Promise<void> {
  const [first] = steps
  if (first === undefined) return
  const { queryRunner } = context.session
  await patiently(context, first.step, first.limits.retryMs, async () => {
    await context.history.ensure(queryRunner)
    if (steps.some(({ step: { revision } }) => revision.plain || revision.replaces !== undefined))
      await createMetadataTable(queryRunner)
  })
}

async function runSteps(context: RunContext, steps: readonly LoadedStep[]): Promise<void> {
  if (context.mode === 'all') {
    await context.session.lock.check()
    await runInTransaction(context, steps)
    return
  }
  for (const loaded of steps) {
    stopIfAborted(context, loaded)
    await context.session.lock.check()
    if (loaded.transactional && (await runInTransaction(context, [loaded])) === 'done') continue
    // Its statements could not be seen before: it asks the database, or has them from somewhere else.
    if (loaded.transactional) warnOfMode(context.tell, loaded.step, 'one of its statements')
    await runWithoutTransaction(context, loaded.transactional ? await loaded.again() : loaded)
  }
}

async function loadSteps(plan: Plan, options: RunOptions, tell: RunListener): Promise<readonly LoadedStep[]> {
  const loaded: LoadedStep[] = []
  for (const [index, step] of plan.steps.entries()) {
    const { revision } = step
    const migration = await options.loadMigration(revision)
    const limits = limitsOf(options.limits ?? {}, migration, revision)
    const { transactional, because } = await findMode(
      migration,
      step,
      options.dialect,
      options.dataSource.options,
      () => options.loadMigration(revision),
    )
    if (because !== undefined) warnOfMode(tell, step, because)
    const again = async (): Promise<LoadedStep> => ({ ...one, migration: await options.loadMigration(revision) })
    const one: LoadedStep = { step, migration, transactional, index, limits, again }
    loaded.push(one)
  }
  return loaded
}

function warnOfMode(tell: RunListener, step: Step, sql: string): void {
  tell({
    type: 'warning',
    message:
      `revision ${revisionLabel(step)} runs statement by statement and not in a transaction, which does not take ` +
      `${shortSql(sql, 80)}. Give it \`readonly transaction = false\` to say so`,
  })
}

function refuseMixedModes(steps: readonly LoadedStep[], context: RunContext): void {
  if (context.mode !== 'all') return
  const outside = steps.filter((loaded) => !loaded.transactional).map((loaded) => loaded.step.revision)
  if (outside.length === 0) return
  const names = outside.map((revision) => `${revision.id} (${revision.message})`).join(', ')
  throw new AludelError(
    'ALUDEL_TRANSACTION_MODE',
    `${names} must run outside a transaction, so the run cannot be one transaction`,
    {
      help: 'Run with one transaction for each revision: --transaction each.',
      details: { revisions: outside.map((revision) => revision.id) },
    },
  )
}

function stopIfAborted(context: RunContext, next: LoadedStep | undefined): void {
  if (context.signal?.aborted === true && next !== undefined) throw interruptedBetween(context, next.step)
}

function contextOf(
  options: RunOptions,
  session: Session,
  plan: Plan,
  rows: readonly AppliedRow[],
  tell: RunListener,
  watch: RebuildWatch | undefined,
  checksums: ReadonlyMap<string, string>,
): RunContext {
  return {
    dialect: options.dialect,
    history: options.history,
    session,
    runId: randomUUID(),
    total: plan.steps.length,
    mode: options.mode ?? 'each',
    tell,
    now: () => options.clock?.now() ?? new Date(),
    actor: options.actor,
    toolVersion: options.toolVersion,
    signal: options.signal,
    watch,
    checksums,
    applied: new Set(rows.map((row) => row.name)),
    done: [],
  }
}

function outcomeOf(context: RunContext, plan: Plan): RunOutcome {
  return {
    runId: context.runId,
    direction: plan.direction,
    from: plan.from,
    to: plan.to,
    plan,
    steps: context.done.map(({ step, durationMs, statements }) => ({
      revision: step.revision.id,
      message: step.revision.message,
      direction: step.direction,
      durationMs,
      statements,
    })),
  }
}

/** A listener that fails must not fail the run. */
function quietly(listener: RunListener | undefined): RunListener {
  return (event) => {
    try {
      listener?.(event)
    } catch {
      // Its own matter.
    }
  }
}
