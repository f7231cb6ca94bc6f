import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { DataSource } from 'typeorm'

import { check, copy, describeBackup, estimateBackup, tablesOf } from '../../../src/dialect/sqlite/backup'
import type { CopyOptions, CopyProgress } from '../../../src/dialect/roles/backup'
import type { Queryable } from '../../../src/dialect/queryable'
import { Databases, schemaOf } from './support'

const databases = new Databases()
afterAll(() => databases.dispose())

const content = [
  'CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT, a text)',
  'CREATE TABLE "odd ""name""" (a)',
  'CREATE VIRTUAL TABLE words USING fts5(a)',
  'CREATE VIEW v AS SELECT a FROM t',
  `INSERT INTO t (a) VALUES ('x'), ('y')`,
  `INSERT INTO words VALUES ('one two')`,
]
/** Some megabytes, so that a copy takes several steps. */
const large = [
  'CREATE TABLE big (id integer PRIMARY KEY, a text)',
  'WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 6000) INSERT INTO big SELECT i, hex(randomblob(1000)) FROM r',
]

function emptyFile(): string {
  const file = databases.file()
  writeFileSync(file, '', { mode: 0o600 })
  return file
}

async function copied(
  dataSource: DataSource,
  options: Partial<CopyOptions> = {},
): Promise<{ file: string; tables: Record<string, number>; program: string }> {
  const file = options.target ?? emptyFile()
  const { tables, program } = await copy(dataSource.createQueryRunner(), {
    target: file,
    tools: null,
    onProgress: () => undefined,
    inSnapshot: () => Promise.resolve(),
    ...options,
  })
  return { file, program, tables: Object.fromEntries(tables.map(({ name, rows }) => [name, rows])) }
}

