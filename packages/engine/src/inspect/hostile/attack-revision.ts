import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../../dialect/dialect'
import { compare } from '../../difference/compare'
import type { MigratorContext } from '../../project/context'
import type { Attack, Change } from '../../proof/hostile/attacks'
import { type SampleShape, sampleShape } from '../../proof/fitting'
import type { Direction, Revision } from '../../revision/revision'
import { withoutExtraExtensions } from '../../schema/extensions'
import { displayName, type Schema } from '../../schema/schema'
import { type Case, Cases, type Failed, type FoundFailure } from './cases'
import { EndsTransaction, execute } from './execute'
import { type Course, type Outcome, Position } from './position'
import { readable } from './readable'
import { Search } from './search'
import { FreshStage, type Ground, onStage, type Stage } from './stage'

/** What an attack on one revision has shown. */
export interface Attacked {
  readonly cases: readonly Case[]
  /** The number of sets of rows with which it ran. */
  readonly trials: number
  /** The number of sets that were left out, because there were too many. */
  readonly untried: number
  /** False if something was left out: sets of rows, or all others after ordinary ones that it refuses. */
  readonly isComplete: boolean
  /** Why it does not run on empty tables; then nothing else was tried. */
  readonly failsEmpty?: string
}

/**
 * Runs a revision with rows that its database allows and that it may not expect. The shadow database has the schema before it, and is
 * left as it was.
 *
 * @param below the revisions before it, in run order
 * @param mostTrials the most sets of rows
 */
export async function attackRevision(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  below: readonly Revision[],
  revision: Revision,
  mostTrials: number,
): Promise<Attacked> {
  return new RevisionAttack(context, dialect, runner, below, revision, mostTrials).run()
}

class RevisionAttack {
  readonly #cases = new Cases()
  #trials = 0
  #untried = 0
  #refusesAll = false
  #isolated = true

  constructor(
    readonly context: MigratorContext,
    readonly dialect: Dialect,
    readonly runner: QueryRunner,
    readonly below: readonly Revision[],
    readonly revision: Revision,
    readonly mostTrials: number,
  ) {}

  async run(): Promise<Attacked> {
    const course = await this.#course()
    if ('failsEmpty' in course) return { ...this.#result(), isComplete: false, failsEmpty: course.failsEmpty }
    const { before, after, back } = course
    const ignored = { unmanaged: this.context.ignored }
    const change = (from: Schema, to: Schema, statements: readonly string[]): Change => {
      const operations = compare(from, withoutExtraExtensions(to, from), ignored)
      return { dialect: this.dialect, from, to, operations, statements }
    }
    const up = change(before, after, course.up)
    const down = change(after, back ?? before, course.down)
    await this.#try('upgrade', course, up, down.operations)
    if (back !== null) await this.#try('downgrade', course, down, up.operations)
    return this.#result()
  }

  #result(): Attacked {
    const isComplete = this.#untried === 0 && !this.#refusesAll
    return { cases: this.#cases.all(), trials: this.#trials, untried: this.#untried, isComplete }
  }

  /** Runs it up and down on empty tables. */
  async #course(): Promise<Course | { readonly failsEmpty: string }> {
    const { dialect, context } = this
    const ignoreTables = await context.connection.ignoreTables()
    const read = (runner: QueryRunner): Promise<Schema> => dialect.introspection.read(runner, { ignoreTables })
    const run = async (stage: Stage): Promise<Course | { readonly failsEmpty: string }> =>
      stage.trial(async (runner) => {
        const go = (direction: Direction): ReturnType<typeof execute> =>
          execute(dialect, runner, this.revision, context.revisions.load, direction, stage.isolated)
        const before = await read(runner)
        const up = await go('upgrade')
        if (up.failure !== undefined) return { failsEmpty: up.failure.text }
        const after = await read(runner)
        const down = await go('downgrade')
        const back = down.failure === undefined ? await read(runner) : null
        const unmanaged = context.ignored
        const restores =
          back !== null && compare(withoutExtraExtensions(back, before), before, { unmanaged }).length === 0
        return { before, after, up: up.statements, down: down.statements, back, restores }
      })
    const ground = (): Promise<void> => Promise.resolve()
    const found = await this.#staged(ground, run)
    if (!this.#isolated || ('back' in found && found.back !== null)) return found
    // Some statements run only after what was before them is committed: those that use a new value of an enum.
    const fresh = await this.#fresh(ground, run)
    const isBetter = 'back' in fresh && ('failsEmpty' in found || fresh.back !== null)
    if (isBetter) this.#isolated = false
    return isBetter ? fresh : found
  }

  /** Works on a stage in a transaction, or, for a revision that ends it, on one with a database for each trial. */
  async #staged<T>(ground: Ground, work: (stage: Stage) => Promise<T>): Promise<T> {
    if (this.#isolated) {
      try {
        return await onStage(this.dialect, this.runner, ground, work)
      } catch (error) {
        if (!(error instanceof EndsTransaction)) throw error
        this.#isolated = false
      }
    }
    return this.#fresh(ground, work)
  }

