import { DataSource } from 'typeorm'

import { waitingBuilds } from '../../../../tools/testing/databases'
import { TcpProxy } from '../../../../tools/testing/tcp-proxy'
import { History } from '../../src/history/history'
import { openDatabase, tableNames, type TestDatabase } from '../run/databases'
import { appliedMessages, edited, rejection, revision, run, type TestRevision, runThrough } from '../run/revisions'
import { dropSchemas } from '../support/drop-schemas'

describe('non-transactional upgrade of PostgreSQL on a connection that breaks', () => {
  let direct: TestDatabase
  let proxy: TcpProxy
  let dataSource: DataSource

  beforeAll(async () => {
    direct = await openDatabase('postgres')
    const { hostname, port } = new URL(direct.address)
    proxy = await TcpProxy.open(hostname, Number(port === '' ? 5432 : port))
    dataSource = await new DataSource({
      type: 'postgres',
      url: proxy.through(direct.address),
      poolSize: 1,
    }).initialize()
  })
  afterAll(async () => {
    await dataSource.destroy()
    proxy.close()
    await direct.drop()
  })
  beforeEach(async () => {
    await direct.rows('CREATE TABLE "t" ("n" integer)')
    await direct.rows('INSERT INTO "t" VALUES (1), (2)')
  })
  afterEach(() => dropSchemas(direct.dataSource))
  const attempt = (all: readonly TestRevision[], options: Parameters<typeof run>[2] = {}) =>
    runThrough(dataSource, direct, all, options)
  const outside = (message: string, up: readonly string[]) => revision(message, up, [], { transaction: false })
  const executed = ({ events }: Awaited<ReturnType<typeof run>>) =>
    events.flatMap((event) => (event.type === 'statement' ? [event.statement] : []))
  const said = ({ events }: Awaited<ReturnType<typeof run>>) =>
    events.flatMap((event) => (event.type === 'progress' ? [event.message] : [])).join('\n')
  const indexes = () =>
    direct.rows(
      `SELECT c.relname AS name, i.indisvalid AS valid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = '"t"'::regclass ORDER BY 1`,
    )

  const journal = 'UPDATE "aludel_journal"'
  const build = 'CREATE INDEX CONCURRENTLY "ix" ON "t" ("n")'

  test('asks the catalog whether a statement took effect if its note was lost', async () => {
    const all = [outside('index', ['CREATE TABLE "a" ("n" integer)', build, 'CREATE TABLE "b" ("n" integer)'])]
    void proxy.fail({ at: journal, cut: 'before', behind: build })
    expect(await rejection(attempt(all))).toMatchObject({
      code: 'ALUDEL_STATEMENT_HALFWAY',
      help: expect.stringMatching(/^Statements 1 to 2 of this revision stay executed/) as string,
      details: { kept: 2 },
    })
    expect(await indexes()).toEqual([{ name: 'ix', valid: true }])
    const next = await attempt(all)
    expect(said(next)).toMatch(/an earlier run ended in statement 2 \(CREATE INDEX .*\); it took effect/)
    expect(next.outcome.steps).toMatchObject([{ statements: 3 }])
    expect(await indexes()).toEqual([{ name: 'ix', valid: true }])
    expect(await tableNames(direct)).toEqual(['a', 'b', 't'])
    const rows = await History.of(direct.dialect, direct.dataSource).readJournal(direct.dataSource)
    expect(rows.map(({ outcome, statement }) => [outcome, statement])).toEqual([
      ['done', 3],
      ['running', 1],
    ])
  })

  test('executes a statement in the next run if it never reached the server', async () => {
    const all = [outside('index', [build])]
    void proxy.fail({ at: build, cut: 'before' })
    await rejection(attempt(all))
    expect(await indexes()).toEqual([])
    const next = await attempt(all)
    expect(said(next)).toMatch(/it did not take effect/)
    expect(await indexes()).toEqual([{ name: 'ix', valid: true }])
  })

  test('refuses to resume if the statement in doubt was edited or removed', async () => {
    const all = [outside('index', ['CREATE TABLE "a" ("n" integer)', build])]
    void proxy.fail({ at: journal, cut: 'before', behind: build })
    await rejection(attempt(all))
    const refused = {
      code: 'ALUDEL_STATEMENT_HALFWAY',
      message: expect.stringMatching(
        /was edited in statement 2, which an earlier run had begun when it ended/,
      ) as string,
    }
    const [only] = all as [TestRevision]
    const other = edited(only, ['CREATE TABLE "a" ("n" integer)', 'CREATE INDEX CONCURRENTLY "iy" ON "t" ("n")'])
    expect(await rejection(attempt([other]))).toMatchObject(refused)
    expect(await rejection(attempt([edited(only, ['CREATE TABLE "a" ("n" integer)'])]))).toMatchObject(refused)
    await attempt(all)
    expect(await indexes()).toEqual([{ name: 'ix', valid: true }])
  })

  test.each([
    ['INSERT INTO "t" VALUES (3)', 'SELECT 1 FROM "t" WHERE "n" = 3'],
    ['UPDATE "t" SET "n" = "n" + 10 WHERE "n" = 1', 'SELECT 1 FROM "t" WHERE "n" = 11'],
    ['ALTER TABLE "t" ADD COLUMN "m" integer', `SELECT 1 FROM pg_attribute WHERE attname = 'm'`],
  ])('commits a statement and its note together: %s', async (sql, done) => {
    for (const fault of [
      { at: sql, cut: 'before' },
      { at: sql, cut: 'answered' },
      { at: journal, cut: 'before', behind: sql },
      { at: 'COMMIT\0', cut: 'before', behind: sql },
      { at: 'COMMIT\0', cut: 'answered', behind: sql },
    ] as const) {
      const all = [outside(`once ${fault.at} ${fault.cut}`, [sql, 'CREATE TABLE "b" ("n" integer)'])]
      void proxy.fail(fault)
      await rejection(attempt(all))
      await attempt(all)
      expect(await direct.rows(done)).toHaveLength(1)
      expect(await appliedMessages(direct, all)).toContain(all[0]?.revision.message)
      await direct.rows('DROP TABLE "b"')
      await direct.rows('DROP TABLE "t"')
      await direct.rows('CREATE TABLE "t" AS SELECT * FROM (VALUES (1), (2)) AS v ("n")')
    }
  })

  test("commits a revision's own transaction and its note together", async () => {
    for (const cut of ['before', 'answered'] as const) {
      const own = revision(
        `own ${cut}`,
        async (queryRunner) => {
          await queryRunner.startTransaction()
          await queryRunner.query('INSERT INTO "t" VALUES (3)')
          await queryRunner.query('INSERT INTO "t" VALUES (4)')
          await queryRunner.commitTransaction()
          await queryRunner.query('ANALYZE "t"')
        },
        [],
        { transaction: false },
      )
      void proxy.fail({ at: 'COMMIT\0', cut, behind: 'VALUES (4)' })
      await rejection(attempt([own]))
      await attempt([own])
      expect(await direct.rows('SELECT "n" FROM "t" WHERE "n" > 2 ORDER BY 1')).toEqual([{ n: 3 }, { n: 4 }])
      await direct.rows('DELETE FROM "t" WHERE "n" > 2')
    }
  })

  test('records a revision exactly once if the connection breaks at that COMMIT', async () => {
    for (const cut of ['before', 'answered'] as const) {
      const all = [outside(`index ${cut}`, [`CREATE INDEX CONCURRENTLY "ix_${cut}" ON "t" ("n")`])]
      void proxy.fail({ at: 'COMMIT\0', cut, behind: 'INSERT INTO "migrations"' })
      const { outcome } = await attempt(all)
      expect(outcome.steps).toMatchObject([{ statements: 1 }])
      expect(await appliedMessages(direct, all)).toContain(`index ${cut}`)
      expect(
        await direct.rows(`SELECT 1 FROM "migrations" WHERE "name" = '${String(all[0]?.revision.name)}'`),
      ).toHaveLength(1)
    }
  })

  test('builds an index again if its session was terminated during the build', async () => {
    const peer = (await direct.connect()).createQueryRunner()
    await peer.startTransaction()
    await peer.query('INSERT INTO "t" VALUES (3)')
    const all = [outside('index', [build])]
    const attempted = rejection(attempt(all))
    // The build waits for the transaction of the peer; its index exists by then, and is INVALID.
    let pid: number | undefined
    while (pid === undefined) {
      const [row] = await direct.rows(waitingBuilds)
      pid = row === undefined ? undefined : Number(row['pid'])
    }
    await direct.rows(`SELECT pg_terminate_backend(${String(pid)})`)
    expect(await attempted).toMatchObject({ code: 'ALUDEL_STATEMENT_HALFWAY', kind: 'halfway' })
    await peer.commitTransaction()
    await peer.release()
    expect(await indexes()).toEqual([{ name: 'ix', valid: false }])
    const next = await attempt(all)
    expect(said(next)).toMatch(/removing what a failed build left: DROP INDEX CONCURRENTLY IF EXISTS "public"."ix"/)
    expect(executed(next)).toEqual([1])
    expect(await indexes()).toEqual([{ name: 'ix', valid: true }])
  })
})

