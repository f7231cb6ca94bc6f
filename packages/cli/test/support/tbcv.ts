// cspell:ignore tbcv workflowstate validationstatus recommendationstatus
import { copyFileSync } from 'node:fs'
import path from 'node:path'

import Database from 'better-sqlite3'
import { Client } from 'pg'

import { type DialectName, makeDatabase, type TestDatabase } from '../../../../tools/testing/databases'

/** A database that a program in Python made with SQLAlchemy, from the same seven tables. */
const fixture = path.resolve(__dirname, '../fixtures/tbcv.sqlite')

/** The tables in an order in which their rows can be inserted. */
export const tables = [
  'workflows',
  'cache_entries',
  'metrics',
  'checkpoints',
  'validation_results',
  'recommendations',
  'audit_logs',
] as const

export type Row = Readonly<Record<string, unknown>>

/** All rows of the fixture by table, as SQLite has them. */
export function fixtureRows(): ReadonlyMap<string, readonly Row[]> {
  const database = new Database(fixture, { readonly: true })
  try {
    return new Map(tables.map((table) => [table, database.prepare(`SELECT * FROM "${table}"`).all() as Row[]]))
  } finally {
    database.close()
  }
}

/** A copy of the fixture; on PostgreSQL, what the same program makes there, with the same rows. */
export async function foreignDatabase(dialect: DialectName): Promise<TestDatabase> {
  const database = await makeDatabase(dialect)
  if (dialect === 'sqlite') {
    copyFileSync(fixture, database.address)
    return database
  }
  const client = new Client({ connectionString: database.url })
  await client.connect()
  try {
    for (const statement of postgresStatements()) await client.query(statement)
    for (const [table, rows] of fixtureRows()) {
      for (const row of rows) {
        const values = Object.entries(row).map(([column, value]) =>
          column === 'can_resume_from' ? value === 1 : value,
        )
        const names = Object.keys(row).map((name) => `"${name}"`)
        const places = values.map((_, index) => `$${String(index + 1)}`)
        await client.query(`INSERT INTO "${table}" (${names.join(', ')}) VALUES (${places.join(', ')})`, values)
      }
    }
  } finally {
    await client.end()
  }
  return database
}

/** The columns that are native enums on PostgreSQL: SQLAlchemy names the type after the class, and stores the names of its members. */
const enums: Readonly<Record<string, readonly [type: string, labels: readonly string[]]>> = {
  'workflows.state': ['workflowstate', ['PENDING', 'RUNNING', 'PAUSED', 'COMPLETED', 'FAILED', 'CANCELLED']],
  'validation_results.status': [
    'validationstatus',
    ['PASS', 'FAIL', 'WARNING', 'SKIPPED', 'APPROVED', 'REJECTED', 'ENHANCED'],
  ],
  'recommendations.status': ['recommendationstatus', ['PROPOSED', 'PENDING', 'APPROVED', 'REJECTED', 'APPLIED']],
}

const jsonColumns =
  /^(?:metadata|input_params|rules_applied|validation_results|validation_types|comparison_data|before_state|after_state|changes)$/

/** The statements of the fixture, with the types that SQLAlchemy uses on PostgreSQL. */
function postgresStatements(): readonly string[] {
  const database = new Database(fixture, { readonly: true })
  const made = (
    database
      .prepare(`SELECT type, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type DESC, rowid`)
      .all() as {
      readonly tbl_name: string
      readonly sql: string
    }[]
  ).map(({ tbl_name: table, sql }) =>
    sql
      .split('\n')
      .map((line) => typed(table, line))
      .join('\n'),
  )
  database.close()
  const types = Object.values(enums).map(
    ([type, labels]) => `CREATE TYPE ${type} AS ENUM (${labels.map((label) => `'${label}'`).join(', ')})`,
  )
  return [...types, ...made]
}

function typed(table: string, line: string): string {
  const [, name = '', type = ''] = /^\t(\w+) (\w+(?:\(\d+\))?)/.exec(line) ?? []
  const enumType = enums[`${table}.${name}`]
  const wanted =
    enumType?.[0] ??
    (type === 'TEXT' && jsonColumns.test(name)
      ? 'JSON'
      : { DATETIME: 'TIMESTAMP WITHOUT TIME ZONE', BLOB: 'BYTEA' }[type])
  return wanted === undefined ? line : line.replace(`\t${name} ${type}`, `\t${name} ${wanted}`)
}