  async #fresh<T>(ground: Ground, work: (stage: Stage) => Promise<T>): Promise<T> {
    const stage = new FreshStage(this.context, this.dialect, this.below, ground)
    try {
      return await work(stage)
    } finally {
      await stage.close()
    }
  }

  async #try(direction: Direction, course: Course, change: Change, reverse: Change['operations']): Promise<void> {
    const { dialect, context, revision } = this
    const shape: SampleShape = {
      ...sampleShape(dialect, change.operations, change.from, change.to),
      hasNull: () => false,
    }
    const position = new Position(context, dialect, revision, direction, course, change, reverse, shape)
    if (position.tables.length === 0) return
    if (!(await this.#ordinary(position, shape))) {
      this.#refusesAll = true
      return
    }
    const search = new Search(position, this.#cases, this.mostTrials)
    await this.#onGround(position, (stage) => search.run(stage))
    this.#trials += search.trials
    this.#untried += search.untried
    await this.#confirm(position, search.failures)
  }

  #onGround<T>(position: Position, work: (stage: Stage) => Promise<T>): Promise<T> {
    return this.#staged((runner) => position.ground(this.#isolated)(runner), work)
  }

  /** Runs it with ordinary rows. @returns false if it accepts none */
  async #ordinary(position: Position, shape: SampleShape): Promise<boolean> {
    const { failure } = await this.#calibrated(position)
    if (failure === undefined) return true
    const any: FoundFailure = { failure, rows: [], table: tableOf(position, failure) }
    if (failure.direction !== position.direction) {
      await this.#confirm(position, [any])
      return true
    }
    // A text that a statement reads as a number, a date …
    for (const { column, table, other } of readable(position, failure)) {
      position.reshape(other(shape))
      const outcome = await this.#calibrated(position)
      if (outcome.failure !== undefined) continue
      const value = this.dialect.shadow.sampleValue(column, position.change.from, 0)?.sql ?? 'NULL'
      const row = new Map([[column.name, value]])
      const attack: Attack = { kind: 'value', table, columns: [column.name], rows: [row] }
      await this.#confirm(position, [{ failure, attack, rows: [row], table: displayName(table) }])
      return true
    }
    position.reshape(shape)
    await this.#confirm(position, [any])
    return false
  }

  async #calibrated(position: Position): Promise<Outcome> {
    this.#trials += 1
    return this.#onGround(position, (stage) => position.calibrate(stage))
  }

  /**
   * Notes failures that happen as well where everything is committed, once for each cause. Nothing else may be open meanwhile: what
   * belongs to the whole server, such as roles, would be locked.
   */
  async #confirm(position: Position, failures: readonly FoundFailure[]): Promise<void> {
    const rejected = new Cases()
    await this.#fresh(position.ground(false), async (stage) => {
      for (const found of failures) {
        if (rejected.knows(found)) continue
        const isReal = !this.#isolated || this.#cases.knows(found) || (await this.#isReal(position, stage, found))
        const cases = isReal ? this.#cases : rejected
        cases.fails(found)
      }
    })
  }

  async #isReal(position: Position, stage: Stage, { failure, attack, rows }: FoundFailure): Promise<boolean> {
    this.#trials += 1
    const again = await position.trial(stage, attack, rows)
    return again.failure !== undefined && again.failure.statement === failure.statement
  }
}

/** The table whose rows a failed statement is about, as far as it is known. */
function tableOf({ tables }: Position, { statement }: Failed): string {
  const named = tables.filter(({ name }) => statement?.includes(name) === true)
  return displayName(named[0] ?? tables[0] ?? { name: '' })
}
