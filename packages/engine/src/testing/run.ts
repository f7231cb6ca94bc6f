import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { ShadowDatabase } from '../dialect/roles/shadow'
import { compare } from '../difference/compare'
import { type AludelError, isAludelError, refuseAborted } from '../errors'
import { keepBorrowed } from '../execution/borrowed'
import { notKeptAlive } from '../execution/idle'
import { runProjectCode } from '../files/project-code'
import { describeOperation } from '../operations'
import type { MigratorContext } from '../project/context'
import type { RevisionTestFailure } from '../results'
import type { Direction, Revision } from '../revision/revision'
import { runAlone } from '../shadow/replay'
import { upToThree } from '../text'
import type { RevisionTestCase, TestRows, TestStep } from './cases'
import { assertRows } from './compare'
import { type NamedRows, ScratchDatabase } from './database'
import { TestFailed } from './failed'
import { failureOf } from './failure'
import { apply, type Ground, groundOf, onGround } from './ground'
import type { LoadedTest } from './load'
import { refusedAsExpected } from './refused'

/** How a test ended; `failure` is absent if it passed. */
export interface Ended {
  readonly test: LoadedTest
  readonly durationMs: number
  readonly failure?: RevisionTestFailure
}

type Phase = RevisionTestFailure['phase']

/** Runs tests on the shadow databases of one dialect. */
export class DialectTests {
  /** A database with the revisions before `#done`; undefined before the first. */
  #base: ShadowDatabase | undefined
  #done = 0
  /** Why no revision from here on has a state to begin from. */
  #broken: AludelError<'ALUDEL_REPLAY'> | undefined

  /** @param order the revisions with tests and all below them, parents first */
  constructor(
    private readonly context: MigratorContext,
    private readonly dialect: Dialect,
    private readonly order: readonly Revision[],
  ) {}

