import type { MigrationInterface, QueryRunner } from 'typeorm'

import type { Dialect } from '../../dialect/dialect'
import type { LiveProfile } from '../../dialect/roles/scale'
import type { MigratorContext } from '../../project/context'
import { fillTables } from '../../proof/fill'
import type { Direction, Revision } from '../../revision/revision'
import { displayName, type Schema } from '../../schema/schema'
import { asDeclared, inRevision, replay } from '../../shadow/replay'
import { isOfRevision, type SentStatement, surrounded } from '../../shadow/statements'
import { trimStatement } from '../../sql/text'
import { type FilledTables, type FillLimits, fillLike } from './fill'

/** A revision that is to run. */
export interface ModelStep {
  readonly revision: Revision
  readonly direction: Direction
}

/** What is to be foretold: steps on a database that has some revisions. */
export interface ModelPlan {
  /** In run order. */
  readonly applied: readonly Revision[]
  readonly steps: readonly ModelStep[]
  readonly live: LiveProfile
  /** Display names of the tables that need rows; those that they reference get some, too. */
  readonly tables: ReadonlySet<string>
}

/** A step that ran on a scale model. */
export interface TimedStep {
  readonly statements: readonly { readonly sql: string; readonly ms: number }[]
  /** What the checks at its end and COMMIT took. */
  readonly endMs: number
  readonly transactional: boolean
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
    const { timed, error } = await runSteps(context, dialect, runner, plan.steps)
    const after = error === undefined ? await readSchema(context, dialect, runner) : before
    return { steps: timed, before, after, ...(error !== undefined && { error }) }
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
    await open(context, dialect, runner, plan)
    const filled = await fillLike(dialect, runner, schema, live, { ...limits, only: tables })
    const own = await dialect.scale.profile(runner, [...filled.rows.keys()])
    const indexes = new Map([...own.tables].map(([name, table]) => [name, table.indexes]))
    const known = schema.tables.filter((table) => filled.rows.has(displayName(table)))
    await dialect.scale.settle(runner, known, live)
    const unlimit = await dialect.running.limit(runner, { statementTimeoutMs: longestMs }, 'session')
    try {
      const { timed, error } = await runSteps(context, dialect, runner, steps)
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
  await replay(dialect, runner, applied, 'upgrade', context.revisions.load)
  const schema = await readSchema(context, dialect, runner)
  await fillTables(dialect, runner, schema)
  return schema
}

async function readSchema(context: MigratorContext, dialect: Dialect, runner: QueryRunner): Promise<Schema> {
  return dialect.introspection.read(runner, { ignoreTables: await context.connection.ignoreTables() })
}

async function runSteps(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  steps: readonly ModelStep[],
): Promise<{ readonly timed: readonly TimedStep[]; readonly error?: string }> {
  const timed: TimedStep[] = []
  for (const step of steps) {
    context.signal?.throwIfAborted()
    try {
      timed.push(await runStep(context, dialect, runner, step))
    } catch (error) {
      context.signal?.throwIfAborted()
      return { timed, error: dialect.errors.textOf(error) }
    }
  }
  return { timed }
}

async function runStep(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  { revision, direction }: ModelStep,
): Promise<TimedStep> {
  return asDeclared(dialect, revision, context.revisions.load, (migration, transactional) =>
    timeStep(context, dialect, runner, migration, direction, transactional),
  )
}

async function timeStep(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  migration: MigrationInterface,
  direction: Direction,
  transactional: boolean,
): Promise<TimedStep> {
  const statements: { readonly sql: string; readonly ms: number }[] = []
  let before = performance.now()
  const around = async (statement: SentStatement, send: () => Promise<unknown>): Promise<unknown> => {
    context.signal?.throwIfAborted()
    if (!isOfRevision(statement)) return send()
    const started = performance.now()
    const result = await send()
    before = performance.now()
    statements.push({ sql: trimStatement(statement.sql), ms: before - started })
    return result
  }
  const timed = surrounded(migration, around)
  await inRevision(dialect, runner, transactional, async () => {
    await (direction === 'upgrade' ? timed.up(runner) : timed.down(runner))
    before = performance.now()
  })
  return { statements, endMs: performance.now() - before, transactional }
}
