import { Table, TableColumn, type DataSourceOptions, type QueryRunner } from 'typeorm'

import { sqliteType } from '../../../../tools/testing/databases'
import { NeedsDatabase, recordOnDatabase, recordStatements } from '../../src/execution/recorder'
import { dialectNames, openDatabase, type TestDatabase } from '../run/databases'
import { rejection, revision } from '../run/revisions'

describe.each(dialectNames)('recorder on %s', (name) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await openDatabase(name)
  })
  afterAll(async () => {
    await database.drop()
  })
  const offline: DataSourceOptions =
    name === 'sqlite' ? { type: sqliteType, database: 'nowhere.db' } : { type: 'postgres', schema: 'app' }
  const record = (up: Parameters<typeof revision>[1]) =>
    recordStatements(revision('recorded', up).migration, 'upgrade', database.dialect, offline)
  const first = name === 'sqlite' ? '?' : '$1'

  test('records the statements of both directions without a database', async () => {
    const { migration } = revision(
      'both',
      [`CREATE TABLE "a" ("n" integer);`, ` INSERT INTO "a" VALUES (1) -- one`],
      [`DROP TABLE "a"`],
    )
    expect(await recordStatements(migration, 'upgrade', database.dialect, offline)).toEqual([
      `CREATE TABLE "a" ("n" integer)`,
      `INSERT INTO "a" VALUES (1)`,
    ])
    expect(await recordStatements(migration, 'downgrade', database.dialect, offline)).toEqual([`DROP TABLE "a"`])
  })

  test('inlines parameters so that the database stores the same values', async () => {
    const values = ["it's", 12.5, null, 'a\nü?$1', `{"a":["b"]}`]
    const insert = `INSERT INTO "p" VALUES (${values.map((_, index) => (name === 'sqlite' ? '?' : `$${String(index + 1)}`)).join(', ')})`
    const statements = await record((queryRunner) => queryRunner.query(insert, values))
    expect(statements).toHaveLength(1)
    await database.rows(`CREATE TABLE "p" ("a" text, "b" double precision, "c" text, "d" text, "e" text)`)
    await database.rows(statements[0] ?? '')
    expect(await database.rows(`SELECT * FROM "p"`)).toEqual([
      { a: values[0], b: 12.5, c: null, d: values[3], e: values[4] },
    ])
  })

  test('shows the migration the type of the target database', async () => {
    const statements = await record(async (queryRunner) => {
      const { type } = queryRunner.connection.options
      await queryRunner.query(
        `for ${type} ${queryRunner.dataSource.options.type} ${queryRunner.connection.driver.options.type}`,
      )
    })
    expect(statements).toEqual([`for ${offline.type} ${offline.type} ${offline.type}`])
  })

  test('keeps a SELECT whose result is unused, because it may have side effects', async () => {
    expect(await record(['SELECT do_something()'])).toEqual(['SELECT do_something()'])
  })

  test.each<[string, (queryRunner: QueryRunner) => Promise<unknown>]>([
    [
      'a loop over rows',
      async (queryRunner) => {
        for (const row of (await queryRunner.query('SELECT 1')) as unknown[]) await queryRunner.query(String(row))
      },
    ],
    [
      'the number of rows',
      async (queryRunner) => {
        if (((await queryRunner.query('SELECT 1')) as unknown[]).length === 0) await queryRunner.query('INSERT')
      },
    ],
    [
      'the first row',
      async (queryRunner) => {
        const [row] = (await queryRunner.query('SELECT 1')) as unknown[]
        return row
      },
    ],
    ['a row by its number', async (queryRunner) => ((await queryRunner.query('SELECT 1')) as unknown[])[0]],
    ['JSON of rows', async (queryRunner) => JSON.stringify(await queryRunner.query('SELECT 1'))],
    [
      'a result when the error is caught',
      async (queryRunner) => {
        try {
          return ((await queryRunner.query('SELECT 1')) as unknown[]).length
        } catch {
          return 0
        }
      },
    ],
    [
      'a result when the error is wrapped',
      async (queryRunner) => {
        try {
          return ((await queryRunner.query('SELECT 1')) as unknown[]).length
        } catch (cause) {
          throw new Error('mine', { cause })
        }
      },
    ],
    ['createTable', (queryRunner) => queryRunner.createTable(new Table({ name: 'x' }))],
    ['hasTable', (queryRunner) => queryRunner.hasTable('x')],
    ['the entity manager', (queryRunner) => queryRunner.manager.query('SELECT 1')],
    ['the data source', (queryRunner) => queryRunner.connection.query('SELECT 1')],
    ['parameters that do not fit', (queryRunner) => queryRunner.query('SELECT 1', [1])],
    ['named parameters', (queryRunner) => queryRunner.query('SELECT :a', { a: 1 } as never)],
  ])('needs a database for %s', async (_what, up) => {
    expect(await rejection(record(up))).toBeInstanceOf(NeedsDatabase)
  })

  test('reports an error that the migration throws itself', async () => {
    expect(await rejection(record(() => Promise.reject(new Error('irreversible'))))).toMatchObject({
      code: 'ALUDEL_OFFLINE',
      message: 'the upgrade does not run: irreversible',
    })
  })

  test('executes a migration on a database and records only statements that change it', async () => {
    const { migration } = revision('real', async (queryRunner) => {
      await queryRunner.createTable(
        new Table({ name: 'made', columns: [{ name: 'id', type: 'integer', isPrimary: true }] }),
      )
      await queryRunner.addColumn('made', new TableColumn({ name: 'n', type: 'integer', isNullable: true }))
      if (await queryRunner.hasTable('made'))
        await queryRunner.query(`INSERT INTO "made" ("id", "n") VALUES (1, ${first})`, [7])
      await queryRunner.startTransaction()
      await queryRunner.query(`UPDATE "made" SET "n" = 8`)
      await queryRunner.commitTransaction()
      const rows = (await queryRunner.query(`SELECT "n" FROM "made"`)) as { n: number }[]
      for (const row of rows) await queryRunner.query(`INSERT INTO "made" VALUES (2, ${String(row.n + 1)})`)
    })
    await database.queryRunner.startTransaction()
    const { statements } = await recordOnDatabase(migration, 'upgrade', database.dialect, database.queryRunner)
    const content = `SELECT "id", "n" FROM "made" ORDER BY "id"`
    const rows = [
      { id: 1, n: 8 },
      { id: 2, n: 9 },
    ]
    expect(await database.queryRunner.query(content)).toEqual(rows)
    await database.queryRunner.rollbackTransaction()

    expect(
      statements.filter((sql) => /^(?:select|show|pragma|begin|start|commit|savepoint|release)/i.test(sql)),
    ).toEqual([])
    for (const sql of statements) await database.rows(sql)
    expect(await database.rows(content)).toEqual(rows)
    await database.rows('DROP TABLE "made"')
  })

  test('records the COMMIT of a migration that ends its transaction', async () => {
    const { migration } = revision('commits', async (queryRunner) => {
      await queryRunner.query('CREATE TABLE "made" ("n" integer)')
      await queryRunner.commitTransaction()
      await queryRunner.query('DROP TABLE "made"')
    })
    await database.queryRunner.startTransaction()
    const { statements } = await recordOnDatabase(migration, 'upgrade', database.dialect, database.queryRunner)
    expect(statements).toEqual(['CREATE TABLE "made" ("n" integer)', 'COMMIT', 'DROP TABLE "made"'])
    await database.queryRunner.commitTransaction()
    expect(await record((queryRunner) => queryRunner.commitTransaction())).toEqual(['COMMIT'])
  })
})
