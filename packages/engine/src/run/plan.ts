import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import { writtenStatements } from '../execution/written'
import { effectsOfPart, noEffects } from '../execution/written-effects'
import { pauses } from '../files/pauses'
import { CachedPlans } from '../files/plan-cache'
import type { FileEffects } from '../files/recorded-effects'
import { type Finding, isUnrecorded, resumes, type StoppedRun } from '../history/findings'
import type { State } from '../history/state'
import { examine } from '../inspect/findings'
import type { PlannedKeeping } from '../kept/keeping'
import type { MigratorContext } from '../project/context'
import type { PlanResult, PlanStep } from '../results'
import { type Plan, saysOutside, type Step } from '../revision/revision'
import type { Schema } from '../schema/schema'
import { writtenColumns } from '../schema/written-columns'
import { type Effects, lockText } from '../sql/effects'
import { toolVersion } from '../version'
import { leftHalfway } from './halfway'
import { shownKeeping } from './keeping'
import { type Taken, takenTables } from './taken'

/** The statements of a step, and whether they run in a transaction. */
export interface ReadStep extends Step {
  /** In order, with inlined parameters. Null: they are known only when the revision runs. */
  readonly statements: readonly string[] | null
  /** Why they are not known: `line 12 calls queryRunner.createTable`. */
  readonly unread?: string
  /** The effects that the tool wrote into the file; absent if the statements were edited since. */
  readonly recorded?: FileEffects
  /** The texts that it sends, if its file need not be loaded to run it. */
  readonly verbatim?: readonly string[]
  /** For the journal; absent if the file could not be read. */
  readonly checksum?: string
  readonly transactional: boolean
  /** The statement that cannot run in a transaction, in a revision that does not declare `transaction = false`. */
  readonly outside?: string
}

/** A step with everything that is known about it before it runs. */
interface PlannedStep extends ReadStep {
  readonly effects: Effects
  /** What the rows must satisfy, if the tool wrote the file. */
  readonly needs: readonly string[]
  /** Its file was edited after it was applied: a downgrade may not undo what the upgrade did. */
  readonly edited: boolean
  /** The earlier run that stopped in the middle of it; this one resumes it. */
  readonly stopped: StoppedRun | undefined
}

/**
 * What a run will do. It is made once and never changed; the run, its backup, `--plan` and the start-up all use this
 * value. Making it executes no code of a revision.
 */
export interface RunPlan extends Omit<Plan, 'steps'> {
  readonly steps: readonly PlannedStep[]
  /** The state of the database that the plan was made from. */
  readonly state: State
  /** What is wrong between the history and the files. */
  readonly findings: readonly Finding[]
  /** In a database without a history: existing tables that a step would create. */
  readonly taken: Taken | undefined
}

/** Chooses the steps from what is applied. */
export type Planner = (state: State) => Plan

/**
 * Makes the plan of a run: reads the history, chooses the steps, and reads their statements and effects from their files.
 *
 * @param options `effects`: whether the effects are read: `always`, `never`, or, by default, if the database has something
 *   to lose (`needed`)
 * @throws AludelError when the target, the history or the files are wrong
 * @example
 * const plan = await prepare(context, dialect, queryRunner, (state) => planTo('upgrade', state, 'head'))
 * plan.steps.flatMap(({ effects }) => effects.destroys) // [{ text: 'all rows of metrics', table: 'metrics' }]
 */
