import { randomUUID } from 'node:crypto'

import { dialectNames, openDatabase, type TestDatabase } from '../run/databases'

describe.each(dialectNames)('the profile of a live database on %s', (name) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase(name)
  })
  afterEach(() => database.drop())
  const isPostgres = name === 'postgres'

  async function profile() {
    const { dialect, queryRunner } = database
    const numbers = isPostgres
      ? 'generate_series(1, 2000) AS numbers(n)'
      : '(WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2000) SELECT n FROM numbers)'
    const columns =
      '"id" integer PRIMARY KEY, "path" varchar(60) NOT NULL, "state" varchar(20) NOT NULL, "gone" integer'
    for (const sql of [
      `CREATE TABLE "files" (${columns})`,
      'CREATE INDEX "ix_files" ON "files" ("path")',
      `INSERT INTO "files" SELECT n, '/secret/' || (n * 7919 % 10000 + 10000), 'state ' || (n % 3), CASE WHEN n % 2 = 0 THEN 1 END FROM ${numbers}`,
      ...(isPostgres ? ['ANALYZE "files"'] : []),
    ])
      await queryRunner.query(sql)
    return dialect.scale.profile(queryRunner, ['files', 'nowhere'])
  }

  test('knows how many rows there are, and what their values are like', async () => {
    const { tables } = await profile()
    expect([...tables.keys()]).toEqual(['files'])
    const files = tables.get('files')
    expect(files?.rows).toBe(2000)
    expect(files?.indexes).toContain('ix_files')
    const shape = (column: string) => files?.columns.get(column)
    expect(shape('id')).toMatchObject({ nulls: 0, distinct: 2000, ordered: true })
    expect(shape('path')).toMatchObject({ nulls: 0, distinct: 2000, ordered: false, prefix: isPostgres ? 9 : 0 })
    expect(shape('path')?.bytes).toBeCloseTo(13, -1)
    expect(shape('state')).toMatchObject({ distinct: 3, ordered: false })
    expect(shape('gone')?.nulls).toBeCloseTo(0.5, 1)
  })

  test('has no value of a row', async () => {
    const { tables, ...rest } = await profile()
    const all = [...tables].map(([table, { columns, ...one }]) => [table, one, [...columns]])
    expect(JSON.stringify([all, rest])).not.toMatch(/secret|state \d/)
  })

  test('fits a scratch database on the same server, and no other', async () => {
    const { dialect, queryRunner } = database
    const live = await dialect.scale.profile(queryRunner, [])
    expect(await dialect.scale.fit(queryRunner, live)).toBeNull()
    const { file: _, ...other } = { ...live, server: 'another' }
    expect(await dialect.scale.fit(queryRunner, other)).toBe(
      isPostgres ? 'the scratch database is on another server' : 'the database is in memory',
    )
  })
})

describe('the planner of a scratch database on postgres', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase('postgres')
  })
  afterEach(() => database.drop())

  test('reckons with the rows of the live tables', async () => {
    const { dialect, queryRunner } = database
    await queryRunner.query('CREATE SCHEMA "other"')
    for (const name of ['"orders"', '"other"."orders"']) {
      await queryRunner.query(`CREATE TABLE ${name} ("id" integer PRIMARY KEY)`)
      await queryRunner.query(`INSERT INTO ${name} SELECT n FROM generate_series(1, 1000) AS numbers(n)`)
    }
    const live = await dialect.scale.profile(queryRunner, ['orders', 'other.orders'])
    expect(await dialect.scale.plansAsLive(queryRunner)).toBe(true)
    const tables = new Map([...live.tables].map(([name, one]) => [name, { ...one, rows: 5_000_000 }]))
    await dialect.scale.settle(queryRunner, [{ name: 'orders' }, { schema: 'other', name: 'orders' }], {
      ...live,
      tables,
    })
    for (const name of ['"orders"', '"other"."orders"']) expect(await planned(name)).toBeCloseTo(5_000_000, -2)
  })

  test('is told that by a role that is no superuser from PostgreSQL 18 on', async () => {
    const { dialect, queryRunner } = database
    const role = `planning_${randomUUID().slice(0, 8)}`
    await queryRunner.query(`CREATE ROLE "${role}"`)
    try {
      await queryRunner.query(`GRANT CREATE ON SCHEMA public TO "${role}"`)
      await queryRunner.query(`SET ROLE "${role}"`)
      await queryRunner.query('CREATE TABLE "own" ("id" integer PRIMARY KEY)')
      await queryRunner.query('INSERT INTO "own" SELECT n FROM generate_series(1, 1000) AS numbers(n)')
      const live = await dialect.scale.profile(queryRunner, ['own'])
      const [server] = (await queryRunner.query(
        `SELECT current_setting('server_version_num')::integer >= 180000 AS "isNew"`,
      )) as { isNew: boolean }[]
      expect(await dialect.scale.plansAsLive(queryRunner)).toBe(server?.isNew)
      const tables = new Map([...live.tables].map(([name, one]) => [name, { ...one, rows: 70_000 }]))
      await dialect.scale.settle(queryRunner, [{ name: 'own' }], { ...live, tables })
      expect(await planned('"own"')).toBeCloseTo(server?.isNew === true ? 70_000 : 1000, -2)
    } finally {
      await queryRunner.query('RESET ROLE')
      await queryRunner.query(`DROP OWNED BY "${role}"`)
      await queryRunner.query(`DROP ROLE "${role}"`)
    }
  })

  /** With how many rows of a table the planner reckons. */
  async function planned(name: string): Promise<number> {
    const [row] = (await database.queryRunner.query(`EXPLAIN (FORMAT JSON) SELECT * FROM ${name}`)) as {
      'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }]
    }[]
    return row?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0
  }
})

test('locks keep others waiting by their level, and on SQLite the journal decides', async () => {
  const database = await openDatabase('postgres')
  const { scale } = database.dialect
  await database.drop()
  const blocks = (level: Parameters<typeof scale.blocks>[0]['level']) => scale.blocks({ level, table: 'orders' })
  expect(blocks('ACCESS EXCLUSIVE')).toBe('reads and writes')
  expect(blocks('EXCLUSIVE')).toBe('writes')
  expect(blocks('SHARE')).toBe('writes')
  expect(blocks('SHARE UPDATE EXCLUSIVE')).toBeNull()
  expect(blocks('ROW EXCLUSIVE')).toBe('changed rows')
  expect(blocks('ACCESS SHARE')).toBeNull()
  expect(scale.blocks({ level: 'ACCESS EXCLUSIVE', table: 'ix', isIndex: true })).toBeNull()
  const file = await openDatabase('sqlite')
  try {
    const { dialect, queryRunner } = file
    const before = await dialect.scale.profile(queryRunner, [])
    await queryRunner.query('PRAGMA journal_mode = WAL')
    const after = await dialect.scale.profile(queryRunner, [])
    expect([before, after].map((live) => dialect.scale.blocksAll(live))).toEqual(['reads and writes', 'writes'])
  } finally {
    await file.drop()
  }
})