  /**
   * @param tests in the order of their revisions
   * @throws AludelError `ALUDEL_SHADOW` …, `ALUDEL_INTERRUPTED`; not for a test that fails
   */
  async run(tests: readonly LoadedTest[]): Promise<readonly Ended[]> {
    const ended: Ended[] = []
    try {
      for (const [index, revision] of this.order.entries()) {
        const own = tests.filter(({ file }) => file.revision.id === revision.id)
        if (own.length === 0) continue
        this.context.reporter.progress(`testing ${revision.id} on ${this.dialect.name}`)
        ended.push(...(await this.#runOf(own, index)))
      }
    } finally {
      await this.#base?.drop()
    }
    return ended
  }

  /** The tests of one revision, each from the state below it. */
  async #runOf(tests: readonly LoadedTest[], index: number): Promise<readonly Ended[]> {
    let ground: Ground
    try {
      ground = await this.#groundBelow(index)
    } catch (error) {
      if (!isAludelError(error, 'ALUDEL_REPLAY')) throw error
      return Promise.all(
        tests.map(async (test) => ({ test, durationMs: 0, failure: await this.#failureOf(test, 'replay', error) })),
      )
    }
    const ended: Ended[] = []
    try {
      for (const test of tests) {
        refuseAborted(this.context.signal)
        ended.push(await this.#runOne(test, ground))
      }
      if (ground.copies && index < this.order.length - 1) this.#base = await ground.open()
    } finally {
      await ground.drop()
    }
    return ended
  }

  /** @throws AludelError `ALUDEL_REPLAY` */
  async #groundBelow(index: number): Promise<Ground> {
    const { context, dialect, order } = this
    if (this.#broken !== undefined) throw this.#broken
    const base = (this.#base ??= await (await context.shadows()).open(dialect))
    try {
      await apply(context, dialect, base, order.slice(this.#done, index))
    } catch (error) {
      if (isAludelError(error, 'ALUDEL_REPLAY')) this.#broken = error
      throw error
    }
    this.#done = index
    const ground = await groundOf(context, dialect, base, order.slice(0, index))
    if (ground.copies) this.#base = undefined
    return ground
  }

  async #runOne(test: LoadedTest, ground: Ground): Promise<Ended> {
    const { context, dialect } = this
    const ignoreTables = await context.connection.ignoreTables()
    const started = performance.now()
    const failed = await onGround(ground, (runner) =>
      new RunningTest(context, dialect, runner, test, ignoreTables).run(),
    )
    const durationMs = Math.round(performance.now() - started)
    const failure = failed && (await this.#failureOf(test, failed.phase, failed.error))
    return { test, durationMs, ...(failure && { failure }) }
  }

  #failureOf(test: LoadedTest, phase: Phase, error: unknown): Promise<RevisionTestFailure> {
    return failureOf(phase, error, { dialect: this.dialect, test, load: this.context.revisions.loadModule })
  }
}

/** Where a test failed. */
interface Failed {
  readonly phase: Phase
  readonly error: unknown
}

/** One test on a database of its own. */
class RunningTest {
  readonly #db: ScratchDatabase
  #phase: Phase = 'before'

  constructor(
    private readonly context: MigratorContext,
    private readonly dialect: Dialect,
    private readonly runner: QueryRunner,
    private readonly test: LoadedTest,
    ignoreTables: readonly string[],
  ) {
    this.#db = new ScratchDatabase(dialect, runner, ignoreTables)
  }

  /** @returns undefined if it passes */
  async run(): Promise<Failed | undefined> {
    try {
      await this.#run(this.test.test)
      return undefined
    } catch (error) {
      if (isAludelError(error, 'ALUDEL_INTERRUPTED')) throw error
      return { phase: this.#phase, error }
    }
  }

  async #run({ before, after, back, fails }: RevisionTestCase): Promise<void> {
    await this.#step('before', before, (rows) => this.#db.insertAll(rows))
    if (fails !== undefined) return this.#refused(fails, after)
    const rows = back === 'as before' ? await this.#db.everything() : []
    await this.#migrate('upgrade')
    await this.#step('after', after, (expected) => this.#db.expectAll(expected))
    if (back === undefined) return
    await this.#migrate('downgrade')
    if (back !== 'as before') return this.#step('back', back, (expected) => this.#db.expectAll(expected))
    this.#phase = 'back'
    await this.#sameRows(rows)
  }

  async #step(
    phase: Phase,
    step: TestRows | TestStep | undefined,
    rows: (rows: TestRows) => Promise<void>,
  ): Promise<void> {
    if (step === undefined) return
    this.#phase = phase
    if (typeof step !== 'function') return rows(step)
    const { dialect, runner, test } = this
    const giveBack = keepBorrowed(runner, () => undefined)
    try {
      await runProjectCode(`${phase} of the test ${JSON.stringify(test.title)}`, () =>
        notKeptAlive(dialect, runner, async () => step(this.#db)),
      )
    } finally {
      giveBack()
    }
    if (!runner.isTransactionActive) return
    await runner.rollbackTransaction().catch(() => undefined)
    throw new TestFailed(`${phase} began a transaction, and did not end it`)
  }

  async #migrate(direction: Direction): Promise<void> {
    this.#phase = direction
    const { dialect, runner, test, context } = this
    this.#db.changed()
    await runAlone(dialect, runner, test.file.revision, direction, context.revisions.load)
  }

  /** The upgrade must fail. Without `after`, it must change nothing. */
  async #refused(fails: NonNullable<RevisionTestCase['fails']>, after: RevisionTestCase['after']): Promise<void> {
    const [schema, rows] = [await this.#db.schema(), await this.#db.everything()]
    const error = await this.#migrate('upgrade').then(
      () => undefined,
      (thrown: unknown) => ({ thrown }),
    )
    if (error === undefined) throw new TestFailed(`the upgrade ran, but should have failed: ${String(fails)}`)
    if (isAludelError(error.thrown, 'ALUDEL_INTERRUPTED')) throw error.thrown
    refusedAsExpected(error.thrown, fails, this.dialect)
    if (after !== undefined) return this.#step('after', after, (expected) => this.#db.expectAll(expected))
    this.#phase = 'after'
    const left = compare(schema, await this.#db.schema()).map(describeOperation)
    if (left.length > 0) throw new TestFailed(`the upgrade failed as expected, but left changes: ${upToThree(left)}`)
    await this.#sameRows(rows)
  }

  /** Asserts that all tables have the rows that they had. */
  async #sameRows(before: readonly NamedRows[]): Promise<void> {
    const { tables } = await this.#db.schema()
    const now = await this.#db.everything()
    for (const { table, rows } of before) {
      const found = now.find((one) => one.table === table)
      if (found === undefined) throw new TestFailed(`the table ${table} is gone`)
      assertRows(table, found.rows, rows)
    }
    if (tables.length > before.length) {
      const added = now.filter(({ table }) => !before.some((one) => one.table === table))
      throw new TestFailed(`there are other tables than before: ${upToThree(added.map(({ table }) => table))}`)
    }
  }
}
