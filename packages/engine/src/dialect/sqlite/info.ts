import { existsSync } from 'node:fs'

import type { DataSourceOptions, QueryRunner } from 'typeorm'

import type { Queryable } from '../queryable'
import type { DatabaseDescription, TableSize, UnreadObject } from '../roles/introspection'
import { isKept } from './keep/names'
import { quote, quoteText } from './quote'

/** The absolute path of the main database; empty if it is in memory. */
export async function databaseFile(database: Queryable): Promise<string> {
  const rows = (await database.query('PRAGMA database_list')) as { name: string; file: string | null }[]
  return rows.find((row) => row.name === 'main')?.file ?? ''
}

/** The version of the SQLite library, for example `3.53.2`. */
export async function sqliteVersion(database: Queryable): Promise<string> {
  const rows = (await database.query('SELECT sqlite_version() AS version')) as { version: string }[]
  return rows[0]?.version ?? ''
}

export async function describe(queryRunner: QueryRunner): Promise<DatabaseDescription> {
  const file = await databaseFile(queryRunner)
  return { name: file === '' ? ':memory:' : file, version: await sqliteVersion(queryRunner) }
}

/** Whether the file exists; connecting would create it. False in memory, where a database exists only while it is open. */
export function isReachable({ database }: DataSourceOptions): Promise<boolean> {
  return Promise.resolve(typeof database === 'string' && database !== ':memory:' && existsSync(database))
}

/** The rows of every table that is not virtual, and the bytes of its pages and those of its indexes. */
export async function tableSizes(queryRunner: QueryRunner): Promise<readonly TableSize[]> {
  const rows = await countRows(queryRunner)
  const bytes = await tableBytes(queryRunner)
  return [...rows].map(([name, count]) => ({
    name,
    rows: count,
    bytes: bytes === null ? null : (bytes.get(name) ?? 0),
  }))
}

/** The names of all tables that are not virtual, in their order; without what is kept of dropped ones. */
export async function tableNames(database: Queryable): Promise<readonly string[]> {
  const tables = (await database.query(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name`,
  )) as { name: string }[]
  return tables.map(({ name }) => name).filter((name) => !isKept(name))
}

/** The virtual tables. Their modules make tables for them, which introspection leaves out as well. */
export async function virtualTables(database: Queryable): Promise<readonly UnreadObject[]> {
  const tables = (await database.query(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%' ORDER BY name`,
  )) as { name: string }[]
  return tables.map(({ name }) => ({ kind: 'virtual table', name }))
}

/** Tables in one compound SELECT; SQLite allows 500. */
const batchSize = 200

/** The number of rows by name of the table, in the order of names; without virtual tables. */
export async function countRows(database: Queryable): Promise<ReadonlyMap<string, number>> {
  const tables = await tableNames(database)
  const counts = new Map<string, number>()
  for (let from = 0; from < tables.length; from += batchSize) {
    const selects = tables
      .slice(from, from + batchSize)
      .map((name) => `SELECT ${quoteText(name)} AS "name", count(*) AS "count" FROM ${quote(name)}`)
    const rows = (await database.query(selects.join(' UNION ALL '))) as { name: string; count: number }[]
    for (const { name, count } of rows) counts.set(name, count)
  }
  return counts
}

/** Null if SQLite was built without `dbstat`. */
async function tableBytes(database: Queryable): Promise<ReadonlyMap<string, number> | null> {
  try {
    const rows = (await database.query(
      `SELECT m.tbl_name AS "name", sum(s.pgsize) AS "bytes" FROM dbstat AS s JOIN sqlite_master AS m ON m.name = s.name WHERE s.aggregate = TRUE GROUP BY m.tbl_name`,
    )) as { name: string; bytes: number }[]
    return new Map(rows.map(({ name, bytes }) => [name, bytes]))
  } catch {
    return null
  }
}
