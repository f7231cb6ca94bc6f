import { realpathSync } from 'node:fs'
import path from 'node:path'

import { estimateSizes } from '../../../src/dialect/sqlite/estimate-sizes'
import { describe as describeDatabase, tableSizes } from '../../../src/dialect/sqlite/info'
import { Databases } from './support'

const databases = new Databases()
afterAll(() => databases.dispose())

describe('the description of a SQLite database', () => {
  test('returns the real path of the file and the version', async () => {
    const file = databases.file()
    const dataSource = await databases.open({ database: path.relative(process.cwd(), file) }, 'CREATE TABLE t (a)')
    const described = await describeDatabase(dataSource.createQueryRunner())
    expect(described).toEqual({ name: realpathSync(file), version: expect.stringMatching(/^3\.\d+\.\d+$/) as string })
  })

  test('names an in-memory database :memory:', async () => {
    const dataSource = await databases.open({ database: ':memory:' })
    expect((await describeDatabase(dataSource.createQueryRunner())).name).toBe(':memory:')
  })
})

describe('tableSizes', () => {
  test('counts the rows of a table, and its bytes with indexes', async () => {
    const dataSource = await databases.with(
      'CREATE TABLE big (id integer PRIMARY KEY AUTOINCREMENT, a text)',
      'CREATE INDEX ix ON big (a)',
      `CREATE TABLE "it's ""small""" (a)`,
      'CREATE VIRTUAL TABLE words USING fts5(a)',
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO big (a) SELECT hex(randomblob(50)) FROM n`,
    )
    const sizes = await tableSizes(dataSource.createQueryRunner())
    const [pageSize] = await dataSource.query<[{ page_size: number }]>('PRAGMA page_size')
    const big = sizes.find(({ name }) => name === 'big')
    expect(big?.rows).toBe(1000)
    expect(big?.bytes).toBeGreaterThan(2 * 1000 * 100)
    expect(sizes.find(({ name }) => name === `it's "small"`)).toEqual({
      name: `it's "small"`,
      rows: 0,
      bytes: pageSize.page_size,
    })
    expect(sizes.map(({ name }) => name)).not.toContain('words')
    expect(sizes.map(({ name }) => name)).not.toContain('sqlite_sequence')
  })

  test('handles more tables than one SELECT allows', async () => {
    const dataSource = await databases.with(
      ...Array.from({ length: 520 }, (_, at) => `CREATE TABLE t${String(at)} (a)`),
    )
    expect(await tableSizes(dataSource.createQueryRunner())).toHaveLength(520)
  })
})

describe('estimateSizes', () => {
  const numbers = (count: number): string =>
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${String(count)})`

  test('counts small tables, and measures those that were asked for', async () => {
    const dataSource = await databases.with(
      'CREATE TABLE big (id integer PRIMARY KEY, a text)',
      'CREATE INDEX ix ON big (a)',
      `CREATE TABLE "it's ""small""" (a)`,
      'CREATE TABLE other (a)',
      `${numbers(1000)} INSERT INTO big (a) SELECT hex(randomblob(50)) FROM n`,
    )
    const runner = dataSource.createQueryRunner()
    const sizes = await estimateSizes(runner, ['big', `it's "small"`, 'gone'])
    const exact = await tableSizes(runner)
    expect(sizes).toEqual(exact.filter(({ name }) => name !== 'other'))
    expect(await estimateSizes(runner, [])).toEqual([])
  })

  test('takes what ANALYZE has found of a large table, or the span of its row ids', async () => {
    const dataSource = await databases.with(
      'CREATE TABLE large (a)',
      `CREATE TABLE "keyed" (a integer PRIMARY KEY, b) WITHOUT ROWID`,
      `${numbers(100_500)} INSERT INTO large SELECT i FROM n`,
      `${numbers(100_001)} INSERT INTO "keyed" SELECT i, i FROM n`,
    )
    const runner = dataSource.createQueryRunner()
    const rows = async () => (await estimateSizes(runner, ['large', 'keyed'])).map((table) => [table.name, table.rows])
    expect(await rows()).toEqual([
      ['keyed', null],
      ['large', 100_500],
    ])
    await dataSource.query('DELETE FROM large WHERE a BETWEEN 10 AND 109')
    expect(await rows()).toContainEqual(['large', 100_500])
    await dataSource.query('ANALYZE')
    expect(await rows()).toEqual([
      ['keyed', 100_001],
      ['large', 100_400],
    ])
  })
})
