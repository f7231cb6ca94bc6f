import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import { schemaPrefix } from './tables'

/** A table with the columns of TypeORM's history. */
export interface PossibleHistory {
  /** With the schema where it is not the default one. */
  readonly table: string
  /** Whether it is in the schema of the history that asks, and so shares its journal. */
  readonly isBeside: boolean
}

/** Tables with the columns of a history, other than `own`. */
export async function possibleHistories(
  { journal }: Dialect,
  database: Queryable,
  own: string,
): Promise<readonly PossibleHistory[]> {
  const rows = (await database.query(journal.selectHistories)) as { schema: string | null; name: string }[]
  if (rows.length === 0) return []
  const ownPath = await journal.locate(database, own)
  const found: PossibleHistory[] = []
  for (const { schema, name } of rows) {
    const table = schema === null ? name : `${schema}.${name}`
    const path = await journal.locate(database, table)
    if (path !== ownPath) found.push({ table, isBeside: schemaPrefix(path) === schemaPrefix(ownPath) })
  }
  return found
}

/**
 * Tables of other histories than `own`: every name in them ends in its timestamp, as TypeORM requires.
 *
 * @returns names, with the schema where it is not the default one
 */
export async function otherHistories(dialect: Dialect, database: Queryable, own: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const { table } of await possibleHistories(dialect, database, own))
    if (await isHistory(dialect, database, table)) found.push(table)
  return found
}

async function isHistory({ journal }: Dialect, database: Queryable, table: string): Promise<boolean> {
  try {
    const rows = (await database.query(journal.selectApplied(table))) as { name: unknown; timestamp: unknown }[]
    return rows.every(({ name, timestamp }) => String(name).endsWith(String(timestamp)))
  } catch {
    // Without the right to read it, it is a table like any other.
    return false
  }
}
