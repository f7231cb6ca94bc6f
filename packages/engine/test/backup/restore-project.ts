import path from 'node:path'

import { DataSource, type DataSourceOptions } from 'typeorm'

import { dialectNames } from '../../../../tools/testing/databases'
import { hasPgTools } from '../../../../tools/testing/pg-tools'
import type { DialectName } from '../../src/dialect/registry'
import type { Migrator } from '../../src/migrator'
import type { MigratorOptions } from '../../src/project/options'
import { openProject, type TestProject } from '../migrator/project'

/** The ids of the revisions. */
export const [first, second] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'] as const

const restorable = dialectNames.filter((name) => name === 'sqlite' || hasPgTools)

/** `describe.each` of the dialects on which a whole database can be backed up here; skipped if there are none. */
export const describeRestorable =
  restorable.length === 0 ? describe.skip.each<DialectName>(['postgres']) : describe.each<DialectName>(restorable)

const classes = {
  first: `import type { MigrationInterface, QueryRunner } from 'typeorm'

/** first */
export class First1700000000000 implements MigrationInterface {
  static readonly revision = '${first}'
  static readonly downRevision = null
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE TABLE "authors" ("id" integer PRIMARY KEY, "name" varchar(50) NOT NULL)')
    await queryRunner.query('CREATE TABLE "books" ("id" integer PRIMARY KEY, "author_id" integer NOT NULL REFERENCES "authors" ("id") ON DELETE CASCADE)')
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE "books"')
    await queryRunner.query('DROP TABLE "authors"')
  }
}
`,
  second: `import type { MigrationInterface, QueryRunner } from 'typeorm'

/** second */
export class Second1700000000001 implements MigrationInterface {
  static readonly revision = '${second}'
  static readonly downRevision = '${first}'
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE "books"')
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE TABLE "books" ("id" integer PRIMARY KEY)')
  }
}
`,
}

/** A project with two revisions, at the first, with three authors and two books. */
export interface RestoreProject extends TestProject {
  readonly dialect: DialectName
  /** Nothing is connected to the database but what a test opens. */
  fresh(options?: Partial<MigratorOptions>, overrides?: Partial<DataSourceOptions>): Migrator
  /** Runs statements on a connection that is closed afterwards. */
  run(...statements: readonly string[]): Promise<Record<string, unknown>[]>
  /** The names of the authors; null if there is no such table. */
  authors(): Promise<readonly string[] | null>
  tables(): Promise<readonly string[]>
}

export async function openRestoreProject(dialect: DialectName, rows = true): Promise<RestoreProject> {
  const project = await openProject(dialect)
  await project.database.queryRunner.release()
  await project.database.dataSource.destroy()
  await project.write({ '1700000000000-first.ts': classes.first, '1700000000001-second.ts': classes.second })
  const fresh: RestoreProject['fresh'] = (options = {}, overrides = {}) =>
    project.migrator([], { dataSource: project.dataSource([], overrides), ...options })
  const run: RestoreProject['run'] = async (...statements) => {
    const dataSource = await new DataSource(project.database.options).initialize()
    try {
      let found: Record<string, unknown>[] = []
      for (const sql of statements) found = await dataSource.query(sql)
      return found
    } finally {
      await dataSource.destroy()
    }
  }
  const migrator = fresh()
  await migrator.upgrade(first)
  await migrator.close()
  if (rows) {
    await run(
      `INSERT INTO authors VALUES (1, 'Ada'), (2, 'Bob'), (3, 'Cyd')`,
      'INSERT INTO books VALUES (10, 1), (20, 3)',
    )
  }
  return {
    ...project,
    dialect,
    fresh,
    run,
    authors: async () => {
      const tables = await tablesOf(run, dialect)
      if (!tables.includes('authors')) return null
      return (await run('SELECT name FROM authors ORDER BY id')).map((row) => String(row['name']))
    },
    tables: () => tablesOf(run, dialect),
  }
}

async function tablesOf(run: RestoreProject['run'], dialect: DialectName): Promise<readonly string[]> {
  const rows = await run(
    dialect === 'sqlite'
      ? `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1`
      : `SELECT tablename AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  )
  return rows.map((row) => String(row['name']))
}

/** The backups of a project. */
export function backupsOf({ directory }: TestProject, ...names: readonly string[]): string {
  return path.join(directory, 'backups', ...names)
}
