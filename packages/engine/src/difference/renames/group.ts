import type { RenameAnswer } from './apply'
import type { ObjectName } from '../../schema/schema'

/** Something that came, in one dialect. */
interface Arrival {
  /** How answers and flags name it. */
  readonly names: readonly string[]
  /** The name itself, for a table. */
  readonly table?: ObjectName
  /** Absent when it is not plausible that what went became this. */
  readonly score?: number
}

/** A table, column or enum value that went, in one dialect. */
export interface Departure {
  readonly dialect: string
  readonly kind: 'table' | 'column' | 'value'
  /** The same for the same thing in every dialect. */
  readonly group: string
  /** How flags name it; the first one is used in messages. */
  readonly names: readonly string[]
  readonly table?: ObjectName
  /** Of a value: every column that can have it, and the values that stay. */
  readonly columns?: readonly { readonly table: ObjectName; readonly column: string }[]
  readonly kept?: readonly string[]
  readonly from: string
  /** Of what is dropped to make room for something else of its name: what it is called until then. */
  readonly aside?: string
  readonly asideTable?: ObjectName
  readonly arrivals: readonly Arrival[]
}

/** A table, column or enum value that went, in all dialects together. */
export class RenameGroup {
  constructor(readonly departures: readonly [Departure, ...Departure[]]) {}

  get first(): Departure {
    return this.departures[0]
  }

  /** `users.name`: what flags call it. */
  get name(): string {
    return this.first.names[0] ?? this.first.from
  }

  isNamed(text: string): boolean {
    return this.departures.some((departure) => departure.names.includes(text))
  }

  /** Whether that is how it is called now, where names changed hands. */
  isCalled(text: string): boolean {
    return this.departures.some(({ names: [name] }) => name === text)
  }

  /** Names of what it may have become, the likeliest first. */
  candidates(): string[] {
    const scores = new Map<string, number>()
    for (const arrival of this.departures.flatMap((departure) => departure.arrivals)) {
      const [name] = arrival.names
      if (name === undefined || arrival.score === undefined) continue
      scores.set(name, Math.max(scores.get(name) ?? 0, arrival.score))
    }
    return [...scores].sort((a, b) => b[1] - a[1]).map(([name]) => name)
  }

  /** Names of everything that came where it went, plausible or not. */
  arrivals(): string[] {
    return [...new Set(this.departures.flatMap(({ arrivals }) => arrivals.flatMap(({ names }) => names[0] ?? [])))]
  }

  /** The first column that had the value. */
  get column(): string | undefined {
    return this.first.columns?.[0]?.column
  }

  /** Values that stay, in some dialect. */
  kept(): string[] {
    return [...new Set(this.departures.flatMap((departure) => departure.kept ?? []))]
  }

  /** The answer "rows that have it get `to`", for every column. */
  mapAnswers(to: string): RenameAnswer[] {
    return this.#forColumns('map', to)
  }

  #forColumns(kind: 'value' | 'map', to: string): RenameAnswer[] {
    const columns = this.departures.flatMap((departure) => departure.columns ?? [])
    const answers = columns.map((column): RenameAnswer => ({ kind, ...column, from: this.first.from, to }))
    return [...new Map(answers.map((answer) => [JSON.stringify(answer), answer])).values()]
  }

  /** The answer "it is dropped": where something else takes its name, it gives that up before. */
  dropAnswers(): RenameAnswer[] {
    const answers = this.departures.flatMap(({ kind, table, columns, from, aside, asideTable }): RenameAnswer[] => {
      if (aside === undefined) return []
      if (kind === 'value') return (columns ?? []).map((column) => ({ kind, ...column, from, to: aside }))
      return [
        {
          kind,
          ...(table === undefined ? {} : { table }),
          from,
          to: aside,
          ...(asideTable === undefined ? {} : { toTable: asideTable }),
        },
      ]
    })
    return [...new Map(answers.map((answer) => [JSON.stringify(answer), answer])).values()]
  }

  /** The answer "it became `to`", once for each way in which the dialects name it; empty when no such thing came. */
  answers(to: string): RenameAnswer[] {
    if (this.first.kind === 'value') return this.arrivals().includes(to) ? this.#forColumns('value', to) : []
    const answers = this.departures.flatMap(({ kind, table, from, arrivals }): RenameAnswer[] => {
      const arrival =
        arrivals.find(({ names: [name] }) => name === to) ?? arrivals.find(({ names }) => names.includes(to))
      if (arrival === undefined) return []
      const name = arrival.names[0] ?? to
      return [
        {
          kind,
          ...(table === undefined ? {} : { table }),
          from,
          to: name,
          ...(arrival.table === undefined ? {} : { toTable: arrival.table }),
        },
      ]
    })
    return [...new Map(answers.map((answer) => [JSON.stringify(answer), answer])).values()]
  }
}