describe('copy', () => {
  test('copies the whole database into a file that stays private', async () => {
    const dataSource = await databases.with(...content)
    const { file, tables, program } = await copied(dataSource)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(tables).toMatchObject({ t: 2, 'odd "name"': 0 })
    expect(program).toMatch(/^SQLite 3\.\d+\.\d+$/)
    const copy = await databases.open({ database: file })
    expect(await schemaOf(copy)).toEqual(await schemaOf(dataSource))
    expect(await copy.query('SELECT * FROM v')).toEqual([{ a: 'x' }, { a: 'y' }])
    expect(await copy.query(`SELECT * FROM words WHERE words MATCH 'two'`)).toEqual([{ a: 'one two' }])
    expect(await copy.query('SELECT seq FROM sqlite_sequence')).toEqual([{ seq: 2 }])
  })

  test('copies only committed rows while another connection writes in WAL mode', async () => {
    const dataSource = await databases.open({ enableWAL: true }, ...content)
    const writer = await databases.open({ database: dataSource.options.database as string })
    await writer.query('BEGIN')
    await writer.query(`INSERT INTO t (a) VALUES ('not yet')`)
    const { file } = await copied(dataSource)
    await writer.query('ROLLBACK')
    const copy = await databases.open({ database: file })
    expect(await copy.query('SELECT count(*) AS n FROM t')).toEqual([{ n: 2 }])
  })

  test('leaves no file beside a copy of a database in WAL mode, and can read it without creating one', async () => {
    const dataSource = await databases.open({ enableWAL: true }, ...content)
    const { file, tables } = await copied(dataSource)
    expect(await problemsOf(dataSource, file, tables)).toEqual([])
    const name = path.basename(file)
    expect(readdirSync(path.dirname(file)).filter((one) => one.startsWith(`${name}-`))).toEqual([])
    expect((await describeBackup(dataSource.createQueryRunner())).settings).toEqual({ journalMode: 'wal' })
  })

  test.each([
    ['in WAL mode', true],
    ['with a rollback journal', false],
  ])('copies one state of a database that another connection keeps writing, %s', async (_, enableWAL) => {
    const dataSource = await databases.open({ enableWAL }, ...large, 'CREATE TABLE twin (id integer PRIMARY KEY)')
    const writer = await databases.open({ database: dataSource.options.database as string })
    let writes = 0
    const write = async (): Promise<void> => {
      // Both tables get a row in one transaction.
      await writer.query('BEGIN IMMEDIATE')
      await writer.query(`INSERT INTO big (a) VALUES ('more')`)
      await writer.query('INSERT INTO twin (id) VALUES (NULL)')
      await writer.query('COMMIT')
      writes += 1
    }
    // One after the other: there is one connection.
    let last = Promise.resolve()
    let begun = 0
    const { file, tables } = await copied(dataSource, {
      onProgress: ({ phase }) => {
        if (phase === 'copy' && begun++ < 3) last = last.then(write)
      },
    })
    await last
    expect(writes).toBe(3)
    expect(tables['big']).toBe(6000 + (tables['twin'] ?? NaN))
    expect(await problemsOf(dataSource, file, tables)).toEqual([])
  })

  test('ends while another connection never stops writing, which then has to wait', async () => {
    const dataSource = await databases.with(...large)
    const impatient = { timeout: 1, busyTimeout: 1 } as object
    const writer = await databases.open({ database: dataSource.options.database as string, ...impatient })
    let last = Promise.resolve()
    let [written, refused] = [0, 0]
    const write = (): Promise<void> =>
      writer.query(`INSERT INTO big (a) VALUES ('more')`).then(
        () => void (written += 1),
        () => void (refused += 1),
      )
    const { file, tables } = await copied(dataSource, {
      onProgress: ({ phase }) => {
        if (phase === 'copy') last = last.then(write)
      },
    })
    await last
    // The other driver writes while the copy goes on, and less often.
    const isSynchronous = dataSource.options.type === 'better-sqlite3'
    expect(written).toBeGreaterThan(isSynchronous ? 3 : 0)
    expect(refused > 0 || !isSynchronous).toBe(true)
    expect(await problemsOf(dataSource, file, tables)).toEqual([])
    // Nobody has to wait any longer.
    await writer.query(`INSERT INTO big (a) VALUES ('more')`)
  })

  test('copies an in-memory database', async () => {
    const dataSource = await databases.open({ database: ':memory:' }, ...content)
    const { file } = await copied(dataSource)
    expect(await (await databases.open({ database: file })).query('SELECT count(*) AS n FROM t')).toEqual([{ n: 2 }])
  })

  test.each([
    ['has no online backup', undefined],
    [
      'refuses it, as it does for an encrypted database',
      () => {
        throw new Error('backup is not supported with encrypted databases')
      },
    ],
  ])('copies a database whose driver %s by a statement', async (_, backup) => {
    const dataSource = await databases.with(...content)
    const { databaseConnection } = dataSource.driver as unknown as { databaseConnection: object }
    Object.defineProperty(databaseConnection, 'backup', { value: backup })
    const { file, tables } = await copied(dataSource)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(tables).toMatchObject({ t: 2 })
    expect(await problemsOf(dataSource, file, tables)).toEqual([])
  })

  test('copies an empty database', async () => {
    const dataSource = await databases.with()
    const { tables, file } = await copied(dataSource)
    expect(tables).toEqual({})
    expect(await problemsOf(dataSource, file, {})).toEqual([])
  })

  test('refuses to copy what an open transaction has not committed', async () => {
    const dataSource = await databases.with(...content)
    await dataSource.query('BEGIN')
    await dataSource.query('DELETE FROM t')
    await expect(copied(dataSource)).rejects.toMatchObject({
      code: 'ALUDEL_BACKUP',
      message: expect.stringContaining('transaction within a transaction') as string,
    })
    await dataSource.query('ROLLBACK')
    expect(await dataSource.query('SELECT count(*) AS n FROM t')).toEqual([{ n: 2 }])
  })

  test('reports what was copied, and stops at a signal', async () => {
    const dataSource = await databases.with(...large)
    const seen: CopyProgress[] = []
    await copied(dataSource, { onProgress: (progress) => seen.push(progress) })
    const pages = seen.filter(({ phase }) => phase === 'copy')
    expect(pages.length).toBeGreaterThan(2)
    expect(pages.map(({ bytes }) => bytes)).toEqual(pages.map(({ bytes }) => bytes).toSorted((a, b) => a - b))
    expect(pages.at(-1)?.total).toBe(await estimateBackup(dataSource))

    const controller = new AbortController()
    const reason = new Error('stop')
    const stopped = copied(dataSource, {
      signal: controller.signal,
      onProgress: ({ bytes }) => bytes > 0 && controller.abort(reason),
    })
    await expect(stopped).rejects.toBe(reason)
    // The connection has no transaction open.
    await dataSource.query('BEGIN')
    await dataSource.query('COMMIT')
  })

  test('shows the copy to the caller, as it was verified', async () => {
    const dataSource = await databases.with(...content)
    let seen: unknown
    await copied(dataSource, {
      inSnapshot: async (database: Queryable) => {
        seen = await database.query('SELECT count(*) AS n FROM t')
      },
    })
    expect(seen).toEqual([{ n: 2 }])
  })

  test('rejects a copy that lacks rows', async () => {
    const dataSource = await databases.with(...content)
    const queryRunner = dataSource.createQueryRunner()
    const query = queryRunner.query.bind(queryRunner)
    queryRunner.query = (async (sql: string, parameters?: unknown[]) => {
      const rows = (await query(sql, parameters)) as { name: string; count: number }[]
      return sql.includes('count(*) AS "count"') ? rows.map((row) => ({ ...row, count: row.count + 1 })) : rows
    }) as typeof queryRunner.query
    const target = emptyFile()
    await expect(
      copy(queryRunner, { target, tools: null, onProgress: () => undefined, inSnapshot: () => Promise.resolve() }),
    ).rejects.toMatchObject({
      code: 'ALUDEL_BACKUP',
      message: expect.stringMatching(/^the backup has \d+ rows of .* where there are \d+$/) as string,
    })
  })

  test('fails when the file cannot be written', async () => {
    const dataSource = await databases.with(...content)
    const file = path.join(databases.folder, 'missing', 'b.db')
    await expect(copied(dataSource, { target: file })).rejects.toMatchObject({ code: 'ALUDEL_BACKUP' })
    expect(existsSync(file)).toBe(false)
  })
})

