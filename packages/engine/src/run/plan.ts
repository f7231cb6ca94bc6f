import type { Context } from '../project/context'
import { inRevision, replay } from '../shadow/replay'
import type { Dialect, Queryable } from '../dialect/dialect'
import { type Finding, goesOn } from '../history/findings'
import type { PlanResult, PlanStep } from '../results'
import { saysOutside, type Plan, type Revision, type Step } from '../revision/revision'
import { effectsOf } from './effects'
import { findMode, modeOf } from './mode'
import { NeedsDatabase, recordOnDatabase, recordStatements } from '../execution/recorder'

/** What a plan will do, statement by statement, without doing it. */

export interface RecordedStep {
  readonly step: Step
  readonly statements: readonly string[]
  readonly transactional: boolean
  /** True when its statements depend on what the database answers, and it was not asked. */
  readonly unreadable: boolean
}

/**
 * The statements of every step, without any database. Most revisions only call `query`; one that asks the database
 * something is `unreadable`.
 */
export async function recordPlan(context: Context, dialect: Dialect, plan: Plan): Promise<RecordedStep[]> {
  const { options } = await context.dataSource()
  const recorded: RecordedStep[] = []
  for (const step of plan.steps) {
    const migration = await context.load(step.revision)
    const outside = saysOutside(migration, step.revision)
    try {
      const statements = await recordStatements(migration, step.direction, dialect, options)
      const { transactional } = modeOf(outside, statements, dialect)
      recorded.push({ step, transactional, statements, unreadable: false })
    } catch (error) {
      if (!(error instanceof NeedsDatabase)) throw error
      recorded.push({ step, transactional: !outside, statements: [], unreadable: true })
    }
  }
  return recorded
}

/**
 * As {@link recordPlan}, but what asks a database gets one: the whole plan then runs on a shadow and is recorded there.
 *
 * @param applied in run order
 */
export async function recordWholePlan(
  context: Context,
  dialect: Dialect,
  plan: Plan,
  applied: readonly Revision[],
): Promise<RecordedStep[]> {
  const recorded = await recordPlan(context, dialect, plan)
  return recorded.some(({ unreadable }) => unreadable) ? recordOnShadow(context, dialect, plan, applied) : recorded
}

async function recordOnShadow(
  context: Context,
  dialect: Dialect,
  plan: Plan,
  applied: readonly Revision[],
): Promise<RecordedStep[]> {
  const shadows = await context.shadows()
  context.progress('a revision asks the database: recording on a shadow database')
  return shadows.withRunner(dialect, async (runner, dataSource) => {
    await replay(dialect, runner, applied, 'upgrade', context.load)
    const recorded: RecordedStep[] = []
    for (const step of plan.steps) {
      const migration = await context.load(step.revision)
      const { transactional } = await findMode(migration, step, dialect, dataSource.options, () =>
        context.load(step.revision),
      )
      let statements: readonly string[] = []
      await inRevision(dialect, runner, transactional, async () => {
        statements = await recordOnDatabase(migration, step.direction, dialect, runner)
      })
      recorded.push({ step, statements, transactional, unreadable: false })
    }
    return recorded
  })
}

/** The plan as people and programs read it before it runs; what was found of its steps is said with them. */
export async function explainPlan(
  context: Context,
  dialect: Dialect,
  plan: Plan,
  columns: ColumnsOf,
  findings: readonly Finding[] = [],
): Promise<PlanResult> {
  const recorded = await recordPlan(context, dialect, plan)
  return {
    direction: plan.direction,
    from: plan.from,
    to: plan.to,
    steps: recorded.map((entry) => explainStep(dialect, entry, columns, findings)),
    ...(plan.older !== undefined && { older: plan.older }),
  }
}

type ColumnsOf = (table: string) => readonly string[] | undefined

/** Columns of the live tables that hold values of their own. */
export async function liveColumns(context: Context, dialect: Dialect, database: Queryable): Promise<ColumnsOf> {
  const { tables } = await dialect.introspect(database, { ignoreTables: await context.ignoreTables() })
  return (name) =>
    tables
      .find((table) => table.name === name)
      ?.columns.flatMap((column) => (column.generated === undefined ? [column.name] : []))
}

function explainStep(
  dialect: Dialect,
  { step, statements, transactional, unreadable }: RecordedStep,
  columns: ColumnsOf,
  findings: readonly Finding[],
): PlanStep {
  const edited = findings.some(({ kind, revision }) => kind === 'edited' && revision === step.revision.id)
  const stopped = findings.find((finding) => goesOn(step, finding))?.stopped
  const { destroys, locks } = effectsOf(statements, columns)
  return {
    revision: step.revision.id,
    message: step.revision.message,
    direction: step.direction,
    transactional,
    ...(step.because !== undefined && { because: step.because }),
    ...(edited && { edited: true }),
    ...(stopped !== undefined && { stopped }),
    destroys: unreadable ? ['whatever it decides to: it asks the database before it acts'] : destroys,
    locks: dialect.locksTables ? locks : [],
    sql: statements,
  }
}
