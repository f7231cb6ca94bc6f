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

/**
 * All rows of all tables, by table, but not those of Aludel.
 *
 * @param history the table of applied migrations of the project
 */
export async function allRows({ dialect, rows }: TestDatabase, history: string): Promise<Record<string, unknown>> {
  const tables = await rows(
    dialect.name === 'sqlite'
      ? `SELECT '"' || name || '"' AS name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_stat%'`
      : `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  )
  const found: Record<string, unknown> = {}
  for (const { name } of tables) {
    const bare = String(name)
      .replace(/^public\./, '')
      .replaceAll('"', '')
    if (bare === history || bare === 'sqlite_sequence' || bare.startsWith('aludel_')) continue
    const list = await rows(`SELECT * FROM ${String(name)}`)
    found[String(name)] = list.map((row) => JSON.stringify(row)).sort()
  }
  return found
}

/** What the tool itself showed as its last migration when the database was made. */
export function lastOf(name: string, dialect: DialectName): string | undefined {
  return /^-- Last: (.*)\n/.exec(readFileSync(path.join(folder, `${name}.${dialect}.sql`), 'utf8'))?.[1]
}

interface KnownTool {
  readonly tool: string
  /** The history first. */
  readonly tables: readonly string[]
}

/** @throws Error for a database that nobody has listed here */
export function knownTool(name: string, dialect: DialectName): KnownTool {
  if (name === 'drizzle')
    return { tool: 'Drizzle', tables: [`${dialect === 'sqlite' ? '' : 'drizzle.'}__drizzle_migrations`] }
  const known = knownTools[name]
  if (known === undefined) throw new Error(`${name} is not listed`)
  return known
}

const knownTools: Readonly<Record<string, KnownTool>> = {
  alembic: { tool: 'Alembic', tables: ['alembic_version'] },
  'db-migrate': { tool: 'db-migrate', tables: ['migrations'] },
  dbmate: { tool: 'dbmate', tables: ['schema_migrations'] },
  django: { tool: 'Django', tables: ['django_migrations'] },
  'graphile-migrate': {
    tool: 'Graphile Migrate',
    tables: ['graphile_migrate.migrations', 'graphile_migrate.current'],
  },
  knex: { tool: 'Knex', tables: ['knex_migrations', 'knex_migrations_lock'] },
  kysely: { tool: 'Kysely', tables: ['kysely_migration', 'kysely_migration_lock'] },
  liquibase: { tool: 'Liquibase', tables: ['databasechangelog', 'databasechangeloglock'] },
  'mikro-orm': { tool: 'MikroORM', tables: ['mikro_orm_migrations'] },
  'node-pg-migrate': { tool: 'node-pg-migrate', tables: ['pgmigrations'] },
  'postgres-migrations': { tool: 'postgres-migrations', tables: ['migrations'] },
  prisma: { tool: 'Prisma', tables: ['_prisma_migrations'] },
  rails: { tool: 'Rails', tables: ['schema_migrations', 'ar_internal_metadata'] },
  sequelize: { tool: 'Sequelize', tables: ['SequelizeMeta'] },
  sqitch: {
    tool: 'Sqitch',
    tables: ['changes', 'dependencies', 'events', 'projects', 'releases', 'tags'].map((name) => `sqitch.${name}`),
  },
  'typeorm-0.3': { tool: 'TypeORM', tables: ['migrations'] },
  'typeorm-1': { tool: 'TypeORM', tables: ['migrations'] },
}
