import type { Dialect } from '../dialect/dialect'
import { compare } from '../difference/compare'
import { fateOf, lostRows, type TableRows } from '../proof/rows'
import { displayName, keyOf, type Schema } from '../schema/schema'
import type { StatementEffects } from '../sql/effects'

/** A schema with the rows of its tables. */
export interface Filled {
  readonly schema: Schema
  readonly rows: Map<string, TableRows>
}

export function hasRows({ rows }: Filled): boolean {
  return [...rows.values()].some((table) => table.rows.length > 0)
}

/**
 * The sample rows that existed before an up and do not exist after its down, in words. Left out is what the revision is meant to lose:
 * tables and columns that its up drops, values that it converts, and rows of tables in which one of its statements changes rows.
 *
 * @param statements of up and down
 */
export async function rowsNotRestored(
  dialect: Dialect,
  before: Filled,
  middle: Filled,
  after: Filled,
  statements: readonly string[],
): Promise<readonly string[]> {
  const changed = await changedTables(dialect, before.schema, statements)
  if (changed === 'any') return []
  const fate = fateOf(
    [...compare(before.schema, middle.schema), ...compare(middle.schema, after.schema)],
    before.schema,
  )
  return [...before.rows].flatMap(([key, old]) => {
    const name = fate.tableAfter(old.table)
    const now = name === undefined ? undefined : after.rows.get(keyOf(name))
    if (now === undefined || changed.has(displayName(old.table).toLowerCase())) return []
    // Rows that the up inserts may stay.
    if (now.rows.length > old.rows.length) return []
    return lostRows(new Map([[key, old]]), after.rows, fate)
  })
}

/**
 * The tables whose rows statements delete or overwrite, in lower case, with those that reference them: a foreign key may pass it on.
 *
 * @returns `any` if it cannot be read
 */
export async function changedTables(
  dialect: Dialect,
  schema: Schema,
  statements: readonly string[],
): Promise<ReadonlySet<string> | 'any'> {
  const columns = new Map(schema.tables.map((table) => [displayName(table), table.columns.map(({ name }) => name)]))
  const reader = await dialect.sql.readEffects(() => Promise.resolve((table) => columns.get(table)))
  const found = new Set<string>()
  for (const effects of statements.map((sql): StatementEffects => reader.read(sql))) {
    for (const { table, kind } of effects.destroys) {
      if (kind !== undefined && kind !== 'rows' && kind !== 'overwritten') continue
      if (table === undefined) return 'any'
      found.add(table.toLowerCase())
    }
  }
  for (let size = -1; size !== found.size;) {
    size = found.size
    for (const table of schema.tables) {
      const isReferencing = table.foreignKeys.some(({ references }) => found.has(displayName(references).toLowerCase()))
      if (isReferencing) found.add(displayName(table).toLowerCase())
    }
  }
  return found
}
