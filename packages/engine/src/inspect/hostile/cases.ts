import type { HostileKind } from '../../results'
import type { Direction } from '../../revision/revision'
import type { Attack } from '../../proof/hostile/attacks'
import type { Silent } from '../../proof/hostile/losses'
import type { GivenRow } from '../../proof/hostile/rows'
import { displayName } from '../../schema/schema'
import type { Failure } from './execute'
import { conditionText, helpText, isRare, silentText } from './words'

/** One cause, before it is reported. */
export interface Case {
  readonly kind: HostileKind
  readonly direction: Direction
  readonly table: string
  readonly columns: readonly string[]
  /** The fewest rows with which it happens. */
  readonly rows: readonly GivenRow[]
  /** Absent: nothing fails, but values are lost. */
  readonly failure?: Failure
  readonly again?: true
  /** Hardly any table has such rows. */
  readonly rare: boolean
  readonly message: string
  readonly help: string
}

/** What rows of one revision have shown, one case for each cause. */
export class Cases {
  readonly #failures = new Map<string, { readonly first: FoundFailure; readonly rows: GivenRow[] }>()
  readonly #silent = new Map<
    string,
    { one: Silent & { direction: Direction }; attack: Attack; rows: readonly GivenRow[]; kind: 'lost' | 'changed' }
  >()

  /** Whether there is a case with this cause. */
  knows(found: FoundFailure): boolean {
    return keysOf(found).some((key) => this.#failures.has(key))
  }

  /** Whether it is known that any row fails so. */
  isOfAnyRow(failure: Failed): boolean {
    const [key = ''] = keysOf({ failure })
    const known = this.#failures.get(key)
    return known !== undefined && known.first.attack === undefined
  }

  /** Adds a failure, or another example of a known one. */
  fails(found: FoundFailure): void {
    const keys = keysOf(found)
    const known = keys.map((key) => this.#failures.get(key)).find((one) => one !== undefined)
    if (known === undefined) {
      const made = { first: found, rows: [...found.rows] }
      for (const key of keys) this.#failures.set(key, made)
    } else if (known.first.attack !== undefined && found.attack?.columns.join() === known.first.attack.columns.join()) {
      known.rows.push(...found.rows)
    }
  }

  loses(one: Silent & { direction: Direction }, attack: Attack, rows: readonly GivenRow[]): void {
    const key = JSON.stringify([one.direction, displayName(one.table), one.column])
    if (!this.#silent.has(key))
      this.#silent.set(key, { one, attack, rows, kind: one.column === undefined ? 'lost' : 'changed' })
  }

  all(): readonly Case[] {
    const failures = [...new Set(this.#failures.values())].map(({ first, rows }): Case => {
      const { attack, failure, table } = first
      const condition = attack === undefined ? `${table} has a row` : conditionText(attack, rows)
      const verb = failure.deliberate ? 'refuses to run' : 'fails'
      const what = failure.again === true ? 'the second upgrade, after a downgrade,' : `the ${failure.direction}`
      return {
        kind: attack?.kind ?? 'row',
        direction: failure.direction,
        table,
        columns: attack?.columns ?? [],
        rows: first.rows,
        failure,
        ...(failure.again && { again: true }),
        rare: attack?.unchecked === true || (rows.length > 0 && rows.every(isRare)),
        message: `${what} ${verb} if ${condition}: ${withoutDetail(failure.text)}`,
        help: attack === undefined ? 'Give every existing row what the statement needs, before it.' : helpText(attack),
      }
    })
    const silent = [...this.#silent.values()].map(({ one, attack, rows, kind }): Case => ({
      kind,
      direction: one.direction,
      table: displayName(one.table),
      columns: one.column === undefined ? [] : [one.column],
      rows,
      rare: false,
      message: silentText(one, conditionText(attack, rows)),
      help: 'Convert such values in a statement of their own, or stop if there are any.',
    }))
    return [...failures, ...silent]
  }
}

export type Failed = Failure & { readonly direction: Direction; readonly again?: true }

/** A failure, and the fewest rows with which it happens. */
export interface FoundFailure {
  readonly failure: Failed
  /** Absent: any row does. */
  readonly attack?: Attack
  readonly rows: readonly GivenRow[]
  /** The table of the rows. */
  readonly table: string
}

/** PostgreSQL's details name the values of one row, its hints what the message has said. */
function withoutDetail(text: string): string {
  return text.replace(/; (?:DETAIL|HINT): .*$/s, '')
}

/** Failures with one of these in common have the same cause. */
function keysOf({ failure, attack }: Pick<FoundFailure, 'failure' | 'attack'>): readonly string[] {
  const { direction, statement, text, again } = failure
  // A statement may contain values of the rows.
  const place = JSON.stringify([direction, again, statement?.replaceAll(/'(?:[^']|'')*'/g, "'…'")])
  const words = withoutDetail(text)
    .replace(/: ?".*$/s, '')
    .replaceAll(/'[^']*'/g, "'…'")
    .replaceAll(/\d+/g, '#')
  const ofValues =
    attack?.kind === 'value' || attack?.kind === 'check'
      ? [JSON.stringify([place, displayName(attack.table), attack.columns])]
      : []
  return [JSON.stringify([place, words]), ...ofValues]
}
