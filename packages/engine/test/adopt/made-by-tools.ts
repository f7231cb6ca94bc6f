import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import Database from 'better-sqlite3'
import { Client } from 'pg'

import type { DialectName } from '../../src/dialect/registry'
import type { TestDatabase } from '../run/databases'

const folder = path.join(__dirname, 'fixtures')

/** The names of the databases that real tools have made, with `node tools/databases/make.mjs`. */
export function madeByTools(dialect: DialectName): string[] {
  const end = `.${dialect}.sql`
  return readdirSync(folder)
    .filter((name) => name.endsWith(end))
    .map((name) => name.slice(0, -end.length))
}

/** Makes one of them again, in an empty database. */
export async function loadMade({ dialect, address }: TestDatabase, name: string): Promise<void> {
  const text = readFileSync(path.join(folder, `${name}.${dialect.name}.sql`), 'utf8')
  if (dialect.name === 'sqlite') {
    const database = new Database(address)
    database.pragma('foreign_keys = OFF')
    database.exec(text)
    database.close()
    return
  }
  const client = new Client(address)
  await client.connect()
  await client.query(`SET search_path = ''; ${text}`)
  await client.end()
}

/** All rows of all tables but those of Aludel and TypeORM, by table. */
export async function allRows({ dialect, rows }: TestDatabase): Promise<Record<string, unknown>> {
  const tables = await rows(
    dialect.name === 'sqlite'
      ? `SELECT '"' || name || '"' AS name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_stat%'`
      : `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  )
  const found: Record<string, unknown> = {}
  for (const { name } of tables) {
    if (/\baludel_|\bmigrations"?$|sqlite_sequence/.test(String(name))) continue
    const list = await rows(`SELECT * FROM ${String(name)}`)
    found[String(name)] = list.map((row) => JSON.stringify(row)).sort()
  }
  return found
}
