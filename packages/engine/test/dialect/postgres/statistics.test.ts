import { estimateSizes } from '../../../src/dialect/postgres/estimate-sizes'
import { describe as describeDatabase, tableSizes } from '../../../src/dialect/postgres/statistics'
import { runScript, TestDatabases, withRunner } from './support'

const databases = new TestDatabases()
afterAll(() => databases.close())

test('describe returns the name of the database and the version of the server', async () => {
  const name = await databases.create()
  const database = await databases.open({}, name)
  const found = await withRunner(database, describeDatabase)
  expect(found).toEqual({ name, version: expect.stringMatching(/^\d+\.\d+$/) as string })
})

test('tableSizes counts rows, measures sizes and adds partitions to their table', async () => {
  const database = await databases.open()
  expect(await withRunner(database, tableSizes)).toEqual([])
  await runScript(
    database,
    `CREATE SCHEMA "app";
CREATE TABLE "Odd ""name" ("id" integer);
CREATE TABLE "app"."t.x" ("id" integer);
CREATE TABLE "p" ("id" integer) PARTITION BY RANGE ("id");
CREATE TABLE "p1" PARTITION OF "p" FOR VALUES FROM (0) TO (10);
CREATE TABLE "p2" PARTITION OF "p" FOR VALUES FROM (10) TO (20);
INSERT INTO "Odd ""name" SELECT generate_series(1, 1000);
INSERT INTO "p" SELECT generate_series(0, 19);
`,
  )
  const sizes = await withRunner(database, tableSizes)
  expect(sizes.map(({ name, rows }) => [name, rows])).toEqual([
    ['Odd "name', 1000],
    ['p', 20],
    ['app.t.x', 0],
  ])
  const [odd, partitioned, blank] = sizes.map(({ bytes }) => bytes ?? 0)
  expect(odd).toBeGreaterThan(30_000)
  expect(partitioned).toBeGreaterThan(0)
  expect(blank).toBe(0)
})

test('tableSizes leaves out tables that the user may not read', async () => {
  const database = await databases.open()
  const role = `aludel_test_reader_${String(process.pid)}`
  await runScript(
    database,
    `CREATE TABLE "open" ("id" integer);\nCREATE TABLE "secret" ("id" integer);\nCREATE ROLE "${role}";\nGRANT SELECT ON "open" TO "${role}";\n`,
  )
  try {
    const sizes = await withRunner(database, async (runner) => {
      await runner.query(`SET ROLE "${role}"`)
      const found = await tableSizes(runner)
      await runner.query('RESET ROLE')
      return found
    })
    expect(sizes.map(({ name }) => name)).toEqual(['open'])
  } finally {
    await runScript(database, `DROP OWNED BY "${role}";\nDROP ROLE "${role}";\n`)
  }
})

describe('estimateSizes', () => {
  const script = `CREATE SCHEMA "app";
CREATE TABLE "Odd ""name" ("id" integer);
CREATE TABLE "never" ("id" integer);
CREATE TABLE "app"."t.x" ("id" integer);
CREATE TABLE "p" ("id" integer) PARTITION BY RANGE ("id");
CREATE TABLE "p1" PARTITION OF "p" FOR VALUES FROM (0) TO (1000);
CREATE TABLE "p2" PARTITION OF "p" FOR VALUES FROM (1000) TO (2000);
CREATE TABLE "bare" ("id" integer) PARTITION BY RANGE ("id");
INSERT INTO "Odd ""name" SELECT generate_series(1, 1000);
INSERT INTO "never" SELECT generate_series(1, 1000);
CREATE TABLE "large" ("text" text);
ALTER TABLE "large" ALTER COLUMN "text" SET STORAGE PLAIN;
INSERT INTO "large" SELECT repeat('x', 4000) FROM generate_series(1, 2200);
INSERT INTO "p" SELECT generate_series(0, 1999);
ANALYZE "Odd ""name";
ANALYZE "p";
ANALYZE "p1";
ANALYZE "p2";
`
  const names = ['Odd "name', 'never', 'large', 'app.t.x', 'p', 'bare', 'gone', "'; DROP TABLE never; --"]

  test('reads the rows that the planner expects or counts small tables, and sizes with those of partitions', async () => {
    const database = await databases.open()
    expect(await withRunner(database, (runner) => estimateSizes(runner, []))).toEqual([])
    await runScript(database, script)
    const sizes = await withRunner(database, (runner) => estimateSizes(runner, names))
    expect(sizes.map(({ name, rows }) => [name, rows])).toEqual([
      ['Odd "name', 1000],
      ['bare', 0],
      ['large', null],
      ['never', 1000],
      ['p', 2000],
      ['app.t.x', 0],
    ])
    expect(sizes.map(({ bytes }) => (bytes ?? 0) > 8000)).toEqual([true, false, true, true, true, false])
    await runScript(
      database,
      'INSERT INTO "p" SELECT generate_series(0, 1999);\nCREATE TABLE "p3" PARTITION OF "p" FOR VALUES FROM (2000) TO (3000);\nINSERT INTO "p" VALUES (2500);\n',
    )
    const [grown] = await withRunner(database, (runner) => estimateSizes(runner, ['p']))
    expect(grown?.rows).toBeNull()
  })

  test('takes what was last known of a table that another session has locked', async () => {
    const database = await databases.open()
    await runScript(database, script)
    await withRunner(database, async (other) => {
      await other.query('BEGIN')
      await other.query('LOCK TABLE "Odd ""name" IN ACCESS EXCLUSIVE MODE')
      const sizes = await withRunner(database, (runner) => estimateSizes(runner, ['Odd "name']))
      await other.query('ROLLBACK')
      expect(sizes).toEqual([{ name: 'Odd "name', rows: 1000, bytes: 5 * 8192 }])
    })
  })
})
