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
