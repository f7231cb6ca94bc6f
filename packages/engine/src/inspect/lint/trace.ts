import type { MigrationInterface, QueryRunner } from 'typeorm'

import type { Dialect } from '../../dialect/dialect'
import type { Measured } from '../../dialect/roles/trace'
import { messageOf, refuseAborted } from '../../errors'
import type { MigratorContext } from '../../project/context'
import { fillTables } from '../../proof/fill'
import type { Direction, Revision } from '../../revision/revision'
import { asDeclared, inRevision, replay } from '../../shadow/replay'
import { isOfRevision, type SentStatement, surrounded } from '../../shadow/statements'
import { trimStatement } from '../../sql/text'

/** A statement that a revision sent on a shadow database. */
export interface TracedStatement {
  readonly sql: string
  /** Null: it cannot run in a transaction, in which alone it can be measured. */
  readonly measured: Measured | null
}

/** What was measured of a revision in one direction. */
export interface StepTrace {
  readonly revision: string
  readonly direction: Direction
  readonly statements: readonly TracedStatement[]
  /** Why it did not run to its end. */
  readonly error?: string
}

/** A revision in one direction, as it ran on a shadow database. */
export interface TracedStep extends StepTrace {
  /** The tables that existed before it. */
  readonly existing: ReadonlySet<string>
}

/**
 * Runs revisions on a shadow database with sample rows, up and down, and measures each of their statements. The code of the revisions
 * is executed.
 *
 * @param order the revisions and those below them, in run order
 * @param judged ids of those to measure
 * @returns nothing on a dialect without anything to measure
 */
export async function traceRevisions(
  context: MigratorContext,
  dialect: Dialect,
  order: readonly Revision[],
  judged: ReadonlySet<string>,
): Promise<readonly TracedStep[]> {
  if (!dialect.trace.measures) return []
  const steps: TracedStep[] = []
  // A revision that fails leaves a shadow database that is good for nothing else.
  let from: Start | undefined = { index: 0, withRows: true }
  while (from !== undefined && from.index < order.length) {
    const start: Start = from
    const shadows = await context.shadows()
    from = await shadows.withRunner(dialect, (runner) =>
      traceFrom(context, dialect, runner, order, start, judged, steps),
    )
  }
  return steps
}

interface Start {
  readonly index: number
  /** False after the revision has refused the sample rows. */
  readonly withRows: boolean
}

/** Measures until a revision fails; returns where to begin again. */
async function traceFrom(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  order: readonly Revision[],
  start: Start,
  judged: ReadonlySet<string>,
  steps: TracedStep[],
): Promise<Start | undefined> {
  const { load, loadToReplay } = context.revisions
  await replay(dialect, runner, order.slice(0, start.index), 'upgrade', loadToReplay)
  for (const [index, revision] of order.entries()) {
    if (index < start.index) continue
    refuseAborted(context.signal)
    if (!judged.has(revision.id)) {
      await replay(dialect, runner, [revision], 'upgrade', loadToReplay)
      continue
    }
    context.reporter.progress(`measuring ${revision.id} on ${dialect.name}`)
    const withRows = index > start.index || start.withRows
    const trace = (direction: Direction): Promise<TracedStep> => traceOne(context, dialect, runner, revision, direction)
    if (withRows) await fillEmpty(context, dialect, runner)
    const up = await trace('upgrade')
    if (up.error !== undefined && withRows) return { index, withRows: false }
    steps.push(up)
    if (up.error !== undefined) return undefined
    if (withRows) await fillEmpty(context, dialect, runner)
    const down = await trace('downgrade')
    steps.push(down)
    if (down.error !== undefined) return { index: index + 1, withRows: true }
    try {
      await replay(dialect, runner, [revision], 'upgrade', load)
    } catch {
      return { index: index + 1, withRows: true }
    }
  }
  return undefined
}

async function fillEmpty(context: MigratorContext, dialect: Dialect, runner: QueryRunner): Promise<void> {
  const ignoreTables = await context.connection.ignoreTables()
  await fillTables(dialect, runner, await dialect.introspection.read(runner, { ignoreTables }))
}

async function traceOne(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  revision: Revision,
  direction: Direction,
): Promise<TracedStep> {
  const existing = new Set(await dialect.introspection.tableNames(runner))
  let statements: TracedStatement[] = []
  const step = { revision: revision.id, direction, existing }
  try {
    await asDeclared(dialect, revision, context.revisions.load, (migration, transactional) => {
      statements = []
      return measure(dialect, runner, migration, direction, transactional, statements)
    })
    return { ...step, statements }
  } catch (failure) {
    return { ...step, statements, error: messageOf(failure) }
  }
}

/** @param statements is filled with those that it sends */
async function measure(
  dialect: Dialect,
  runner: QueryRunner,
  migration: MigrationInterface,
  direction: Direction,
  transactional: boolean,
  statements: TracedStatement[],
): Promise<void> {
  const around = async (
    statement: SentStatement,
    send: () => Promise<unknown>,
    quiet: QueryRunner,
  ): Promise<unknown> => {
    const { sql } = statement
    if (!isOfRevision(statement)) return send()
    if (!transactional && !dialect.statements.sharesTransaction(sql)) {
      statements.push({ sql: trimStatement(sql), measured: null })
      return send()
    }
    const trace = (): ReturnType<typeof dialect.trace.around> => dialect.trace.around(quiet, send)
    const { result, ...measured } = await (transactional ? trace() : inOwnTransaction(quiet, trace))
    statements.push({ sql: trimStatement(sql), measured })
    return result
  }
  const traced = surrounded(migration, around)
  await inRevision(dialect, runner, transactional, () =>
    direction === 'upgrade' ? traced.up(runner) : traced.down(runner),
  )
}

/** TypeORM's own methods would be reported as statements of the revision. */
async function inOwnTransaction<T>(quiet: QueryRunner, work: () => Promise<T>): Promise<T> {
  await quiet.query('BEGIN')
  try {
    const result = await work()
    await quiet.query('COMMIT')
    return result
  } catch (error) {
    await quiet.query('ROLLBACK')
    throw error
  }
}
