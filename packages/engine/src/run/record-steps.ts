import { NeedsDatabase, recordOnDatabase, recordStatements } from '../execution/recorder'
import type { Dialect } from '../dialect/dialect'
import type { Context } from '../project/context'
import { type Plan, type Revision, saysOutside, type Step } from '../revision/revision'
import { statementOf } from '../shadow/entity-errors'
import { inRevision, replay } from '../shadow/replay'
import { readSteps, type ReadStep } from './plan'

/** A step with the statements that a script writes down for it. */
export interface RecordedStep extends Step {
  readonly statements: readonly string[]
  readonly transactional: boolean
}

/**
 * The statements of all steps for a script. Where a file does not tell them, the revision's code runs: first with a query
 * runner that only writes down what it is given, and when it asks that something, the whole plan on a shadow database. Code
 * that writes elsewhere, through a connection of its own, does so then: nothing but a script, which is asked for, does this.
 *
 * @param applied in run order
 * @throws AludelError `ALUDEL_OFFLINE`, `ALUDEL_REPLAY`
 */
export async function recordSteps(
  context: Context,
  dialect: Dialect,
  plan: Plan,
  applied: readonly Revision[],
): Promise<readonly RecordedStep[]> {
  const { options } = await context.dataSource()
  const recorded: RecordedStep[] = []
  for (const step of await readSteps(context, dialect, plan)) {
    if (step.statements !== null) {
      recorded.push({ ...step, statements: step.statements })
      continue
    }
    const migration = await context.load(step.revision)
    try {
      const statements = await recordStatements(migration, step.direction, dialect, options)
      recorded.push({ ...step, ...withMode(dialect, statements, saysOutside(migration, step.revision)) })
    } catch (error) {
      if (!(error instanceof NeedsDatabase)) throw error
      return recordOnShadow(context, dialect, plan, applied)
    }
  }
  return recorded
}

function withMode(
  dialect: Dialect,
  statements: readonly string[],
  saysSo: boolean,
): Pick<RecordedStep, 'statements' | 'transactional'> {
  return { statements, transactional: !saysSo && dialect.statements.outsideTransaction(statements) === undefined }
}

async function recordOnShadow(
  context: Context,
  dialect: Dialect,
  plan: Plan,
  applied: readonly Revision[],
): Promise<readonly RecordedStep[]> {
  const shadows = await context.shadows()
  context.progress('a revision asks the database: recording on a shadow database')
  const steps = await readSteps(context, dialect, plan)
  return shadows.withRunner(dialect, async (runner) => {
    await replay(dialect, runner, applied, 'upgrade', context.load)
    const recorded: RecordedStep[] = []
    for (const step of steps) recorded.push(await recordOne(context, dialect, runner, step))
    return recorded
  })
}

type Runner = Parameters<typeof recordOnDatabase>[3]

async function recordOne(context: Context, dialect: Dialect, runner: Runner, step: ReadStep): Promise<RecordedStep> {
  const record = async (transactional: boolean): Promise<RecordedStep> => {
    const migration = await context.load(step.revision)
    let statements: readonly string[] = []
    await inRevision(dialect, runner, transactional && !saysOutside(migration, step.revision), async () => {
      statements = await recordOnDatabase(migration, step.direction, dialect, runner)
    })
    return { ...step, ...withMode(dialect, statements, !transactional || saysOutside(migration, step.revision)) }
  }
  try {
    return await record(step.transactional)
  } catch (error) {
    if (!step.transactional || !dialect.statements.refusedByTransaction(error, statementOf(error) ?? '')) throw error
    return record(false)
  }
}
