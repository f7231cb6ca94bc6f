import type { QueryRunner } from 'typeorm'

import type { Queryable } from '../../queryable'
import type { ColumnProfile, LiveProfile, TableProfile } from '../../roles/scale'
import { rowsOf } from '../estimate-sizes'
import { databaseFile, tableNames } from '../info'
import { quote } from '../quote'

/** Rows that are looked at, spread over the table without a pattern: values often have one. */
const lookedAt = 500

/** The share of rows with another value than all others from which on every row counts as different. */
const allDifferent = 0.9

/** Settings of the connection, or of the file, that decide how fast a statement is, in an order in which they can be set. */
export const pragmas = ['page_size', 'auto_vacuum', 'journal_mode', 'synchronous', 'cache_size', 'temp_store'] as const

/** See `ScaleRole.profile`. SQLite keeps no statistics of columns, so a few rows of each table are looked at: nothing but numbers comes back. */
export async function profile(queryRunner: QueryRunner, tables: readonly string[]): Promise<LiveProfile> {
  const wanted = new Set(tables)
  const found = new Map<string, TableProfile>()
  for (const name of await tableNames(queryRunner)) {
    if (!wanted.has(name)) continue
    const rows = await rowsOf(queryRunner, name)
    found.set(name, {
      rows,
      columns: await columnsOf(queryRunner, name, rows),
      indexes: await indexesOf(queryRunner, name),
    })
  }
  const settings: Record<string, string> = {}
  for (const name of pragmas) {
    const [row] = (await queryRunner.query(`PRAGMA ${name}`)) as Record<string, unknown>[]
    const value = row?.[name]
    if (typeof value === 'string' || typeof value === 'number') settings[name] = String(value)
  }
  const file = await databaseFile(queryRunner)
  return { tables: found, server: file, ...(file !== '' && { file }), settings }
}

async function indexesOf(database: Queryable, table: string): Promise<readonly string[]> {
  const rows = (await database.query(`SELECT name FROM pragma_index_list(?) ORDER BY name`, [table])) as {
    name: string
  }[]
  return rows.map(({ name }) => name)
}

async function columnsOf(
  database: Queryable,
  table: string,
  rows: number | null,
): Promise<ReadonlyMap<string, ColumnProfile>> {
  const columns = (await database.query('SELECT name FROM pragma_table_info(?)', [table])) as { name: string }[]
  if (columns.length === 0 || rows === null || rows === 0) return new Map()
  const sources = [
    `WITH RECURSIVE ends(low, high) AS (SELECT min(rowid), max(rowid) FROM ${quote(table)}),
       steps(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM steps WHERE k < ${String(lookedAt - 1)})
     SELECT * FROM ${quote(table)} WHERE rowid IN
       (SELECT low + ((k * 2654435769) & 4294967295) % (high - low + 1) FROM ends, steps) ORDER BY rowid`,
    // A table without row ids.
    `SELECT * FROM ${quote(table)} LIMIT ${String(lookedAt)}`,
  ]
  for (const source of sources) {
    try {
      return await looked(
        database,
        columns.map(({ name }) => name),
        source,
        rows,
      )
    } catch {
      // The other source; or nothing is known.
    }
  }
  return new Map()
}

async function looked(
  database: Queryable,
  columns: readonly string[],
  source: string,
  rows: number,
): Promise<ReadonlyMap<string, ColumnProfile>> {
  const before = columns.map((name, at) => `lag(${quote(name)}) OVER () AS ${quote(`before ${String(at)}`)}`)
  const facts = columns.flatMap((name, at) => [
    `count(${quote(name)}) AS ${quote(`values ${String(at)}`)}`,
    `count(DISTINCT ${quote(name)}) AS ${quote(`distinct ${String(at)}`)}`,
    `avg(length(CAST(${quote(name)} AS BLOB))) AS ${quote(`bytes ${String(at)}`)}`,
    `avg(${quote(name)} >= ${quote(`before ${String(at)}`)}) AS ${quote(`ordered ${String(at)}`)}`,
  ])
  const [row] = (await database.query(
    `SELECT count(*) AS "count", ${facts.join(', ')} FROM (SELECT *, ${before.join(', ')} FROM (${source}))`,
  )) as Record<string, number | null>[]
  const count = row?.['count'] ?? 0
  if (row === undefined || count === 0) return new Map()
  return new Map(
    columns.map((name, at): [string, ColumnProfile] => {
      const of = (fact: string): number | null => row[`${fact} ${String(at)}`] ?? null
      const [values, distinct] = [of('values') ?? 0, of('distinct') ?? 0]
      return [
        name,
        {
          nulls: 1 - values / count,
          bytes: of('bytes'),
          // SQLite compares bytes, which costs little.
          prefix: 0,
          distinct: values === 0 ? null : distinct >= values * allDifferent ? rows : distinct,
          ordered: (of('ordered') ?? 0) >= allDifferent,
        },
      ]
    }),
  )
}