describe('failed concurrent index build', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await openDatabase('postgres')
  })
  afterAll(() => database.drop())
  beforeEach(async () => {
    await database.rows('CREATE TABLE "t" ("n" integer)')
    await database.rows('INSERT INTO "t" VALUES (1), (1)')
  })
  afterEach(() => dropSchemas(database.dataSource))
  const indexes = () =>
    database.rows(
      `SELECT c.relname AS name, i.indisvalid AS valid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = '"t"'::regclass ORDER BY 1`,
    )

  test('leaves no INVALID index when rows are duplicated', async () => {
    const unique = revision('unique', ['CREATE UNIQUE INDEX CONCURRENTLY "ux" ON "t" ("n")'], [], {
      transaction: false,
    })
    expect(await rejection(run(database, [unique]))).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringMatching(/could not create unique index/) as string,
      details: { kept: 0 },
    })
    expect(await indexes()).toEqual([])
    await database.rows('DELETE FROM "t"')
    await run(database, [unique])
    expect(await indexes()).toEqual([{ name: 'ux', valid: true }])
  })

  test('is repeated despite IF NOT EXISTS if it was made by hand and left an INVALID index', async () => {
    await rejection(database.rows('CREATE UNIQUE INDEX CONCURRENTLY "ux" ON "t" ("n")'))
    expect(await indexes()).toEqual([{ name: 'ux', valid: false }])
    await database.rows('DELETE FROM "t"')
    const unique = revision('unique', ['CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "ux" ON "t" ("n")'], [], {
      transaction: false,
    })
    await run(database, [unique])
    expect(await indexes()).toEqual([{ name: 'ux', valid: true }])
  })

  test('is cleaned up by the next run if REINDEX left a copy of the index', async () => {
    await database.rows('DELETE FROM "t"')
    await database.rows('CREATE UNIQUE INDEX "ux" ON "t" ("n")')
    const reindex = revision('reindex', ['REINDEX INDEX CONCURRENTLY "ux"'], [], { transaction: false })
    const peer = (await database.connect()).createQueryRunner()
    await peer.startTransaction()
    await peer.query('INSERT INTO "t" VALUES (7)')
    Object.assign(reindex.migration, { lockTimeout: '50ms' })
    expect(await rejection(run(database, [reindex], { limits: { tableLockRetryMs: 0 } }))).toMatchObject({
      code: 'ALUDEL_STATEMENT_HALFWAY',
      message: expect.stringMatching(/could not get the lock on a table; session \d+/) as string,
      help: expect.stringMatching(/The INVALID index that statement 1 left could not be dropped/) as string,
      details: { blockers: [{ holds: expect.stringMatching(/ROW EXCLUSIVE on t/) as string }] },
    })
    await peer.commitTransaction()
    await peer.release()
    expect(await indexes()).toHaveLength(2)
    await run(database, [reindex])
    expect(await indexes()).toEqual([{ name: 'ux', valid: true }])
  })
})

