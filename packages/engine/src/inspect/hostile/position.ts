import type { QueryRunner } from 'typeorm'

import type { MigratorContext } from '../../project/context'
import type { Dialect } from '../../dialect/dialect'
import { refuseAborted } from '../../errors'
import type { Direction, Revision } from '../../revision/revision'
import { type Attack, attackedTables, type Change } from '../../proof/hostile/attacks'
import { type Intended, intendedBy } from '../../proof/hostile/intended'
import { type Silent, Watch } from '../../proof/hostile/losses'
import { type GivenRow, RowMaker } from '../../proof/hostile/rows'
import type { SampleShape } from '../../proof/fitting'
import { type Fate, fateOf } from '../../proof/rows'
import { displayName, sameName, type Schema, type Table } from '../../schema/schema'
import { changedTables } from '../verify-rows'
import { execute, type Executed, type Failure } from './execute'
import { type Ground, insertAllowed, rolledBack, type Stage } from './stage'

/** What a revision was on an empty database. */
export interface Course {
  readonly before: Schema
  readonly after: Schema
  readonly up: readonly string[]
  readonly down: readonly string[]
  /** The schema after the downgrade, as it was before, if that is right; null if it does not run on empty tables. */
  readonly back: Schema | null
  /** Whether the downgrade restores the schema. */
  readonly restores: boolean
}

/** What came of a set of rows. */
export interface Outcome {
  /** The rows that the database had accepted. */
  readonly rows: readonly GivenRow[]
  readonly failure?: Failure & { readonly direction: Direction; readonly again?: true }
  /** What was lost without a word, and in which direction. */
  readonly silent: readonly (Silent & { readonly direction: Direction })[]
}

/** A few rows need no more statements than this, and ten times those for none. */
const mostStatements = 2000

interface Knowledge {
  readonly changed: ReadonlySet<string> | 'any'
  readonly intended: Intended
  readonly fate: Fate
}

/** A revision and a direction in which its rows are tried. */
export class Position {
  readonly tables: readonly Table[]
  #maker: RowMaker
  /** Columns whose ordinary values change as well, by {@link silentKey}: the revision means to change them. */
  readonly #meant = new Set<string>()
  readonly #known: Promise<Knowledge>[] = []

  constructor(
    readonly context: MigratorContext,
    readonly dialect: Dialect,
    readonly revision: Revision,
    readonly direction: Direction,
    readonly course: Course,
    readonly change: Change,
    /** The operations that lead back. */
    readonly reverse: Change['operations'],
    shape: SampleShape,
  ) {
    this.tables = attackedTables(change)
    this.#maker = new RowMaker(dialect, change.from, shape)
  }

  /** Makes ordinary rows in another way. */
  reshape(shape: SampleShape): void {
    this.#maker = new RowMaker(this.dialect, this.change.from, shape)
  }

  /** Brings the database before the revision to where the trials begin: with ordinary rows. */
  ground(isolated: boolean): Ground {
    return async (runner) => {
      if (this.direction === 'downgrade') await this.#run(runner, 'upgrade', isolated)
      await insertAllowed(this.dialect, runner, () => this.#maker.fill(runner, this.tables))
    }
  }

  #run(runner: QueryRunner, direction: Direction, isolated: boolean): Promise<Executed> {
    const { up, down } = this.course
    const most = mostStatements + 10 * (up.length + down.length)
    return execute(this.dialect, runner, this.revision, this.context.revisions.load, direction, isolated, most)
  }

  /** Learns which values the revision changes of ordinary rows too. */
  async calibrate(stage: Stage): Promise<Outcome> {
    const outcome = await this.trial(stage, undefined, [])
    for (const one of outcome.silent) this.#meant.add(silentKey(one))
    return { ...outcome, silent: [] }
  }

  /**
   * Inserts rows and runs the revision: an upgrade is undone and repeated afterward.
   *
   * @param rows of the attack; those that the database refuses are left out
   */
  trial(stage: Stage, attack: Attack | undefined, rows: Attack['rows']): Promise<Outcome> {
    refuseAborted(this.context.signal)
    return stage.trial(async (runner) => {
      const given = attack === undefined ? [] : await this.#insert(runner, attack, rows)
      if (attack !== undefined && given.length === 0) return { rows: [], silent: [] }
      const ways = this.#ways()
      const silent: (Silent & { readonly direction: Direction })[] = []
      const watch = await Watch.begin(this.dialect, runner, this.change.from, this.#watched(attack))
      for (const [index, direction] of ways.entries()) {
        const { failure } = await this.#run(runner, direction, stage.isolated)
        if (failure !== undefined)
          return {
            rows: given,
            silent,
            failure: { ...failure, direction, ...(index === 2 && { again: true as const }) },
          }
        if (index < 2)
          for (const one of await this.#silent(runner, watch, index)) {
            const isKnown = silent.some((other) => silentKey(other) === silentKey(one))
            if (!isKnown && !this.#meant.has(silentKey(one))) silent.push({ ...one, direction })
          }
      }
      return { rows: given, silent }
    })
  }

  async #insert(runner: QueryRunner, { table, unchecked }: Attack, rows: Attack['rows']): Promise<readonly GivenRow[]> {
    const inserted = await insertAllowed(
      this.dialect,
      runner,
      async () => {
        const given: GivenRow[] = []
        for (const [index, row] of rows.entries()) {
          const accepted = await this.#maker.insert(runner, table, row, index)
          if (accepted !== undefined) given.push(accepted)
        }
        return given
      },
      unchecked,
    )
    return inserted ?? []
  }

  /** The tables in which rows of an attack may be lost: its own, and those that reference it. */
  #watched(attack: Attack | undefined): readonly Table[] {
    if (attack === undefined) return this.tables
    const { table } = attack
    return this.tables.filter(
      (one) => sameName(one, table) || one.foreignKeys.some(({ references }) => sameName(references, table)),
    )
  }

  #ways(): readonly Direction[] {
    const { back, restores } = this.course
    if (this.direction === 'downgrade') return ['downgrade']
    if (back === null) return ['upgrade']
    return restores ? ['upgrade', 'downgrade', 'upgrade'] : ['upgrade', 'downgrade']
  }

  /** @param index 0: after the first direction · 1: after the one back */
  async #silent(runner: QueryRunner, watch: Watch, index: number): Promise<readonly Silent[]> {
    const back = index === 1
    if (back && !this.course.restores) return []
    const { from, to } = this.change
    const { changed, intended, fate } = await (this.#known[index] ??= this.#knowledge(back))
    if (changed === 'any') return []
    const found = await rolledBack(runner, () => watch.end(runner, fate, back ? from : to))
    return found.filter(
      ({ table, column }) =>
        !changed.has(displayName(table).toLowerCase()) &&
        (column === undefined ? !intended.tables.has(displayName(table)) : !intended.columns.has(column.toLowerCase())),
    )
  }

  /** What the statements mean to change: the same in every trial. */
  async #knowledge(back: boolean): Promise<Knowledge> {
    const { operations, from, statements } = this.change
    const all = back ? [...this.course.up, ...this.course.down] : statements
    return {
      changed: await changedTables(this.dialect, from, all),
      intended: intendedBy(all, from.tables.map(displayName)),
      fate: fateOf(back ? [...operations, ...this.reverse] : operations, from),
    }
  }
}

function silentKey({ table, column = '' }: Silent): string {
  return JSON.stringify([displayName(table), column])
}
