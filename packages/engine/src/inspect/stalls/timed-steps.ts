import { randomUUID } from 'node:crypto'

import type { MigrationInterface, QueryRunner } from 'typeorm'

import type { Dialect } from '../../dialect/dialect'
import type { Queryable } from '../../dialect/queryable'
import type { Measured } from '../../dialect/roles/trace'
import { refuseAborted } from '../../errors'
import { sendWatched } from '../../execution/send-watched'
import type { History } from '../../history/history'
import type { Keeping } from '../../kept/keeping'
import type { Direction, Revision } from '../../revision/revision'
import { asDeclared, inRevision } from '../../shadow/replay'
import { isOfRevision, type Send, type SentStatement, surrounded } from '../../shadow/statements'
import { trimStatement } from '../../sql/text'
import { toolVersion } from '../../version'

/** A revision that is to run. */
export interface ModelStep {
  readonly revision: Revision
  readonly direction: Direction
}

/** A statement that ran on a scale model. */
interface TimedStatement {
  readonly sql: string
  readonly ms: number
  /** In a rehearsal that keeps what it drops: what that did to tables. Null: it cannot be measured. */
  readonly measured: Measured | null
}

/** A step that ran on a scale model. */
export interface TimedStep {
  readonly statements: readonly TimedStatement[]
  /** What the checks at its end and COMMIT took. */
  readonly endMs: number
  readonly transactional: boolean
}

/** Where steps run, and how. */
export interface Stage {
  readonly dialect: Dialect
  readonly runner: QueryRunner
  readonly load: (revision: Revision) => Promise<MigrationInterface>
  readonly signal: AbortSignal | undefined
  /** Undefined: nothing is kept. */
  readonly keeping: Pick<Keeping, 'watch' | 'refuseOutside'> | undefined
  /** Whether it is measured what statements do to tables. */
  readonly measures: boolean
  /** Where steps are recorded before they end, as those of a run are; undefined: they are not. */
  readonly history: History | undefined
}

/** Runs steps one after the other until one fails, and measures the time of each statement. */
export async function runSteps(
  stage: Stage,
  steps: readonly ModelStep[],
): Promise<{ readonly timed: readonly TimedStep[]; readonly error?: string }> {
  const { signal, dialect } = stage
  const timed: TimedStep[] = []
  for (const step of steps) {
    refuseAborted(signal)
    try {
      timed.push(await runStep(stage, step))
    } catch (error) {
      refuseAborted(signal)
      return { timed, error: dialect.errors.textOf(error) }
    }
  }
  return { timed }
}

async function runStep(stage: Stage, step: ModelStep): Promise<TimedStep> {
  return asDeclared(stage.dialect, step.revision, stage.load, (migration, transactional) =>
    timeStep(stage, step, migration, transactional),
  )
}

async function timeStep(
  { dialect, runner, signal, keeping, measures, history }: Stage,
  step: ModelStep,
  migration: MigrationInterface,
  transactional: boolean,
): Promise<TimedStep> {
  const { revision, direction } = step
  if (!transactional) keeping?.refuseOutside(revision)
  const statements: TimedStatement[] = []
  let before = performance.now()
  await inRevision(dialect, runner, transactional, async () => {
    // Neither are its statements watched, nor does it let the process end while they run, as the runner did before.
    const database = { query: runner.query.bind(runner) }
    const watch = keeping?.watch(database, revision)
    const around = async (statement: SentStatement, send: Send): Promise<unknown> => {
      refuseAborted(signal)
      if (!isOfRevision(statement)) return send()
      const { sql } = statement
      let ms = 0
      const run = async (): Promise<unknown> => {
        const started = performance.now()
        const result = await sendWatched(watch, sql, send)
        ms = performance.now() - started
        return result
      }
      const isMeasured = measures && transactional
      const { result, ...measured } = isMeasured ? await dialect.trace.around(database, run) : { result: await run() }
      before = performance.now()
      statements.push({ sql: trimStatement(sql), ms, measured: 'locks' in measured ? measured : null })
      return result
    }
    const timed = surrounded(migration, around)
    await (direction === 'upgrade' ? timed.up(runner) : timed.down(runner))
    before = performance.now()
    await watch?.finish()
    if (history !== undefined) await record(history, database, step)
  })
  return { statements, endMs: performance.now() - before, transactional }
}

/** Writes the rows that a run writes in the transaction of a step: the locks of the step are held meanwhile. */
async function record(history: History, database: Queryable, { revision, direction }: ModelStep): Promise<void> {
  if (direction === 'upgrade') await history.record(database, revision)
  else await history.remove(database, revision)
  const now = new Date()
  await history.journal(database, {
    runId: randomUUID(),
    revision: revision.id,
    name: revision.name,
    direction,
    statement: 1,
    checksum: revision.checksum ?? '',
    startedAt: now,
    finishedAt: now,
    durationMs: 0,
    actor: 'model',
    toolVersion,
    outcome: 'done',
  })
}
