import { execFile, execFileSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'

import { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { DataSource } from 'typeorm'

import { check } from '../../../src/dialect/postgres/backup'
import { tablesOf } from '../../../src/dialect/postgres/backup-catalog'
import type { Definitions } from '../../../src/dialect/postgres/backup-definitions'
import { copyTables } from '../../../src/dialect/postgres/backup-tables'
import type { Copied, CopyOptions } from '../../../src/dialect/roles/backup'
import { TestDatabases, urlOf, withRunner } from './support'

const execute = promisify(execFile)
const databases = new TestDatabases()
let directory: string
afterAll(() => databases.close())
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'aludel-tables-test-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

/** Names, kinds and values that a copy may get wrong. */
const hostileName = `a "b".c; DROP TABLE x;\n\\copy --`
const script = [
  `CREATE TYPE mood AS ENUM ('sad', 'it''s ok')`,
  `CREATE TABLE people (id serial PRIMARY KEY, number integer GENERATED ALWAYS AS IDENTITY, name varchar(50) NOT NULL DEFAULT 'no name',
     size numeric(10,2) CHECK (size > 0), doubled numeric GENERATED ALWAYS AS (size * 2) STORED, feels mood, tags text[], raw bytea, at timestamptz,
     span interval, amount double precision, data jsonb)`,
  `CREATE INDEX ix_people_name ON people (lower(name))`,
  `COMMENT ON TABLE people IS 'it''s people'`,
  `INSERT INTO people (name, size, feels, tags, raw, at, span, amount, data) VALUES
     (E'tab\\tnew\\nline\\\\back', 1.50, 'it''s ok', ARRAY['a,b', NULL, '"'], '\\x00ff0a', '2020-02-29 12:00:00.123456+05', '1 year 2 days', 0.1, '{"a": "\\n"}'),
     ('', NULL, NULL, '{}', NULL, 'infinity', '-3 months', 'NaN', 'null'), (repeat('ü', 50), 3, 'sad', NULL, NULL, NULL, NULL, NULL, NULL)`,
  `CREATE TABLE sales (id integer NOT NULL, region text NOT NULL, CONSTRAINT pk_sales PRIMARY KEY (id, region)) PARTITION BY LIST (region)`,
  `CREATE TABLE sales_eu PARTITION OF sales FOR VALUES IN ('eu', 'uk') PARTITION BY RANGE (id)`,
  `CREATE TABLE sales_eu_low PARTITION OF sales_eu FOR VALUES FROM (MINVALUE) TO (100)`,
  `CREATE TABLE sales_rest PARTITION OF sales DEFAULT`,
  `INSERT INTO sales SELECT i, CASE WHEN i % 2 = 0 THEN 'eu' ELSE 'us' END FROM generate_series(1, 20) i`,
  `CREATE TABLE notes (id integer PRIMARY KEY, person integer REFERENCES people ON DELETE CASCADE)`,
  `INSERT INTO notes VALUES (1, 1), (2, 1)`,
]

async function filled(...more: string[]): Promise<{ name: string; source: DataSource }> {
  const name = await databases.create()
  const source = await databases.open({}, name)
  for (const sql of [...script, ...more]) await source.query(sql)
  return { name, source }
}

async function copied(source: DataSource, names: readonly string[], options: Partial<CopyOptions> = {}) {
  const target = path.join(directory, 'x.tables')
  await mkdir(target, { mode: 0o700 })
  const made = await withRunner(source, async (runner) =>
    copyTables(
      runner,
      { target, tools: null, onProgress: () => undefined, inSnapshot: () => Promise.resolve(), ...options },
      await tablesOf(runner, names),
    ),
  )
  const text = await readFile(path.join(target, 'definitions.json'), 'utf8')
  return { ...made, target, definitions: JSON.parse(text) as Definitions }
}

const problemsOf = (target: string, tables: Copied['tables'], source: DataSource): Promise<readonly string[]> =>
  check({ kind: 'tables', target, tables, template: source, tools: undefined, onProgress: () => undefined })

test('copies the named tables, and those that change with them, into private files', async () => {
  const { source } = await filled()
  const { tables, target, program } = await copied(source, ['people', 'sales'])
  expect(tables).toEqual([
    { schema: 'public', name: 'notes', rows: 2 },
    { schema: 'public', name: 'people', rows: 3 },
    { schema: 'public', name: 'sales', rows: 20 },
  ])
  expect(program).toMatch(/^COPY of PostgreSQL \d+/)
  const files = (await readdir(target)).sort()
  expect(files).toEqual(['1.copy', '2.copy', '3.copy', 'definitions.json', 'tables.sql'])
  for (const file of files) expect((await stat(path.join(target, file))).mode & 0o777).toBe(0o600)
  expect(await problemsOf(target, tables, source)).toEqual([])
})

test('keeps every value: the rows can be copied back', async () => {
  const { source } = await filled()
  const rows = (): Promise<unknown> =>
    source.query(`SELECT p.*, amount::text AS amount_text, at::text AS at_text FROM people p ORDER BY id`)
  const before = await rows()
  const { target, definitions } = await copied(source, ['people'])
  const people = definitions.tables.find(({ name }) => name === 'people')!
  expect(people.copied).not.toContain('doubled')
  await source.query('TRUNCATE people, notes')
  const client = new Client({ connectionString: (source.options as { url: string }).url })
  await client.connect()
  try {
    // Settings of another session must not matter.
    await client.query(`SET datestyle = 'German'`)
    const columns = people.copied.map((column) => `"${column}"`).join(', ')
    const into = client.query(copyFrom(`COPY people (${columns}) FROM STDIN (ENCODING '${definitions.encoding}')`))
    await pipeline(createReadStream(path.join(target, people.file)), into)
  } finally {
    await client.end()
  }
  expect(await rows()).toEqual(before)
})

const hasPsql = ((): boolean => {
  try {
    execFileSync('psql', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

const withPsql = hasPsql ? test : test.skip
withPsql(
  'writes a script with which psql creates the tables again, with rows, keys, indexes and sequences',
  async () => {
    const { name, source } = await filled()
    const all = async (): Promise<unknown> => ({
      people: await source.query('SELECT * FROM people ORDER BY id'),
      sales: await source.query('SELECT tableoid::regclass::text AS part, * FROM sales ORDER BY id'),
      notes: await source.query('SELECT * FROM notes ORDER BY id'),
      columns: await source.query(
        `SELECT attrelid::regclass::text AS t, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
         replace(pg_get_expr(adbin, adrelid), 'public.', '') AS value
       FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
       WHERE attrelid IN ('people'::regclass, 'sales'::regclass, 'notes'::regclass) AND attnum > 0 ORDER BY 1, attnum`,
      ),
      constraints: await source.query(
        `SELECT conrelid::regclass::text AS t, conname, pg_get_constraintdef(oid) AS text FROM pg_constraint
       WHERE conrelid IN ('people'::regclass, 'sales'::regclass, 'notes'::regclass) AND contype <> 'n' ORDER BY 1, 2`,
      ),
      indexes: await source.query(
        `SELECT indexdef FROM pg_indexes WHERE tablename IN ('people', 'sales', 'notes') ORDER BY 1`,
      ),
      comment: await source.query(`SELECT obj_description('people'::regclass) AS text`),
    })
    const before = await all()
    const { target } = await copied(source, ['people', 'sales'])
    await source.query('DROP TABLE people, sales, notes')
    await execute('psql', ['--no-psqlrc', '-v', 'ON_ERROR_STOP=1', '-d', urlOf(name), '-f', 'tables.sql'], {
      cwd: target,
    })
    expect(await all()).toEqual(before)
    // The sequences go on after what they had given.
    await source.query(`INSERT INTO people (name) VALUES ('next')`)
    expect(await source.query('SELECT max(id) AS id, max(number) AS number FROM people')).toEqual([
      { id: 4, number: 4 },
    ])
  },
)

test('copies tables with any name and with any size of a value', async () => {
  const quoted = `"${hostileName.replaceAll('"', '""')}"`
  const { source } = await filled(
    `CREATE SCHEMA "s p"`,
    `CREATE TABLE "s p".${quoted} (${quoted} text)`,
    `INSERT INTO "s p".${quoted} SELECT repeat('y', 20000000) FROM generate_series(1, 3)`,
    `CREATE TABLE nothing ()`,
    `INSERT INTO nothing DEFAULT VALUES`,
  )
  const target = path.join(directory, 'x.tables')
  await mkdir(target)
  let bytes = 0
  const made = await withRunner(source, (runner) =>
    copyTables(
      runner,
      {
        target,
        tools: null,
        onProgress: (progress) => (bytes = Math.max(bytes, progress.bytes)),
        inSnapshot: () => Promise.resolve(),
      },
      [
        { schema: 's p', name: hostileName },
        { schema: 'public', name: 'nothing' },
      ],
    ),
  )
  expect(made.tables).toEqual([
    { schema: 's p', name: hostileName, rows: 3 },
    { schema: 'public', name: 'nothing', rows: 1 },
  ])
  expect(bytes).toBeGreaterThan(60_000_000)
  expect(await problemsOf(target, made.tables, source)).toEqual([])
})

test('copies all tables as they were at one moment, and calls the caller in it', async () => {
  const { source } = await filled()
  let seen: unknown
  const { tables } = await copied(source, ['people', 'sales'], {
    inSnapshot: async (session) => {
      seen = await session.query('SELECT count(*)::integer AS n FROM sales')
      await session.query('SELECT 1 FROM "no such table"').catch(() => undefined)
      await source.query(`INSERT INTO sales VALUES (999, 'us')`)
    },
  })
  expect(seen).toEqual([{ n: 20 }])
  expect(tables.at(-1)).toEqual({ schema: 'public', name: 'sales', rows: 20 })
})

test('leaves out no row that a policy hides: it fails', async () => {
  const { name, source } = await filled()
  const role = `aludel_test_tables_${String(process.pid)}`
  const admin = await databases.admin()
  await admin.query(`CREATE ROLE "${role}" LOGIN PASSWORD 'secret word'`)
  try {
    await source.query('ALTER TABLE sales ENABLE ROW LEVEL SECURITY')
    await source.query('CREATE POLICY one ON sales USING (id = 1)')
    await source.query(`GRANT SELECT ON sales TO "${role}"`)
    const limited = await databases.open({ url: urlOf(name, { name: role, password: 'secret word' }) }, name)
    await expect(copied(limited, ['sales'])).rejects.toMatchObject({ code: 'ALUDEL_BACKUP' })
    await limited.destroy()
  } finally {
    await source.query(`DROP OWNED BY "${role}"`)
    await admin.query(`DROP ROLE "${role}"`)
  }
})

test('works with a time limit of the driver, and through a client that pipelines', async () => {
  const { name } = await filled()
  const limited = await databases.open({ extra: { query_timeout: 500 } }, name)
  await withRunner(limited, async (runner) => {
    const client = (await runner.connect()) as { pipeline?: boolean }
    if (client.pipeline !== undefined) client.pipeline = true
    const target = path.join(directory, 'limited')
    await mkdir(target)
    const { tables } = await copyTables(
      runner,
      { target, tools: null, onProgress: () => undefined, inSnapshot: () => Promise.resolve() },
      [{ schema: 'public', name: 'sales' }],
    )
    expect(tables).toEqual([{ schema: 'public', name: 'sales', rows: 20 }])
    // The limit must not hit the connection after the copy.
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(await runner.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })
})

test('stops at a signal', async () => {
  const { source } = await filled(
    `CREATE TABLE endless AS SELECT i FROM generate_series(1, 10) i`,
    `CREATE VIEW slow AS SELECT 1`,
  )
  const controller = new AbortController()
  const reason = new Error('stop')
  const locker = source.createQueryRunner()
  await locker.startTransaction()
  await locker.query('LOCK TABLE endless IN ACCESS EXCLUSIVE MODE')
  const stopped = copied(source, ['endless'], { signal: controller.signal })
  const isWaiting = async (): Promise<boolean> =>
    (
      (await source.query(
        `SELECT 1 FROM pg_stat_activity WHERE query LIKE 'COPY%endless%' AND wait_event_type = 'Lock' AND datname = current_database()`,
      )) as unknown[]
    ).length > 0
  while (!(await isWaiting()));
  controller.abort(reason)
  await expect(stopped).rejects.toBe(reason)
  await locker.rollbackTransaction()
  await locker.release()
})

test.each([
  ['cut off in a row', (file: string) => truncate(file, 5)],
  ['cut off between two rows', async (file: string) => truncate(file, (await readFile(file)).indexOf('\n') + 1)],
  ['longer', (file: string) => writeFile(file, '7\tus\n', { flag: 'a' })],
  ['missing', (file: string) => rm(file)],
])('check finds a file that is %s', async (_, damage) => {
  const { source } = await filled()
  const { target, tables, definitions } = await copied(source, ['sales'])
  await damage(path.join(target, definitions.tables[0]!.file))
  expect(await problemsOf(target, tables, source)).toHaveLength(1)
})

test('check finds damaged definitions, and a table that is not in them', async () => {
  const { source } = await filled()
  const { target, tables } = await copied(source, ['sales'])
  expect(await problemsOf(target, [...tables, { schema: 'public', name: 'x', rows: 1 }], source)).toEqual([
    'public.x does not have 1 rows',
  ])
  await writeFile(path.join(target, 'definitions.json'), '{"tables":')
  expect(await problemsOf(target, tables, source)).toHaveLength(1)
})
