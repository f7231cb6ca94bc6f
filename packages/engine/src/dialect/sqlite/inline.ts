import { stableJson } from '../../schema/json'
import type { Check, ForeignKey, Table } from '../../schema/schema'

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
