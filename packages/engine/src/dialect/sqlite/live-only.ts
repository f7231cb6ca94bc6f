import { bodyOf } from '../../schema/normalize'
import type { Schema, Table } from '../../schema/schema'
import { quote } from './quote'
import { rebuildSavepoint } from '../../sql/sqlite/rebuild-names'
import { tableStatement } from './table-statement'
import { fold, sameIdentifier } from '../../sql/sqlite/tokens'

/** Unmanaged objects of a database: made by hand, or by another program. Names are folded. */
export interface LiveOnly {
  /** By table, as the database spells them. */
  readonly columns: ReadonlyMap<string, readonly string[]>
  /** By table, columns that the revisions have and the database does not. */
  readonly missing: ReadonlyMap<string, readonly string[]>
  /** By table, as SQL. */
  readonly constraints: ReadonlyMap<string, readonly string[]>
  readonly indexes: ReadonlySet<string>
  readonly triggers: ReadonlySet<string>
  readonly views: readonly string[]
}

/** What only the live database has, in the tables of both. */
export function findLiveOnly(live: Schema, expected: Schema): LiveOnly {
  const pairs = live.tables.flatMap((table): [Table, Table][] => {
    const known = expected.tables.find((other) => sameIdentifier(other.name, table.name))
    return known === undefined ? [] : [[table, known]]
  })
  const lists = (find: (table: Table, known: Table) => string[]): Map<string, readonly string[]> =>
    new Map(
      pairs.flatMap(([table, known]): [string, readonly string[]][] => {
        const found = find(table, known)
        return found.length === 0 ? [] : [[fold(table.name), found]]
      }),
    )
  const namesIn = (schema: Schema, kind: 'indexes' | 'triggers'): Set<string> =>
    new Set([
      ...schema.tables.flatMap((table) => table[kind].map(({ name }) => fold(name))),
      ...(kind === 'triggers'
        ? schema.views.flatMap((view) => (view.triggers ?? []).map(({ name }) => fold(name)))
        : []),
    ])
  const only = (kind: 'indexes' | 'triggers'): Set<string> => {
    const known = namesIn(expected, kind)
    return new Set([...namesIn(live, kind)].filter((name) => !known.has(name)))
  }
  return {
    columns: lists(columnsOnlyIn),
    missing: lists((table, known) => columnsOnlyIn(known, table)),
    constraints: lists(constraintsOnlyIn),
    indexes: only('indexes'),
    triggers: only('triggers'),
    views: live.views.flatMap(({ name }) =>
      expected.views.some((view) => sameIdentifier(view.name, name)) ? [] : [name],
    ),
  }
}

function columnsOnlyIn(table: Table, other: Table): string[] {
  return table.columns.flatMap(({ name }) =>
    other.columns.some((column) => sameIdentifier(column.name, name)) ? [] : [name],
  )
}

function constraintsOnlyIn(table: Table, known: Table): string[] {
  const missing = <T extends Parameters<typeof bodyOf>[0]>(items: readonly T[], others: readonly T[]): T[] => {
    const bodies = new Set(others.map(bodyOf))
    return items.filter((item) => !bodies.has(bodyOf(item)))
  }
  const list = (columns: readonly string[]): string => columns.map(quote).join(', ')
  return [
    ...missing(table.checks, known.checks).map(({ expression }) => `CHECK (${expression})`),
    ...missing(table.uniques, known.uniques).map(({ columns }) => `UNIQUE (${list(columns)})`),
    ...missing(table.foreignKeys, known.foreignKeys).map(
      ({ columns, references }) => `FOREIGN KEY (${list(columns)}) REFERENCES ${quote(references.name)}`,
    ),
  ]
}

/**
 * Tables that statements rebuild: they drop the table, and rename another one to its name or, inside a rebuild, create it
 * again.
 *
 * @param steps the statements of each revision, in order
 * @returns names as the tables have them before the first of these statements, folded
 */
export function rebuiltTables(steps: readonly (readonly string[])[]): ReadonlySet<string> {
  /** By current name, the name at the beginning; null for a table created since. */
  const origins = new Map<string, string | null>()
  const originOf = (name: string): string | null => origins.get(name) ?? (origins.has(name) ? null : name)
  const found = new Set<string>()
  for (const statements of steps) {
    const dropped = new Map<string, string | null>()
    let inRebuild = false
    const takePlace = (name: string): void => {
      const origin = dropped.get(name) ?? null
      if (origin !== null) found.add(origin)
      origins.set(name, origin)
    }
    for (const sql of statements) {
      const statement = tableStatement(sql)
      if (statement === undefined) continue
      if ('savepoint' in statement) {
        if (statement.savepoint === rebuildSavepoint) inRebuild = statement.kind === 'savepoint'
        continue
      }
      const table = fold(statement.table)
      if (statement.kind === 'drop') {
        dropped.set(table, originOf(table))
        origins.set(table, null)
      } else if (statement.kind === 'create') {
        if (inRebuild && dropped.has(table)) takePlace(table)
        else origins.set(table, null)
      } else {
        const to = fold(statement.to)
        if (dropped.has(to)) takePlace(to)
        else origins.set(to, originOf(table))
        origins.set(table, null)
      }
    }
  }
  return found
}
