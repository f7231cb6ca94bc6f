import { type Attack, attacksOn } from '../../proof/hostile/attacks'
import type { GivenRow } from '../../proof/hostile/rows'
import { displayName } from '../../schema/schema'
import type { Cases, FoundFailure } from './cases'
import type { Outcome, Position } from './position'
import type { Stage } from './stage'

/** Tries all attacks on a revision in one direction, and looks for the fewest rows of each failure. */
export class Search {
  /** In the order in which they were found; of one cause several, with other rows. */
  readonly failures: FoundFailure[] = []
  trials = 0
  untried = 0

  /** @param cases gets what is lost without a failure */
  constructor(
    private readonly position: Position,
    private readonly cases: Cases,
    private readonly mostTrials: number,
  ) {}

  async run(stage: Stage): Promise<void> {
    for (const attack of attacksOn(this.position.change)) {
      if (this.trials >= this.mostTrials) this.untried += 1
      else await this.#try(stage, attack)
    }
  }

  async #try(stage: Stage, attack: Attack): Promise<void> {
    const outcome = await this.#trial(stage, attack, attack.rows)
    for (const silent of outcome.silent) {
      const { one, rows } = await this.#fewestLost(stage, attack, silent, outcome.rows)
      this.cases.loses(one, attack, rows)
    }
    if (outcome.failure === undefined || this.cases.isOfAnyRow(outcome.failure)) return
    if (outcome.rows.length === 1) {
      this.#add(attack, outcome)
      return
    }
    let isAlone = false
    const alone = attack.together === true ? outcome.rows.slice(0, 1) : outcome.rows
    for (const row of alone) {
      const one = await this.#trial(stage, attack, [row])
      for (const silent of one.silent) this.cases.loses(silent, attack, [row])
      if (one.failure === undefined) continue
      isAlone = true
      this.#add(attack, one)
    }
    if (!isAlone) this.#add(attack, await this.#fewest(stage, attack, outcome))
  }

  #add(attack: Attack, { failure, rows }: Outcome): void {
    if (failure === undefined) return
    this.failures.push({ failure, attack, rows, table: displayName(attack.table) })
  }

  async #trial(stage: Stage, attack: Attack, rows: Attack['rows']): Promise<Outcome> {
    this.trials += 1
    return this.position.trial(stage, attack, rows)
  }

  /** The failure with as few rows as possible. */
  async #fewest(stage: Stage, attack: Attack, outcome: Outcome): Promise<Outcome> {
    let fewest = outcome
    for (const row of outcome.rows) {
      const rest = fewest.rows.filter((other) => other !== row)
      if (rest.length === 0) break
      const smaller = await this.#trial(stage, attack, rest)
      if (smaller.failure !== undefined && smaller.failure.statement === outcome.failure?.statement)
        fewest = { ...smaller, rows: rest }
    }
    return fewest
  }

  async #fewestLost(
    stage: Stage,
    attack: Attack,
    lost: Outcome['silent'][number],
    rows: readonly GivenRow[],
  ): Promise<{ readonly one: Outcome['silent'][number]; readonly rows: readonly GivenRow[] }> {
    for (const row of rows.length > 1 ? rows : []) {
      const trial = await this.#trial(stage, attack, [row])
      const one = trial.silent.find(
        ({ table, column, direction }) =>
          column === lost.column && table.name === lost.table.name && direction === lost.direction,
      )
      if (one !== undefined) return { one, rows: [row] }
    }
    return { one: lost, rows }
  }
}
