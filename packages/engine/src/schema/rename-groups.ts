import { pairByKey, pairByName } from './pairing'
import { applyRenames, findRenameCandidates, type RenameAnswer, type RenameCandidate } from './rename-candidates'
import { displayName, type ObjectName, sameName, type Schema, type Table } from './schema'

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

/** A table or column that went, in one dialect. */
interface Departure {
  readonly dialect: string
  readonly kind: 'table' | 'column'
  /** The same for the same thing in every dialect. */
  readonly group: string
  /** How flags name it; the first one is used in messages. */
  readonly names: readonly string[]
  readonly table?: ObjectName
  readonly from: string
  readonly arrivals: readonly Arrival[]
}

/** A table or column that went, in all dialects together. */
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

  /** The answer "it became `to`", once for each way in which the dialects name it; empty when no such thing came. */
  answers(to: string): RenameAnswer[] {
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
