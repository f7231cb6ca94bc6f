import type { Dialect } from '../../dialect/dialect'
import type { Queryable } from '../../dialect/queryable'
import { quoteName } from '../../dialect/quote-name'
import type { Table } from '../../schema/schema'

/** Conditions counted in one query: SQLite has at most 2,000 columns in a result. */
const atOnce = 500

/** How many rows of a table there are, and how many meet each of some conditions. */
export async function countRows(
  dialect: Dialect,
  database: Queryable,
  table: Table,
  conditions: readonly string[],
): Promise<{ readonly rows: number; readonly met: readonly number[] }> {
  const met: number[] = []
  let rows = 0
  for (let start = 0; start === 0 || start < conditions.length; start += atOnce) {
    const some = conditions.slice(start, start + atOnce)
    const counts = some.map(
      (condition, index) =>
        `count(CASE WHEN ${condition} THEN 1 END) AS ${dialect.sql.quote(`c${String(start + index)}`)}`,
    )
    const [found] = (await database.query(
      `SELECT ${['count(*) AS n', ...counts].join(', ')} FROM ${quoteName(dialect, table)}`,
    )) as Record<string, string | number>[]
    rows = Number(found?.['n'] ?? 0)
    met.push(...some.map((_, index) => Number(found?.[`c${String(start + index)}`] ?? 0)))
  }
  return { rows, met }
}

/** Keys that are shown of rows that a conversion cannot take. */
const shownKeys = 3

/**
 * The primary keys of the first rows that meet a condition, as `id 12` or `a 1, b 2`; empty for a table without a key.
 *
 * @param rest of the query, from the word FROM: the table, and the condition
 */
export async function firstKeys(
  dialect: Dialect,
  database: Queryable,
  table: Table,
  rest: string,
): Promise<readonly string[]> {
  const key = table.primaryKey?.columns ?? []
  if (key.length === 0) return []
  const quote = (name: string): string => dialect.sql.quote(name)
  const columns = key.map((name, index) => `CAST(${quote(name)} AS varchar(200)) AS ${quote(`k${String(index)}`)}`)
  const found = await rowsOf(
    database,
    `SELECT ${columns.join(', ')} ${rest} ORDER BY ${key.map((name) => quote(name)).join(', ')} LIMIT ${String(shownKeys)}`,
  )
  return found.map((row) => key.map((name, index) => `${name} ${row[`k${String(index)}`] ?? 'NULL'}`).join(', '))
}

/** Keys only help to find the rows: one that has no text is not shown. */
async function rowsOf(database: Queryable, sql: string): Promise<readonly Readonly<Record<string, string | null>>[]> {
  try {
    return (await database.query(sql)) as Record<string, string | null>[]
  } catch {
    return []
  }
}
