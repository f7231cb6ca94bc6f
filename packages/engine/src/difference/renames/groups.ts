import { valuesOf } from '../../schema/enum-values'
import { pairByKey, pairByName } from '../pairing'
import { applyRenames, type RenameAnswer } from './apply'
import { columnScore, tableScore } from './candidates'
import { type Departure, RenameGroup } from './group'
import { type RenameFlags, withReusedNames } from './reused-names'
import { displayName, keyOf, type ObjectName, type Schema, type Table, nameOf } from '../../schema/schema'
import { similarity } from './similarity'

/** The schemas of a project in one dialect, before and after. */
export interface RenameSides {
  readonly dialect: string
  readonly from: Schema
  readonly to: Schema
}

/** Removed tables, with the added ones. */
export function tableGroups(sides: readonly RenameSides[], flags: RenameFlags): RenameGroup[] {
  return grouped(
    sides.flatMap(({ dialect, from, to }) => {
      const { removed, added, aside } = withReusedNames(pairByName(from.tables, to.tables), flags, {
        own: ({ name }) => name,
        spelled: (table) => [displayName(table)],
        arrival: (table) => unique([displayName(table), table.name]),
      })
      return removed.map((table): Departure => {
        const name = displayName(table)
        const between = aside(table)
        return {
          dialect,
          kind: 'table',
          group: groupName(table, from),
          names: [name],
          from: name,
          aside: between,
          asideTable: between === undefined ? undefined : { ...nameOf(table), name: between },
          arrivals: added.map((wanted) => ({
            names: unique([displayName(wanted), wanted.name]),
            table: nameOf(wanted),
            score: tableScore(table, wanted),
          })),
        }
      })
    }),
  )
}

/** Removed columns, with those added to the same table, after the tables were renamed. */
export function columnGroups(
  sides: readonly RenameSides[],
  tables: readonly RenameAnswer[],
  flags: RenameFlags,
): RenameGroup[] {
  return grouped(
    sides.flatMap(({ dialect, from, to }) => {
      const { schema } = applyRenames(from, tables)
      return pairByName(schema.tables, to.tables).both.flatMap((pair) => {
        const before = tables.find((answer) => answer.to === displayName(pair.to))?.from
        // The old name is ambiguous if another table has it now.
        const old = to.tables.some((table) => displayName(table) === before) ? undefined : before
        const spelled = ({ name }: { readonly name: string }): string[] =>
          unique([displayName(pair.to), ...(old === undefined ? [] : [old])]).map((table) => `${table}.${name}`)
        const { removed, added, aside, isReplaced } = withReusedNames(
          pairByKey(pair.from.columns, pair.to.columns, (column) => column.name),
          flags,
          { own: ({ name }) => name, spelled, arrival: ({ name }) => [name, `${displayName(pair.to)}.${name}`] },
        )
        return removed
          .filter(
            (column) =>
              // Dropping a generated column loses nothing, so there is no question, but a flag may name it.
              column.generated === undefined ||
              isReplaced(column) ||
              flags.rename.some(({ left }) => spelled(column).includes(left)),
          )
          .map((column): Departure => ({
            dialect,
            kind: 'column',
            group: `${groupName(pair.to, to)}.${column.name}`,
            names: spelled(column),
            table: nameOf(pair.to),
            from: column.name,
            aside: aside(column),
            arrivals: added.map((wanted) => ({
              names: [wanted.name, `${displayName(pair.to)}.${wanted.name}`],
              score: columnScore({ table: pair.from, column }, { table: pair.to, column: wanted }),
            })),
          }))
      })
    }),
  )
}

/**
 * Removed enum values, with those added to the same columns, after tables and columns were renamed. A type of several
 * columns has one group for each value.
 */
export function valueGroups(
  sides: readonly RenameSides[],
  answers: readonly RenameAnswer[],
  flags: RenameFlags,
): RenameGroup[] {
  const departures = sides.flatMap(({ dialect, from, to }) => {
    const { schema } = applyRenames(from, answers)
    const found = new Map<string, Departure>()
    const places = enumPlaces(schema)
    for (const pair of pairByName(schema.tables, to.tables).both) {
      for (const columns of pairByKey(pair.from.columns, pair.to.columns, (column) => column.name).both) {
        const before = valuesOf(schema, pair.from, columns.from)
        const after = valuesOf(to, pair.to, columns.to)
        if (before === undefined || after === undefined) continue
        const place = { table: nameOf(pair.to), column: columns.to.name }
        const type = columns.from.enum === undefined ? `${keyOf(pair.to)} ${place.column}` : keyOf(columns.from.enum)
        const prefixes = places.get(type) ?? prefixesOf(pair.to, place.column)
        const { removed, added, aside } = withReusedNames(pairByKey(before, after, String), flags, {
          own: String,
          spelled: (value) => prefixes.map((prefix) => `${prefix}.${value}`),
        })
        for (const value of removed) {
          const group = `${type} ${value}`
          const other = found.get(group)
          const names = prefixesOf(pair.to, place.column).map((prefix) => `${prefix}.${value}`)
          found.set(group, {
            dialect,
            kind: 'value',
            group,
            names: unique([...(other?.names ?? []), ...names]),
            columns: [...(other?.columns ?? []), place],
            kept: before.filter((one) => after.includes(one) && !removed.includes(one)),
            from: value,
            aside: aside(value),
            arrivals: added.map((to) => ({ names: [to], score: similarity(value, to) })),
          })
        }
      }
    }
    return [...found.values()]
  })
  return joined(departures)
}

/** The names of the columns of each enum type in flags, without the dot and the value. */
function enumPlaces({ tables }: Schema): ReadonlyMap<string, readonly string[]> {
  const places = new Map<string, string[]>()
  for (const table of tables) {
    for (const { name, enum: type } of table.columns) {
      if (type !== undefined) places.set(keyOf(type), [...(places.get(keyOf(type)) ?? []), ...prefixesOf(table, name)])
    }
  }
  return places
}

function prefixesOf(table: ObjectName, column: string): string[] {
  return unique([displayName(table), table.name]).map((name) => `${name}.${column}`)
}

/** One group for departures that share a name: an enum type in one dialect may be checks of several columns in another. */
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

/** The name without the schema if that is unique, so that it is the same in a database without schemas. */
function groupName(table: Table, { tables }: Schema): string {
  return tables.filter((other) => other.name === table.name).length > 1 ? displayName(table) : table.name
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}
