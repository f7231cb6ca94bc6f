import type { TableChange } from '../../src/adopt/convert/column-changes'
import { watchRows } from '../../src/adopt/convert/kept-rows'
import type { Column } from '../../src/schema/schema'
import { dialectNames, openDatabase, type TestDatabase } from '../run/databases'

describe.each(dialectNames)('the rows of a conversion, on %s', (dialect) => {
  let database: TestDatabase

  beforeEach(async () => {
    database = await openDatabase(dialect)
    const blob = dialect === 'sqlite' ? ['blob', `x'00ff'`] : ['bytea', `'\\x00ff'`]
    for (const sql of [
      `CREATE TABLE "items" ("id" integer PRIMARY KEY, "name" varchar(50), "state" varchar(10), "data" ${String(blob[0])}, "n" integer)`,
      `INSERT INTO "items" VALUES (1, 'a', 'OPEN', ${String(blob[1])}, 1), (2, 'b', 'DONE', NULL, NULL), (3, NULL, 'OPEN', NULL, 3)`,
    ])
      await database.rows(sql)
  })
  afterEach(() => database.drop())

  const type = dialect === 'sqlite' ? 'varchar(50)' : 'character varying(50)'
  const column = (name: string, more: Partial<Column> = {}): Column => ({ name, type, nullable: true, ...more })
  const table = {
    name: 'items',
    columns: [],
    uniques: [],
    checks: [],
    exclusions: [],
    foreignKeys: [],
    indexes: [],
    triggers: [],
  }
  const change = (from: Column, more: object = {}) => ({
    ...{ column: { table, from, wanted: table, to: from, flag: `items.${from.name}` }, rows: 3, nulls: 0 },
    ...more,
  })
  const changes: readonly TableChange[] = [
    {
      ...{ table, rows: 3 },
      columns: [
        change(column('id')),
        change(column('name')),
        change(column('state'), { using: `CASE "state" WHEN 'OPEN' THEN 'open' ELSE "state" END`, why: 'values' }),
        change(column('data', { type: dialect === 'sqlite' ? 'blob' : 'bytea' })),
        change(column('n'), { fill: '0', nulls: 1 }),
      ],
    },
  ]
  /** What is found after these statements, in one transaction. */
  const after = async (...statements: readonly string[]): Promise<unknown> => {
    const { queryRunner, dialect: own } = database
    await queryRunner.startTransaction()
    try {
      const kept = await watchRows(own, queryRunner, changes, [])
      for (const sql of statements) await queryRunner.query(sql)
      return await kept.compare().then(
        () => undefined,
        (error: unknown) => error,
      )
    } finally {
      await queryRunner.rollbackTransaction()
    }
  }
  const converted = [
    `UPDATE "items" SET "state" = 'open' WHERE "state" = 'OPEN'`,
    `UPDATE "items" SET "n" = 0 WHERE "n" IS NULL`,
  ]

  test('are found if each has the values that it had, or those that it should get', async () => {
    expect(await after(...converted)).toBeUndefined()
  })

  test('are found in another order, and with other numbers of rows in the file', async () => {
    const again = [`CREATE TABLE "copy" AS SELECT * FROM "items"`, `DELETE FROM "items"`]
    expect(
      await after(...converted, ...again, `INSERT INTO "items" SELECT * FROM "copy" ORDER BY "id" DESC`),
    ).toBeUndefined()
  })

  test.each([
    ['is gone', `DELETE FROM "items" WHERE "id" = 2`, 'items had 3 rows and would have 2'],
    ['is there twice', `INSERT INTO "items" ("id", "state") VALUES (9, 'open')`, 'items had 3 rows and would have 4'],
    ['has lost a text', `UPDATE "items" SET "name" = NULL WHERE "id" = 1`, 'items would have other values'],
    ['has an empty text for none', `UPDATE "items" SET "name" = '' WHERE "id" = 3`, 'items would have other values'],
    ['has another spelling', `UPDATE "items" SET "name" = 'B' WHERE "id" = 2`, 'items would have other values'],
    ['was not converted', `UPDATE "items" SET "state" = 'OPEN' WHERE "id" = 1`, 'items would have other values'],
    ['has lost its bytes', `UPDATE "items" SET "data" = NULL`, 'items would have other values'],
    [
      'was not filled',
      `UPDATE "items" SET "n" = NULL WHERE "id" = 2`,
      'items had 2 values of n and would have 2 instead of 3',
    ],
  ])('are missed if one %s', async (_, sql, words) => {
    const error = await after(...converted, sql)
    expect(error).toMatchObject({ code: 'ALUDEL_PROOF', message: `after the conversion, ${words}` })
  })

  test('are missed if two have swapped their values', async () => {
    const swap = `UPDATE "items" SET "name" = CASE "id" WHEN 1 THEN 'b' WHEN 2 THEN 'a' END WHERE "id" < 3`
    expect(await after(...converted, swap)).toMatchObject({ code: 'ALUDEL_PROOF' })
  })
})
