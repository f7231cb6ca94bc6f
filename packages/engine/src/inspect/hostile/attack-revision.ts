import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../../dialect/dialect'
import { compare } from '../../difference/compare'
import type { MigratorContext } from '../../project/context'
import { type Attack, attacksOn, type Change } from '../../proof/hostile/attacks'
import type { GivenRow } from '../../proof/hostile/rows'
import { type SampleShape, sampleShape } from '../../proof/fitting'
import type { Direction, Revision } from '../../revision/revision'
import { withoutExtraExtensions } from '../../schema/extensions'
import { displayName, type Schema } from '../../schema/schema'
import { type Case, Cases } from './cases'
import { EndsTransaction, execute } from './execute'
import { type Course, type Outcome, Position } from './position'
import { readable } from './readable'
import { FreshStage, onStage, type Stage } from './stage'

/** What an attack on one revision has shown. */
export interface Attacked {
  readonly cases: readonly Case[]
  /** The number of sets of rows with which it ran. */
  readonly trials: number
  /** The number of sets that were left out, because there were too many. */
  readonly untried: number
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
  #isolated = true
  /** Where failures of the direction at hand are confirmed. */
  #fresh: FreshStage | undefined

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
    if ('failsEmpty' in course) return { ...this.#result(), failsEmpty: course.failsEmpty }
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
    return { cases: this.#cases.all(), trials: this.#trials, untried: this.#untried }
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
    const stage = new FreshStage(context, dialect, this.below, ground)
    const fresh = await run(stage).finally(() => stage.close())
    const isBetter = 'back' in fresh && ('failsEmpty' in found || fresh.back !== null)
    if (isBetter) this.#isolated = false
    return isBetter ? fresh : found
  }

  /** Works on a stage in a transaction, or, for a revision that ends it, on one with a database for each trial. */
  async #staged<T>(ground: (runner: QueryRunner) => Promise<void>, work: (stage: Stage) => Promise<T>): Promise<T> {
    if (this.#isolated) {
      try {
        return await onStage(this.dialect, this.runner, ground, work)
      } catch (error) {
        if (!(error instanceof EndsTransaction)) throw error
        this.#isolated = false
      }
    }
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
    const runs = await this.#ordinary(position, shape)
    if (!runs) return
    try {
      await this.#onGround(position, true, async (stage) => {
        for (const attack of attacksOn(change)) {
          if (this.#trials >= this.mostTrials) this.#untried += 1
          else await this.#attack(position, stage, attack)
        }
      })
    } finally {
      await this.#fresh?.close()
      this.#fresh = undefined
    }
  }

  #onGround<T>(position: Position, filled: boolean, work: (stage: Stage) => Promise<T>): Promise<T> {
    return this.#staged((runner) => position.ground(this.#isolated, filled)(runner), work)
  }

  /** Runs it with ordinary rows. @returns false if it accepts none */
  async #ordinary(position: Position, shape: SampleShape): Promise<boolean> {
    const first = await this.#calibrated(position)
    if (first.failure === undefined) return true
    if (first.failure.direction !== position.direction) {
      this.#cases.fails(first.failure, undefined, [], tableOf(position, first))
      return true
    }
    // A text that a statement reads as a number, a date …
    for (const { column, table, other } of readable(position)) {
      position.reshape(other(shape))
      const outcome = await this.#calibrated(position)
      if (outcome.failure !== undefined) continue
      const value = this.dialect.shadow.sampleValue(column, position.change.from, 0)?.sql ?? 'NULL'
      const row = new Map([[column.name, value]])
      const attack: Attack = { kind: 'value', table, columns: [column.name], rows: [row] }
      this.#cases.fails(first.failure, attack, [row], displayName(table))
      return true
    }
    this.#cases.fails(first.failure, undefined, [], tableOf(position, first))
    return false
  }

  async #calibrated(position: Position): Promise<Outcome> {
    this.#trials += 1
    return this.#onGround(position, true, (stage) => position.calibrate(stage))
  }

  async #attack(position: Position, stage: Stage, attack: Attack): Promise<void> {
    const outcome = await this.#trial(position, stage, attack, attack.rows)
    for (const silent of outcome.silent) {
      const { one, rows } = await this.#fewestSilent(position, stage, attack, silent, outcome.rows)
      this.#cases.loses(one, attack, rows)
    }
    if (outcome.failure === undefined) return
    if (outcome.rows.length === 1) {
      await this.#failed(position, attack, outcome)
      return
    }
    let isAlone = false
    const alone = attack.together === true ? outcome.rows.slice(0, 1) : outcome.rows
    for (const row of alone) {
      const one = await this.#trial(position, stage, attack, [row])
      for (const silent of one.silent) this.#cases.loses(silent, attack, [row])
      if (one.failure === undefined) continue
      isAlone = true
      await this.#failed(position, attack, one)
    }
    if (!isAlone) await this.#failed(position, attack, await this.#fewest(position, stage, attack, outcome))
  }

  async #trial(position: Position, stage: Stage, attack: Attack, rows: Attack['rows']): Promise<Outcome> {
    this.#trials += 1
    return position.trial(stage, attack, rows)
  }

  /** The failure with as few rows as possible. */
  async #fewest(position: Position, stage: Stage, attack: Attack, outcome: Outcome): Promise<Outcome> {
    let fewest = outcome
    for (const row of outcome.rows) {
      const rest = fewest.rows.filter((other) => other !== row)
      if (rest.length === 0) break
      const smaller = await this.#trial(position, stage, attack, rest)
      if (smaller.failure?.statement === outcome.failure?.statement && smaller.failure !== undefined)
        fewest = { ...smaller, rows: rest }
    }
    return fewest
  }

  async #fewestSilent(
    position: Position,
    stage: Stage,
    attack: Attack,
    silent: Outcome['silent'][number],
    rows: readonly GivenRow[],
  ): Promise<{ readonly one: Outcome['silent'][number]; readonly rows: readonly GivenRow[] }> {
    for (const row of rows.length > 1 ? rows : []) {
      const trial = await this.#trial(position, stage, attack, [row])
      const one = trial.silent.find(
        ({ table, column, direction }) =>
          column === silent.column && table.name === silent.table.name && direction === silent.direction,
      )
      if (one !== undefined) return { one, rows: [row] }
    }
    return { one: silent, rows }
  }

  /** Notes a failure, if it happens as well where everything is committed. */
  async #failed(position: Position, attack: Attack, { failure, rows }: Outcome): Promise<void> {
    if (failure === undefined) return
    if (
      !this.#cases.knows(failure, attack) &&
      this.#isolated &&
      !(await this.#isReal(position, attack, { failure, rows, silent: [] }))
    )
      return
    this.#cases.fails(failure, attack, rows, displayName(attack.table))
  }

  async #isReal(position: Position, attack: Attack, { failure, rows }: Outcome): Promise<boolean> {
    this.#fresh ??= new FreshStage(this.context, this.dialect, this.below, position.ground(false, true))
    this.#trials += 1
    const again = await position.trial(this.#fresh, attack, rows)
    return again.failure !== undefined && again.failure.statement === failure?.statement
  }
}

/** The table whose rows a failed statement is about, as far as it is known. */
function tableOf(position: Position, { failure }: Outcome): string {
  const named = position.tables.filter(({ name }) => failure?.statement?.includes(name) === true)
  return displayName(named[0] ?? position.tables[0] ?? { name: '' })
}
