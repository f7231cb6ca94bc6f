import type { DataSource } from 'typeorm'
import { MigrationExecutor, type MigrationInterface, type QueryRunner } from 'typeorm'

import { render } from '../../../src/dialect/sqlite/render'
import type { Statement } from '../../../src/dialect/roles/ddl'
import { type Operation, reverseOperations, applyOperations } from '../../../src/operations'
import { normalizeSchema } from '../../support/normalize-schema'
import type { Column, Schema } from '../../../src/schema/schema'
import { Databases, schemaOf } from './support'

const databases = new Databases()
afterAll(() => databases.dispose())

/** Rows that TypeORM could lose on a revert: it begins the transaction before it turns foreign keys off. */
const tables = [
  `CREATE TABLE "a" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "n" varchar NOT NULL, "self" integer, CONSTRAINT "FK_self" FOREIGN KEY ("self") REFERENCES "a" ("id") ON DELETE CASCADE)`,
  `CREATE TABLE "b" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "aId" integer NOT NULL, CONSTRAINT "FK_b" FOREIGN KEY ("aId") REFERENCES "a" ("id") ON DELETE CASCADE)`,
  `CREATE TABLE "c" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "aId" integer, CONSTRAINT "FK_c" FOREIGN KEY ("aId") REFERENCES "a" ("id") ON DELETE SET NULL ON UPDATE CASCADE)`,
  `CREATE TABLE "d" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "aId" integer, CONSTRAINT "FK_d" FOREIGN KEY ("aId") REFERENCES "a" ("id"))`,
  `CREATE TABLE "e" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "bId" integer, CONSTRAINT "FK_e" FOREIGN KEY ("bId") REFERENCES "b" ("id") ON DELETE CASCADE)`,
  `INSERT INTO "a" VALUES (1, 'x', NULL), (2, 'y', 1), (3, 'z', 2)`,
  `INSERT INTO "b" VALUES (1, 1), (2, 3)`,
  `INSERT INTO "c" VALUES (1, 1)`,
  `INSERT INTO "d" VALUES (1, 2)`,
  `INSERT INTO "e" VALUES (1, 1), (2, 2)`,
]

const rowsOf = async (dataSource: DataSource): Promise<unknown> => {
  const all = await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map((name) => dataSource.query(`SELECT * FROM "${name}" ORDER BY id`)),
  )
  return (all as Record<string, unknown>[][]).map((rows) => rows.map(({ extra: _extra, ...row }) => row))
}

function migration(up: readonly Statement[], down: readonly Statement[]): new () => MigrationInterface {
  const runAll = async (queryRunner: QueryRunner, statements: readonly Statement[]): Promise<void> => {
    for (const { sql } of statements) await queryRunner.query(sql)
  }
  return class Change1700000000000 implements MigrationInterface {
    name = 'Change1700000000000'
    up = (queryRunner: QueryRunner): Promise<void> => runAll(queryRunner, up)
    down = (queryRunner: QueryRunner): Promise<void> => runAll(queryRunner, down)
  }
}

const columnOf = (schema: Schema, table: string, name: string): Column => {
  const column = schema.tables.find((item) => item.name === table)?.columns.find((item) => item.name === name)
  if (column === undefined) throw new Error(`no column ${table}.${name}`)
  return column
}

const changes: Record<string, (schema: Schema) => Operation[]> = {
  'an added column': () => [
    { op: 'addColumn', table: { name: 'a' }, column: { name: 'extra', type: 'varchar', nullable: true } },
  ],
  'a rebuild of a table that others reference': (schema) => {
    const from = columnOf(schema, 'a', 'n')
    return [{ op: 'alterColumn', table: { name: 'a' }, from, to: { ...from, type: 'text' } }]
  },
  'a rebuild of every table': (schema) =>
    schema.tables.map((table): Operation => ({
      op: 'addCheck',
      table: { name: table.name },
      check: { name: `CHK_${table.name}`, expression: '"id" > 0' },
    })),
}

describe.each(['all', 'each', 'none'] as const)("TypeORM's own runner, transaction: %s", (transaction) => {
  test.each(Object.keys(changes))('keeps all rows when it runs and reverts %s', async (name) => {
    const setup = await databases.with(...tables)
    const from = await schemaOf(setup)
    const operations = changes[name]?.(from) ?? []
    const wanted = applyOperations(operations, from)
    const rows = await rowsOf(setup)
    await setup.destroy()

    const migrations = [migration(render(operations, from), render(reverseOperations(operations), wanted))]
    const dataSource = await databases.open({ database: setup.options.database as string, migrations })
    const executor = new MigrationExecutor(dataSource)
    executor.transaction = transaction
    await executor.executePendingMigrations()
    expect(await rowsOf(dataSource)).toEqual(rows)
    expect(normalizeSchema(await schemaOf(dataSource))).toEqual(normalizeSchema(wanted))

    await executor.undoLastMigration()
    expect(await rowsOf(dataSource)).toEqual(rows)
    expect(normalizeSchema(await schemaOf(dataSource))).toEqual(normalizeSchema(from))
    expect(await dataSource.query('PRAGMA foreign_key_check')).toEqual([])
    expect(await dataSource.query('SELECT name FROM migrations')).toEqual([])

    await dataSource.query('PRAGMA foreign_keys = ON')
    await dataSource.query('DELETE FROM d')
    await dataSource.query('DELETE FROM a WHERE id = 2')
    expect(await dataSource.query('SELECT id FROM b')).toEqual([{ id: 1 }])
    expect(await dataSource.query('SELECT id FROM e')).toEqual([{ id: 1 }])
  })
})
