import { postgres } from '../../../src/dialect/postgres'
import { serialSequenceName } from '../../../src/dialect/postgres/names'
import { loadDialect } from '../../../src/dialect/registry'
import { findTable } from '../../../src/schema/schema'
import { ignoreTables } from '../../support/ignore-tables'
import { runScript, TestDatabases, withRunner } from './support'

const databases = new TestDatabases()
afterAll(() => databases.close())

test('loadDialect returns the postgres dialect', () => {
  expect(loadDialect('postgres')).toBe(postgres)
  expect(postgres.connection.driverTypes).toEqual(['postgres'])
})

test('quote escapes identifiers with quotes, dots, spaces and keywords', async () => {
  const database = await databases.open()
  const names = ['plain', 'UPPER', 'with "quotes"', "it's", 'a.b', 'select', ' space ', 'ünï', '$1', ';--']
  await database.query(`CREATE TABLE "t" (${names.map((name) => `${postgres.sql.quote(name)} integer`).join(', ')})`)
  const schema = await postgres.introspection.read(database, { ignoreTables })
  expect(findTable(schema, { name: 't' })?.columns.map(({ name }) => name)).toEqual(names)
})

test('serialSequenceName returns the name that the server gives to the sequence', async () => {
  const database = await databases.open()
  const tables: [string, string][] = [
    ['t', 'id'],
    ['x'.repeat(60), 'id'],
    ['t', 'y'.repeat(63)],
    ['x'.repeat(40), 'y'.repeat(40)],
    ['ü'.repeat(30), 'é'.repeat(25)],
    ['Odd "name"', 'Column.Name'],
  ]
  for (const [table, column] of tables) {
    await database.query(`DROP TABLE IF EXISTS ${postgres.sql.quote(table)}`)
    await database.query(`CREATE TABLE ${postgres.sql.quote(table)} (${postgres.sql.quote(column)} serial)`)
    const schema = await postgres.introspection.read(database, { ignoreTables })
    expect(findTable(schema, { name: table })?.columns[0]?.serial?.name).toBe(serialSequenceName(table, column))
  }
})

test('beforeCommit reports violated deferred constraints before COMMIT', async () => {
  const database = await databases.open()
  await runScript(
    database,
    `CREATE TABLE "p" ("id" integer PRIMARY KEY, "u" integer UNIQUE DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "c" ("p" integer REFERENCES "p" DEFERRABLE INITIALLY DEFERRED);
`,
  )
  await withRunner(database, async (runner) => {
    await runner.startTransaction()
    await runner.query('INSERT INTO "c" VALUES (1)')
    await expect(postgres.running.beforeCommit(runner)).rejects.toMatchObject({
      code: 'ALUDEL_FOREIGN_KEYS',
      message: expect.stringContaining('Key (p)=(1) is not present in table "p"') as string,
    })
    await runner.rollbackTransaction()

    await runner.startTransaction()
    await runner.query('INSERT INTO "p" VALUES (1, 1), (2, 1)')
    await expect(postgres.running.beforeCommit(runner)).rejects.toMatchObject({ driverError: { code: '23505' } })
    await runner.rollbackTransaction()

    await runner.startTransaction()
    await runner.query('INSERT INTO "c" VALUES (1)')
    await runner.query('INSERT INTO "p" VALUES (1, 1)')
    await postgres.running.beforeCommit(runner)
    await runner.commitTransaction()
  })
  expect(await database.query('SELECT * FROM "c"')).toEqual([{ p: 1 }])
})

test('script stops at the first error and begins a transaction only if transactional', () => {
  expect(postgres.sql.script.header).toEqual(['\\set ON_ERROR_STOP on'])
  expect([postgres.sql.script.begin(true), postgres.sql.script.commit(true)]).toEqual([['BEGIN;'], ['COMMIT;']])
  expect([postgres.sql.script.begin(false), postgres.sql.script.commit(false), postgres.sql.script.footer]).toEqual([
    [],
    [],
    [],
  ])
})