describe('upgrade with undeclared non-transactional statements', () => {
  const warnings = ({ events }: Awaited<ReturnType<typeof run>>) =>
    events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))

  test('runs statement by statement on PostgreSQL, with a warning', async () => {
    const database = await openDatabase('postgres')
    try {
      await database.rows(`CREATE TYPE "mood" AS ENUM ('sad')`)
      await database.rows('CREATE TABLE "t" ("m" "mood")')
      const all = [
        revision('index', ['CREATE INDEX CONCURRENTLY "ix" ON "t" ("m")']),
        revision('value', [`ALTER TYPE "mood" ADD VALUE 'glad'`, `INSERT INTO "t" VALUES ('glad')`]),
        revision('plain', ['CREATE TABLE "u" ("n" integer)']),
      ]
      const done = await run(database, all)
      expect(warnings(done)).toEqual([
        expect.stringMatching(
          /\(index\) runs statement by statement, because a transaction does not allow CREATE INDEX CONCURRENTLY .*`readonly transaction = false`/,
        ),
        expect.stringMatching(/\(value\) runs statement by statement, .*ALTER TYPE "mood" ADD VALUE 'glad'/),
      ])
      expect(await database.rows('SELECT "m" FROM "t"')).toEqual([{ m: 'glad' }])
      expect(await rejection(run(database, [
        ...all,
        revision('vacuum', ['VACUUM "t"']),
      ], { mode: 'all' }))).toMatchObject({ code: 'ALUDEL_TRANSACTION_MODE' }) // prettier-ignore
    } finally {
      await database.drop()
    }
  })

  test('runs statement by statement even if the statements are unknown in advance', async () => {
    const database = await openDatabase('postgres')
    try {
      const all = [
        revision('asks', async (queryRunner) => {
          await queryRunner.query('CREATE TABLE "t" ("n" integer)')
          const [row] = (await queryRunner.query('SELECT 1 AS one')) as { one: number }[]
          await queryRunner.query(`CREATE INDEX CONCURRENTLY "ix_${String(row?.one)}" ON "t" ("n")`)
        }),
      ]
      const done = await run(database, all)
      expect(warnings(done)).toEqual([
        expect.stringMatching(/\(asks\) runs statement by statement, .* does not allow one of its statements/),
      ])
      expect(done.outcome.steps).toMatchObject([{ statements: 3 }])
      expect(await appliedMessages(database, all)).toEqual(['asks'])
    } finally {
      await database.drop()
    }
  })

  test('runs VACUUM outside a transaction on SQLite, but not PRAGMA foreign_keys', async () => {
    const database = await openDatabase('sqlite')
    try {
      const all = [
        revision('vacuum', ['CREATE TABLE "a" ("n" integer)', 'VACUUM']),
        revision('keys', ['PRAGMA foreign_keys = OFF', 'CREATE TABLE "b" ("n" integer)']),
      ]
      const done = await run(database, all)
      expect(warnings(done)).toEqual([expect.stringMatching(/\(vacuum\) runs statement by statement, .* VACUUM/)])
      expect(await tableNames(database)).toEqual(['a', 'b'])
    } finally {
      await database.drop()
    }
  })
})
