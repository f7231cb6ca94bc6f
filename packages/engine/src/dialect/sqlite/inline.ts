import { stableJson } from '../../schema/json'
import { type Check, type Column, findTable, type ForeignKey, type Schema, type Table } from '../../schema/schema'

/** By column, the constraints written after it; see `Table.inline`. */
export type Inline = NonNullable<Table['inline']>

/** The key of a constraint in `Table.inline`. */
export function inlineKey(constraint: Check | ForeignKey): string {
  return stableJson(constraint)
}

/** The table without a column and the constraints written after it: as SQLite leaves it when it drops the column. */
export function withoutColumn(table: Table, column: string): Table {
  const dropped = new Set(table.inline?.[column] ?? [])
  const { [column]: _dropped, ...inline } = table.inline ?? {}
  return {
    ...table,
    columns: table.columns.filter(({ name }) => name !== column),
    checks: table.checks.filter((check) => !dropped.has(inlineKey(check))),
    foreignKeys: table.foreignKeys.filter((key) => !dropped.has(inlineKey(key))),
    inline,
  }
}

/** The schema, with columns in the order in which another one has them, and the constraints that it has after them. */
export function writtenAs(schema: Schema, other: Schema): Schema {
  return {
    ...schema,
    tables: schema.tables.map((table) => {
      const written = findTable(other, table)
      return { ...table, columns: inOrderOf(table.columns, written), inline: written?.inline }
    }),
  }
}

/** The columns in the order in which another table has them, and after these the columns that it does not have. */
export function inOrderOf(columns: readonly Column[], other: Table | undefined): readonly Column[] {
  if (other === undefined) return columns
  const places = new Map(other.columns.map(({ name }, place) => [name, place]))
  const placeOf = ({ name }: Column): number => places.get(name) ?? places.size
  return [...columns].sort((one, another) => placeOf(one) - placeOf(another))
}

/** The schema, with only those constraints after a column that both have there; itself if these are all. */
export function commonInline(schema: Schema, other: Schema): Schema {
  let isAll = true
  const tables = schema.tables.map((table) => {
    const others = findTable(other, table)?.inline ?? {}
    const inline: Record<string, readonly string[]> = {}
    for (const [column, keys] of Object.entries(table.inline ?? {})) {
      const kept = keys.filter((key) => others[column]?.includes(key) === true)
      if (kept.length < keys.length) isAll = false
      if (kept.length > 0) inline[column] = kept
    }
    return { ...table, inline }
  })
  return isAll ? schema : { ...schema, tables }
}
