import type { MigrationInterface } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import { NeedsDatabase, recordStatements } from '../execution/recorder'
import type { MigratorContext } from '../project/context'
import { type Revision, saysOutside, type Step } from '../revision/revision'
import { replay, replayRecorded } from '../shadow/replay'
import { shortSql } from '../sql/text'
import type { ReadStep } from './plan'

interface RecordedStep extends Step {
  readonly statements: readonly string[]
  readonly transactional: boolean
  /** See {@link Recording}. */
  readonly rowsRead?: string
}

/**
 * The statements of all steps, for a script. If they cannot be read from a file, the revision's code runs: with a query
 * runner that only records statements or, if it needs answers of a database, the whole plan on a shadow database. Code
 * that writes through a connection of its own really does so then; of all commands only `--sql` takes that risk.
 *
 * @param applied in run order
 * @throws AludelError `ALUDEL_OFFLINE`, `ALUDEL_REPLAY`
 */
export async function recordSteps(
  context: MigratorContext,
  dialect: Dialect,
  steps: readonly ReadStep[],
  applied: readonly Revision[],
): Promise<readonly RecordedStep[]> {
  const { options } = await context.connection.dataSource()
  const recorded: RecordedStep[] = []
  for (const step of steps) {
    if (step.statements !== null) {
      recorded.push({ ...step, statements: step.statements })
      continue
    }
    const migration = await context.revisions.load(step.revision)
    try {
      const statements = await recordStatements(migration, step.direction, dialect, options)
      recorded.push(withMode(dialect, step, statements, migration))
    } catch (error) {
      if (!(error instanceof NeedsDatabase)) throw error
      return recordOnShadow(context, dialect, steps, applied)
    }
  }
  return recorded
}

function withMode(
  dialect: Dialect,
  step: ReadStep,
  statements: readonly string[],
  migration: MigrationInterface,
): RecordedStep {
  const isOutside =
    saysOutside(migration, step.revision) || dialect.statements.outsideTransaction(statements) !== undefined
  return { ...step, statements, transactional: !isOutside }
}

async function recordOnShadow(
  context: MigratorContext,
  dialect: Dialect,
  steps: readonly ReadStep[],
  applied: readonly Revision[],
): Promise<readonly RecordedStep[]> {
  const shadows = await context.shadows()
  context.reporter.progress('a revision queries the database: recording on a shadow database')
  return shadows.withRunner(dialect, async (runner) => {
    await replay(dialect, runner, applied, 'upgrade', context.revisions.loadToReplay)
    const recorded: RecordedStep[] = []
    for (const step of steps) {
      if (step.statements !== null) {
        await replay(dialect, runner, [step.revision], step.direction, context.revisions.load)
        recorded.push({ ...step, statements: step.statements })
        continue
      }
      const migration = await context.revisions.load(step.revision)
      const { statements, rowsRead } = await replayRecorded(
        dialect,
        runner,
        step.revision,
        step.direction,
        context.revisions.load,
      )
      if (rowsRead !== undefined) warnOfRows(context, step, rowsRead)
      recorded.push({ ...withMode(dialect, step, statements, migration), rowsRead })
    }
    return recorded
  })
}

function warnOfRows({ reporter }: MigratorContext, { revision, direction }: Step, rowsRead: string): void {
  reporter.warn(
    `the ${direction} of ${revision.id} (${revision.message}) reads rows (${shortSql(rowsRead)}): the script has its ` +
      'statements for a database without rows. Where they depend on rows, run it with the tool',
  )
}
