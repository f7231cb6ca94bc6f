import type { RenameAnswer } from './apply'
import type { ObjectName } from '../../schema/schema'

/** An added table, column or enum value of one dialect. */
interface Arrival {
  /** The names in answers and flags. */
  readonly names: readonly string[]
  /** The name of a table. */
  readonly table?: ObjectName
  /** Absent if it is not plausible that the removed object was renamed to this one. */
  readonly score?: number
}

/** A removed table, column or enum value of one dialect. */
export interface Departure {
  readonly dialect: string
  readonly kind: 'table' | 'column' | 'value'
  /** The same in every dialect. */
  readonly group: string
  /** The names in flags; the first one is used in messages. */
  readonly names: readonly string[]
  readonly table?: ObjectName
  /** For a value: all columns that can have it, and the remaining values. */
  readonly columns?: readonly { readonly table: ObjectName; readonly column: string }[]
  readonly kept?: readonly string[]
  readonly from: string
  /** A temporary name until it is dropped, if something else takes its name. */
  readonly aside?: string
  readonly asideTable?: ObjectName
  readonly arrivals: readonly Arrival[]
}

/** A removed table, column or enum value of all dialects. */
export class RenameGroup {
  constructor(readonly departures: readonly [Departure, ...Departure[]]) {}

  get first(): Departure {
    return this.departures[0]
  }

  /** The name in flags: `users.name`. */
  get name(): string {
    return this.first.names[0] ?? this.first.from
  }

  isNamed(text: string): boolean {
    return this.departures.some((departure) => departure.names.includes(text))
  }

  /** True if the text is its first name, which decides if several groups share a name. */
  isCalled(text: string): boolean {
    return this.departures.some(({ names: [name] }) => name === text)
  }

  /** The names that it may have been renamed to, likeliest first. */
  candidates(): string[] {
    const scores = new Map<string, number>()
    for (const arrival of this.departures.flatMap((departure) => departure.arrivals)) {
      const [name] = arrival.names
      if (name === undefined || arrival.score === undefined) continue
      scores.set(name, Math.max(scores.get(name) ?? 0, arrival.score))
    }
    return [...scores].sort((a, b) => b[1] - a[1]).map(([name]) => name)
  }

  /** The names of everything added in the same place, plausible or not. */
  arrivals(): string[] {
    return [...new Set(this.departures.flatMap(({ arrivals }) => arrivals.flatMap(({ names }) => names[0] ?? [])))]
  }

  /** The first column with the value. */
  get column(): string | undefined {
    return this.first.columns?.[0]?.column
  }

  /** The remaining values of all dialects. */
  kept(): string[] {
    return [...new Set(this.departures.flatMap((departure) => departure.kept ?? []))]
  }

  /** The answer "rows with this value get `to`", for every column. */
  mapAnswers(to: string): RenameAnswer[] {
    return this.#forColumns('map', to)
  }

  #forColumns(kind: 'value' | 'map', to: string): RenameAnswer[] {
    const columns = this.departures.flatMap((departure) => departure.columns ?? [])
    return distinct(columns.map((column) => ({ kind, ...column, from: this.first.from, to })))
  }

  /** The answer "it is dropped", which frees its name first if something else takes it. */
  dropAnswers(): RenameAnswer[] {
    const answers = this.departures.flatMap(({ kind, table, columns, from, aside, asideTable }): RenameAnswer[] => {
      if (aside === undefined) return []
      if (kind === 'value') return (columns ?? []).map((column) => ({ kind, ...column, from, to: aside }))
      return [{ kind, table, from, to: aside, toTable: asideTable }]
    })
    return distinct(answers)
  }

  /** The answer "it was renamed to `to`", for each of its names in the dialects; empty if `to` was not added. */
  answers(to: string): RenameAnswer[] {
    if (this.first.kind === 'value') return this.arrivals().includes(to) ? this.#forColumns('value', to) : []
    const answers = this.departures.flatMap(({ kind, table, from, arrivals }): RenameAnswer[] => {
      const arrival =
        arrivals.find(({ names: [name] }) => name === to) ?? arrivals.find(({ names }) => names.includes(to))
      if (arrival === undefined) return []
      return [{ kind, table, from, to: arrival.names[0] ?? to, toTable: arrival.table }]
    })
    return distinct(answers)
  }
}

function distinct(answers: readonly RenameAnswer[]): RenameAnswer[] {
  return [...new Map(answers.map((answer) => [JSON.stringify(answer), answer])).values()]
}