export async function prepare(
  context: MigratorContext,
  dialect: Dialect,
  database: QueryRunner,
  planner: Planner,
  { effects: when = 'needed' }: { readonly effects?: 'always' | 'needed' | 'never' } = {},
): Promise<RunPlan> {
  const { state, findings } = await examine(context, database)
  const plan = planner(state)
  const steps = await readSteps(context, dialect, plan)
  let read: Promise<Schema> | undefined
  const live = (): Promise<Schema> =>
    (read ??= context.connection
      .ignoreTablesOf(database)
      .then((ignoreTables) => dialect.introspection.read(database, { ignoreTables })))
  // An empty database has nothing to lose. One without a history may have tables anyway.
  const mayLose = async (): Promise<boolean> => state.applied.size > 0 || (await live()).tables.length > 0
  const isRead = steps.length > 0 && (when === 'always' || (when === 'needed' && (await mayLose())))
  const startsAnew = steps.length > 0 && plan.direction === 'upgrade' && isUnrecorded(state.names, findings)
  const taken = startsAnew ? await takenTables(dialect, database, steps) : undefined
  const effects = isRead ? await effectsOf(dialect, steps, live, when === 'always') : undefined
  return {
    ...plan,
    state,
    findings,
    taken,
    steps: steps.map((step, index) => ({
      ...step,
      effects: effects?.[index] ?? noEffects,
      needs: step.recorded?.needs ?? [],
      edited: findings.some(({ kind, revision }) => kind === 'edited' && revision === step.revision.id),
      stopped: findings.find((finding) => resumes(step, finding))?.stopped,
    })),
  }
}

/** The statements of every step, from the files alone. */
export async function readSteps(context: MigratorContext, dialect: Dialect, plan: Plan): Promise<readonly ReadStep[]> {
  const { type } = (await context.connection.dataSource()).options
  const steps: ReadStep[] = []
  const cache = CachedPlans.open(context.cacheDirectory, context.root, plan.steps.length, toolVersion)
  const pause = pauses()
  for (const step of plan.steps) {
    await pause()
    const mayShare = !saysOutside({}, step.revision)
    const read = await writtenStatements(step.revision, step.direction, dialect, type, cache)
    if ('unread' in read) {
      steps.push({ ...step, statements: null, ...read, transactional: mayShare })
    } else {
      const { statements, effects: recorded, verbatim, checksum } = read
      const outside = mayShare ? dialect.statements.outsideTransaction(statements) : undefined
      steps.push({
        ...step,
        statements,
        recorded,
        verbatim,
        checksum,
        outside,
        transactional: mayShare && outside === undefined,
      })
    }
  }
  cache?.save()
  return steps
}

async function effectsOf(
  dialect: Dialect,
  steps: readonly ReadStep[],
  live: () => Promise<Schema>,
  all: boolean,
): Promise<readonly Effects[]> {
  // The parser is loaded only if the tool did not write all of the files.
  const isRead = ({ statements, recorded }: ReadStep): boolean => statements !== null && (all || recorded === undefined)
  const reader = steps.some(isRead)
    ? await dialect.sql.readEffects(async () => writtenColumns(await live()))
    : undefined
  const effects: Effects[] = []
  const pause = pauses()
  for (const step of steps) {
    await pause()
    effects.push(effectsOfPart(step, reader))
  }
  return effects
}

/** The plan as a result for the caller and for `--json`. */
export function planResult(dialect: Dialect, plan: RunPlan, keeping: readonly PlannedKeeping[] = []): PlanResult {
  const halfway = leftHalfway(plan)
  return {
    direction: plan.direction,
    from: plan.from,
    to: plan.to,
    steps: plan.steps.map((step, at) => ({ ...planStep(dialect, step), ...shownKeeping(keeping[at]) })),
    older: plan.older,
    halfway: halfway.length === 0 ? undefined : halfway,
  }
}

function planStep(dialect: Dialect, step: PlannedStep): PlanStep {
  const { revision, direction, because, transactional, effects, statements } = step
  return {
    revision: revision.id,
    message: revision.message,
    direction,
    transactional,
    because,
    ...(step.edited && { edited: true }),
    stopped: step.stopped,
    does: effects.does,
    destroys: effects.destroys.map(({ text }) => text),
    unknown: effects.unknown,
    needs: step.needs,
    locks: dialect.sql.locksTables ? effects.locks.map(lockText) : [],
    rewrites: effects.rewrites,
    sql: statements ?? [],
  }
}