const problemsOf = (
  template: DataSource,
  target: string,
  tables: Record<string, number> | undefined,
): Promise<readonly string[]> =>
  check({
    kind: 'database',
    target,
    tables: tables === undefined ? undefined : Object.entries(tables).map(([name, rows]) => ({ name, rows })),
    template,
    tools: undefined,
    onProgress: () => undefined,
  })

describe('check', () => {
  test('finds nothing wrong with a copy, and does not change it', async () => {
    const dataSource = await databases.with(...content)
    const { file, tables } = await copied(dataSource)
    const before = readFileSync(file)
    expect(await problemsOf(dataSource, file, tables)).toEqual([])
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  test('names tables that have other rows, and those that are missing', async () => {
    const dataSource = await databases.with(...content)
    const { file } = await copied(dataSource)
    expect(await problemsOf(dataSource, file, { t: 3, gone: 1 })).toEqual([
      't has 2 rows instead of 3',
      'gone has 0 rows instead of 1',
    ])
  })

  test.each([
    ['a file that is cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 5000)],
    ['a file with foreign bytes in the middle', (bytes: Buffer) => Buffer.from(bytes).fill(7, 8192, 20_000)],
    ['a file that is no database', () => Buffer.from('no database at all, but longer than a header is')],
  ])('finds something wrong with %s', async (_, damage) => {
    const dataSource = await databases.with(...large)
    const { file, tables } = await copied(dataSource)
    writeFileSync(file, damage(readFileSync(file)))
    expect(await problemsOf(dataSource, file, tables)).not.toEqual([])
  })
})

test('tablesOf finds tables whatever the case of their name', async () => {
  const dataSource = await databases.with(...content)
  expect(await tablesOf(dataSource, ['T', 'odd "name"', 'v', 'none'])).toEqual([{ name: 'odd "name"' }, { name: 't' }])
})
