import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../../dialect/dialect'
import type { LiveProfile } from '../../dialect/roles/scale'
import type { MigratorContext } from '../../project/context'
import { fillTables } from '../../proof/fill'
import type { Revision } from '../../revision/revision'
import { displayName, type Schema } from '../../schema/schema'
import { replay } from '../../shadow/replay'
import { type FilledTables, type FillLimits, fillLike } from './fill'
import { keepingIn } from './keeping'
import { type ModelStep, runSteps, type Stage, type TimedStep } from './timed-steps'

/** What is to be foretold: steps on a database that has some revisions. */
export interface ModelPlan {
  /** In run order. */
  readonly applied: readonly Revision[]
  readonly steps: readonly ModelStep[]
  readonly live: LiveProfile
  /** Display names of the tables that need rows; those that they reference get some, too. */
  readonly tables: ReadonlySet<string>
  /** Whether upgrades keep what they drop. */
  readonly keeps: boolean
}

/** What a scale model has shown. */
export interface ModelRun extends FilledTables {
  /** Why the model says nothing about the live database; null: it does. */
  readonly unfit: string | null
  /** Those that ran to their end; the one after the last of them failed, if there is one. */
  readonly steps: readonly TimedStep[]
  readonly error?: string
  /** Names of the indexes that the revisions have made, by table. */
  readonly indexes: ReadonlyMap<string, readonly string[]>
}

/** Steps that ran with a few sample rows. */
export interface Rehearsal extends Pick<ModelRun, 'steps' | 'error'> {
  /** The schemas before the steps and after them. */
  readonly before: Schema
  readonly after: Schema
  /** See `ScaleRole`. */
  readonly plansAsLive: boolean
}

/**
 * Runs the steps on a scratch database with a few sample rows, to learn what they send and what they make.
 *
 * @returns the schemas before and after the steps as well
 */
export async function rehearse(context: MigratorContext, dialect: Dialect, plan: ModelPlan): Promise<Rehearsal> {
  const shadows = await context.shadows()
  return shadows.withRunner(dialect, async (runner) => {
    const before = await open(context, dialect, runner, plan)
    const plansAsLive = await dialect.scale.plansAsLive(runner)
    const keeping = plan.keeps ? await keepingIn(context, dialect, runner, plan.steps, before) : undefined
    const measures = keeping !== undefined && dialect.trace.measures
    const { timed, error } = await runSteps(
      { ...stageOf(context, dialect, runner), keeping, measures, history: undefined },
      plan.steps,
    )
    const after = error === undefined ? await readSchema(context, dialect, runner) : before
    return { steps: timed, before, after, plansAsLive, ...(error !== undefined && { error }) }
  })
}

/**
 * Makes a scratch database like the live one with fewer rows, runs the steps on it, and measures the time of each
 * statement.
 *
 * @param schema the schema before the steps, with what these require of rows
 * @param limits how many rows it gets
 * @param longestMs after this time a statement is canceled, where the database can
 */
export async function runModel(
  context: MigratorContext,
  dialect: Dialect,
  plan: ModelPlan,
  {
    schema,
    limits,
    longestMs,
  }: { readonly schema: Schema; readonly limits: Omit<FillLimits, 'only'>; readonly longestMs: number },
): Promise<ModelRun> {
  const { live, tables, steps } = plan
  const shadows = await context.shadows()
  return shadows.withRunnerBeside(dialect, live.file, async (runner): Promise<ModelRun> => {
    const unfit = await dialect.scale.fit(runner, live)
    if (unfit !== null) return { rows: new Map(), refused: new Map(), unfit, steps: [], indexes: new Map() }
    const before = await open(context, dialect, runner, plan)
    const keeping = plan.keeps ? await keepingIn(context, dialect, runner, steps, before) : undefined
    const filled = await fillLike(dialect, runner, schema, live, { ...limits, only: tables })
    const own = await dialect.scale.profile(runner, [...filled.rows.keys()])
    const indexes = new Map([...own.tables].map(([name, table]) => [name, table.indexes]))
    const known = schema.tables.filter((table) => filled.rows.has(displayName(table)))
    await dialect.scale.settle(runner, known, live)
    const history = await context.connection.history()
    await history.ensure(runner)
    const unlimit = await dialect.running.limit(runner, { statementTimeoutMs: longestMs }, 'session')
    try {
      const { timed, error } = await runSteps(
        { ...stageOf(context, dialect, runner), keeping, measures: false, history },
        steps,
      )
      return { ...filled, unfit, indexes, steps: timed, ...(error !== undefined && { error }) }
    } finally {
      await unlimit()
    }
  })
}

/** Makes the database as it is before the steps, with sample rows; returns its schema. */
async function open(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  { applied }: ModelPlan,
): Promise<Schema> {
  await replay(dialect, runner, applied, 'upgrade', context.revisions.loadToReplay)
  const schema = await readSchema(context, dialect, runner)
  await fillTables(dialect, runner, schema)
  return schema
}

async function readSchema(context: MigratorContext, dialect: Dialect, runner: QueryRunner): Promise<Schema> {
  return dialect.introspection.read(runner, { ignoreTables: await context.connection.ignoreTables() })
}

function stageOf(
  { revisions: { load }, signal }: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
): Pick<Stage, 'dialect' | 'runner' | 'load' | 'signal'> {
  return { dialect, runner, load, signal }
}
