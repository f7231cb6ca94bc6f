import { valuesOf } from './enum-values'
import { pairByKey, pairByName } from './pairing'
import { applyRenames, findRenameCandidates, type RenameAnswer, type RenameCandidate } from './rename-candidates'
import { displayName, keyOf, type ObjectName, sameName, type Schema, type Table } from './schema'
import { similarity } from './similarity'

/** The same project in one dialect: before and after. */
export interface RenameSides {
  readonly dialect: string
  readonly from: Schema
  readonly to: Schema
}

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
interface Departure {
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

  /** The answer "it became `to`", once for each way in which the dialects name it; empty when no such thing came. */
  answers(to: string): RenameAnswer[] {
    if (this.first.kind === 'value') return this.arrivals().includes(to) ? this.#forColumns('value', to) : []
    const answers = this.departures.flatMap(({ kind, table, from, arrivals }): RenameAnswer[] => {
      const arrival = arrivals.find(({ names }) => names.includes(to))
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

/** Tables that went, with those that came. */
export function tableGroups(sides: readonly RenameSides[]): RenameGroup[] {
  return grouped(
    sides.flatMap(({ dialect, from, to }) => {
      const { gone, come } = pairByName(from.tables, to.tables)
      const candidates = findRenameCandidates(from, to)
      return gone.map((table): Departure => {
        const name = displayName(table)
        return {
          dialect,
          kind: 'table',
          group: groupName(table, from),
          names: [name],
          from: name,
          arrivals: come.map((wanted) => {
            const to = displayName(wanted)
            const candidate = candidates.find(
              (other) => other.kind === 'table' && other.from === name && other.to === to,
            )
            return { names: unique([to, wanted.name]), table: nameOf(wanted), ...scoreOf(candidate) }
          }),
        }
      })
    }),
  )
}

/** Columns that went, with those that came to the same table, after the tables were renamed. */
export function columnGroups(sides: readonly RenameSides[], tables: readonly RenameAnswer[]): RenameGroup[] {
  return grouped(
    sides.flatMap(({ dialect, from, to }) => {
      const { schema } = applyRenames(from, tables)
      const candidates = findRenameCandidates(schema, to)
      return pairByName(schema.tables, to.tables).both.flatMap((pair) => {
        const { gone, come } = pairByKey(pair.from.columns, pair.to.columns, (column) => column.name)
        const old = tables.find((answer) => answer.to === displayName(pair.to))?.from
        return gone
          .filter((column) => column.generated === undefined)
          .map((column): Departure => {
            const score = (wanted: string): { score?: number } =>
              scoreOf(
                candidates.find(
                  (other) =>
                    other.from === column.name &&
                    other.to === wanted &&
                    other.table !== undefined &&
                    sameName(other.table, pair.to),
                ),
              )
            return {
              dialect,
              kind: 'column',
              group: `${groupName(pair.to, to)}.${column.name}`,
              names: unique([displayName(pair.to), ...(old === undefined ? [] : [old])]).map(
                (table) => `${table}.${column.name}`,
              ),
              table: nameOf(pair.to),
              from: column.name,
              arrivals: come.map(({ name }) => ({ names: [name, `${displayName(pair.to)}.${name}`], ...score(name) })),
            }
          })
      })
    }),
  )
}

/**
 * Values of enums that went, with those that came to the same columns, after tables and columns were renamed. A type that
 * several columns have is asked about once.
 */
export function valueGroups(sides: readonly RenameSides[], answers: readonly RenameAnswer[]): RenameGroup[] {
  const departures = sides.flatMap(({ dialect, from, to }) => {
    const { schema } = applyRenames(from, answers)
    const found = new Map<string, Departure>()
    for (const pair of pairByName(schema.tables, to.tables).both) {
      for (const columns of pairByKey(pair.from.columns, pair.to.columns, (column) => column.name).both) {
        const before = valuesOf(schema, pair.from, columns.from)
        const after = valuesOf(to, pair.to, columns.to)
        if (before === undefined || after === undefined) continue
        const come = after.filter((value) => !before.includes(value))
        const place = { table: nameOf(pair.to), column: columns.to.name }
        const type = columns.from.enum === undefined ? `${keyOf(pair.to)} ${place.column}` : keyOf(columns.from.enum)
        for (const value of before.filter((other) => !after.includes(other))) {
          const group = `${type} ${value}`
          const other = found.get(group)
          const names = unique([displayName(pair.to), pair.to.name]).map((table) => `${table}.${place.column}.${value}`)
          found.set(group, {
            dialect,
            kind: 'value',
            group,
            names: unique([...(other?.names ?? []), ...names]),
            columns: [...(other?.columns ?? []), place],
            kept: before.filter((one) => after.includes(one)),
            from: value,
            arrivals: come.map((to) => ({ names: [to], score: similarity(value, to) })),
          })
        }
      }
    }
    return [...found.values()]
  })
  return joined(departures)
}

/** One group for departures that share a name: a type in one dialect may be checks of several columns in another. */
function joined(departures: readonly Departure[]): RenameGroup[] {
  let groups: [Departure, ...Departure[]][] = []
  for (const departure of departures) {
    const isShared = (group: readonly Departure[]): boolean =>
      group.some(({ names }) => names.some((name) => departure.names.includes(name)))
    const same = groups.filter(isShared)
    const [first, ...rest] = [...same.flat(), departure]
    groups = [...groups.filter((group) => !same.includes(group)), [first ?? departure, ...rest]]
  }
  return groups.map((group) => new RenameGroup(group))
}

function grouped(departures: readonly Departure[]): RenameGroup[] {
  const groups = new Map<string, [Departure, ...Departure[]]>()
  for (const departure of departures) {
    const group = groups.get(departure.group)
    if (group === undefined) groups.set(departure.group, [departure])
    else group.push(departure)
  }
  return [...groups.values()].map((group) => new RenameGroup(group))
}

/** Without the schema where that is no loss: an engine without schemas has the same tables. */
function groupName(table: Table, { tables }: Schema): string {
  return tables.filter((other) => other.name === table.name).length > 1 ? displayName(table) : table.name
}

function scoreOf(candidate: RenameCandidate | undefined): { score?: number } {
  return candidate === undefined ? {} : { score: candidate.score }
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}

function nameOf({ schema, name }: ObjectName): ObjectName {
  return schema === undefined ? { name } : { schema, name }
}
