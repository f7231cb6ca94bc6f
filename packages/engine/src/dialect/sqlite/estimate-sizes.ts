import type { Queryable } from '../queryable'
import type { TableEstimate } from '../roles/introspection'
import { tableNames } from './info'
import { quote } from './quote'

/** Rows that are counted: more of them take too long for an estimate. */
const countedRows = 100_000

/** Bytes of a database whose pages are measured, which reads all of a table. */
const measuredBytes = 512 * 1024 * 1024

/**
 * See `IntrospectionRole.estimateSizes`: the exact number of rows of a small table; else what ANALYZE has found, or the span of the
 * row ids, of which rows that were deleted or have ids of their own leave some out.
 */
export async function estimateSizes(database: Queryable, tables: readonly string[]): Promise<readonly TableEstimate[]> {
  const wanted = new Set(tables)
  const names = (await tableNames(database)).filter((name) => wanted.has(name))
  const isMeasured = await isSmall(database)
  const found: TableEstimate[] = []
  for (const name of names)
    found.push({ name, rows: await rowsOf(database, name), bytes: isMeasured ? await bytesOf(database, name) : null })
  return found
}

/** The rows of one table, as {@link estimateSizes} has them. */
export async function rowsOf(database: Queryable, name: string): Promise<number | null> {
  const some = await numberIn(
    database,
    `SELECT count(*) AS "n" FROM (SELECT 1 FROM ${quote(name)} LIMIT ${String(countedRows + 1)})`,
  )
  if (some === null || some <= countedRows) return some
  // The first number of each entry is that of the rows; a partial index has fewer.
  const analyzed = await numberIn(
    database,
    `SELECT max(CAST("stat" AS INTEGER)) AS "n" FROM sqlite_stat1 WHERE "tbl" = ?`,
    [name],
  )
  return analyzed ?? numberIn(database, `SELECT max(rowid) - min(rowid) + 1 AS "n" FROM ${quote(name)}`)
}

async function bytesOf(database: Queryable, name: string): Promise<number | null> {
  const parts = (await database.query(`SELECT "name" FROM sqlite_master WHERE "tbl_name" = ? AND "rootpage" > 0`, [
    name,
  ])) as { name: string }[]
  let bytes: number | null = 0
  for (const part of parts) {
    const size = await numberIn(
      database,
      `SELECT sum("pgsize") AS "n" FROM dbstat WHERE "name" = ? AND "aggregate" = TRUE`,
      [part.name],
    )
    bytes = size === null || bytes === null ? null : bytes + size
  }
  return bytes
}

async function isSmall(database: Queryable): Promise<boolean> {
  const pages = await numberIn(database, 'SELECT page_count AS "n" FROM pragma_page_count')
  const size = await numberIn(database, 'SELECT page_size AS "n" FROM pragma_page_size')
  return (pages ?? 0) * (size ?? 0) <= measuredBytes
}

/** Null if SQLite was built without what the query reads, or ANALYZE was never run, or the table has no row ids. */
async function numberIn(database: Queryable, sql: string, parameters: unknown[] = []): Promise<number | null> {
  try {
    const [row] = (await database.query(sql, parameters)) as { n: number | null }[]
    return row?.n ?? null
  } catch {
    return null
  }
}
