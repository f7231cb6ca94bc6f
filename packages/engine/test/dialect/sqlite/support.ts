import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'

import 'reflect-metadata'
import { DataSource, type DataSourceOptions } from 'typeorm'

import { sqliteFolder, sqliteOptions } from '../../../../../tools/testing/databases'
import type { Statement } from '../../../src/dialect/roles/ddl'
import { introspect } from '../../../src/dialect/sqlite/introspect'
import { createTableSql, createIndexSql } from '../../../src/dialect/sqlite/table-sql'
import type { Schema } from '../../../src/schema/schema'
import { ignoreTables } from '../../support/ignore-tables'

/** Database files in a folder that is removed after the tests of a file. */
export class Databases {
  readonly folder = mkdtempSync(path.join(sqliteFolder(), 'aludel-sqlite-'))
  readonly #open: DataSource[] = []
  #count = 0

  file(): string {
    this.#count += 1
    return path.join(this.folder, `database-${String(this.#count)}.db`)
  }

  async open(
    options: Partial<DataSourceOptions> & { readonly database?: string } = {},
    ...statements: string[]
  ): Promise<DataSource> {
    const dataSource = new DataSource({
      ...sqliteOptions(this.file()),
      ...options,
    } as DataSourceOptions)
    await dataSource.initialize()
    this.#open.push(dataSource)
    // No data here outlives the test, so none needs to reach the disk.
    await dataSource.query('PRAGMA synchronous = OFF')
    for (const sql of statements) await dataSource.query(sql)
    return dataSource
  }

  /** Creates a file with these objects and rows. */
  async with(...statements: string[]): Promise<DataSource> {
    return this.open({}, ...statements)
  }

  /** Creates a copy of a file. */
  async copy({ options }: DataSource): Promise<DataSource> {
    const database = this.file()
    copyFileSync(String(options.database), database)
    return this.open({ database })
  }

  async dispose(): Promise<void> {
    for (const dataSource of this.#open) if (dataSource.isInitialized) await dataSource.destroy()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export async function schemaOf(dataSource: DataSource): Promise<Schema> {
  return introspect(dataSource, { ignoreTables })
}

/** The schema without a detail that makes no difference: which constraints are written inline with a column. */
export function withoutInline(schema: Schema): Schema {
  return { ...schema, tables: schema.tables.map(({ inline: _inline, ...table }) => table) }
}

/** Runs statements as the runner does: foreign keys off, one transaction. */
export async function run(dataSource: DataSource, statements: readonly Statement[]): Promise<void> {
  await dataSource.query('PRAGMA foreign_keys = OFF')
  const queryRunner = dataSource.createQueryRunner()
  await queryRunner.startTransaction()
  try {
    for (const { sql } of statements) await queryRunner.query(sql)
    await queryRunner.commitTransaction()
  } catch (error) {
    await queryRunner.rollbackTransaction()
    throw error
  } finally {
    await dataSource.query('PRAGMA foreign_keys = ON')
  }
}

/** Runs as TypeORM does when it reverts: foreign keys on, and a transaction around everything. */
export async function runEnforced(dataSource: DataSource, statements: readonly Statement[]): Promise<void> {
  const queryRunner = dataSource.createQueryRunner()
  await queryRunner.startTransaction()
  try {
    for (const { sql } of statements) await queryRunner.query(sql)
    await queryRunner.commitTransaction()
  } catch (error) {
    await queryRunner.rollbackTransaction()
    throw error
  }
}

/** Runs as TypeORM does with `transaction: 'none'`: foreign keys on, each statement in a transaction of its own. */
export async function runAlone(dataSource: DataSource, statements: readonly Statement[]): Promise<void> {
  for (const { sql } of statements) await dataSource.query(sql)
}

/** All statements that create the schema in an empty database. */
export function everythingSql(schema: Schema): string[] {
  return [
    ...schema.tables.flatMap((table) => [
      createTableSql(table),
      ...table.indexes.map((index) => createIndexSql(table.name, index)),
    ]),
    ...schema.views.map((view) => `CREATE VIEW "${view.name}" AS ${view.definition}`),
    ...schema.tables.flatMap((table) => table.triggers.map(({ sql }) => sql)),
    ...schema.views.flatMap((view) => (view.triggers ?? []).map(({ sql }) => sql)),
  ]
}
