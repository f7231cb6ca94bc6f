import { stableJson } from '../../schema/json'
import { type Check, findTable, type ForeignKey, type Schema, type Table } from '../../schema/schema'

/** By column, what is written behind it; see `Table.inline`. */
export type Inline = NonNullable<Table['inline']>

/** How a constraint is named in `Table.inline`. */
export function inlineKey(constraint: Check | ForeignKey): string {
  return stableJson(constraint)
}

/** The table without a column and what is written behind it: what SQLite makes of it when it drops the column. */
export function withoutColumn(table: Table, column: string): Table {
  const along = new Set(table.inline?.[column] ?? [])
  const { [column]: _gone, ...inline } = table.inline ?? {}
  return {
    ...table,
    columns: table.columns.filter(({ name }) => name !== column),
    checks: table.checks.filter((check) => !along.has(inlineKey(check))),
    foreignKeys: table.foreignKeys.filter((key) => !along.has(inlineKey(key))),
    inline,
  }
}

/** The schema with what stands behind columns in another one. */
export function withInline(schema: Schema, other: Schema): Schema {
  return {
    ...schema,
    tables: schema.tables.map(({ inline: _inline, ...table }) => {
      const inline = findTable(other, table)?.inline
      return inline === undefined ? table : { ...table, inline }
    }),
  }
}

/** The schema with only what stands behind the same column in both; itself when that is all. */
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
