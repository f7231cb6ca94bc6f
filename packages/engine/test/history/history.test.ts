import { ViewColumn, ViewEntity, type DataSourceOptions } from 'typeorm'

import { readOnlySqlite } from '../../../../tools/testing/databases'
import { historyTables, History } from '../../src/history/history'
import type { JournalEntry } from '../../src/history/types'
import { dialectNames, openDatabase, tableNames, type TestDatabase } from '../run/databases'
import { appliedMessages, revision, run } from '../run/revisions'

@ViewEntity({ name: 'v', expression: 'SELECT 1 AS "n"' })
class View {
  @ViewColumn()
  n = 0
}

describe('historyTables', () => {
  test("derives table names from TypeORM's options", () => {
    expect(historyTables({ type: 'better-sqlite3', database: 'a' })).toEqual({
      table: 'migrations',
      journalTable: 'aludel_journal',
    })
    expect(historyTables({ type: 'postgres', migrationsTableName: 'done' })).toEqual({
      table: 'done',
      journalTable: 'aludel_journal',
    })
    expect(historyTables({ type: 'postgres', schema: 'app' })).toEqual({
      table: 'app.migrations',
      journalTable: 'app.aludel_journal',
    })
    expect(historyTables({ type: 'postgres', migrationsTableName: 'log.done' })).toEqual({
      table: 'log.done',
      journalTable: 'log.aludel_journal',
    })
  })
})

describe.each(dialectNames)('History on %s', (name) => {
  let database: TestDatabase
  afterEach(async () => {
    await database.drop()
  })

  const entry: JournalEntry = {
    runId: '0b3e5c0e-6c5e-4d4e-9d0e-3f2b1a000000',
    revision: '3f9c1b7a2d40',
    name: 'AddPriority1763750000000',
    direction: 'upgrade',
    statement: 3,
    checksum: 'c'.repeat(64),
    startedAt: new Date('2025-01-02T03:04:05.678Z'),
    finishedAt: new Date('2025-01-02T03:04:06.000Z'),
    durationMs: 322,
    actor: "o'hara@host",
    toolVersion: '0.1.0',
    outcome: 'failed',
    error: 'near "x": syntax error\nü',
  }

  test('reads with one query, and treats a missing table as an empty history', async () => {
    database = await openDatabase(name)
    const history = History.of(database.dialect, database.dataSource)
    let queries = 0
    const counted = {
      query: (sql: string, parameters?: unknown[]) => ((queries += 1), database.dataSource.query(sql, parameters)),
    }
    expect(await history.read(counted)).toEqual([])
    expect(await history.readJournal(counted)).toEqual([])
    expect(queries).toBe(2)
    await history.ensure(database.queryRunner)
    await history.ensure(database.queryRunner)
    await history.record(database.queryRunner, { name: 'B2', timestamp: 1763750000002 })
    await history.record(database.queryRunner, { name: 'A1', timestamp: 1763750000001 })
    queries = 0
    expect(await history.read(counted)).toEqual([
      { name: 'B2', timestamp: 1763750000002 },
      { name: 'A1', timestamp: 1763750000001 },
    ])
    expect(queries).toBe(1)
    // TypeORM run by several processes may have left more than one row.
    await history.record(database.queryRunner, { name: 'A1', timestamp: 1763750000001 })
    await history.remove(database.queryRunner, { name: 'A1' })
    expect((await history.read(database.queryRunner)).map((row) => row.name)).toEqual(['B2'])
  })

  test('fails to read a table with other columns', async () => {
    database = await openDatabase(name)
    await database.rows(`CREATE TABLE "migrations" ("other" integer)`)
    await expect(History.of(database.dialect, database.dataSource).read(database.queryRunner)).rejects.toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringMatching(/^cannot read the history in "migrations": .*name/) as string,
      help: expect.stringContaining('migrationsTableName') as string,
    })
  })

  test('names the reason when it cannot create its tables', async () => {
    database = await openDatabase(name)
    const ensure = async (overrides: Partial<DataSourceOptions>, setup: readonly string[]) => {
      const dataSource = await database.connect(overrides)
      const queryRunner = dataSource.createQueryRunner()
      try {
        for (const sql of setup) await queryRunner.query(sql)
        await History.of(database.dialect, dataSource).ensure(queryRunner)
      } finally {
        await queryRunner.release()
      }
    }
    if (name === 'sqlite') {
      await database.rows('CREATE TABLE "t" ("n" integer)')
      await expect(ensure(readOnlySqlite, [])).rejects.toMatchObject({ code: 'ALUDEL_READ_ONLY' })
    } else {
      await expect(ensure({}, ['SET default_transaction_read_only = on'])).rejects.toMatchObject({
        code: 'ALUDEL_READ_ONLY',
      })
      await database.rows('REVOKE CREATE ON SCHEMA public FROM public')
      const weak = ['SET ROLE pg_read_all_stats']
      await expect(ensure({}, weak)).rejects.toMatchObject({ code: 'ALUDEL_PERMISSION' })
    }
  })

  test('returns journal entries exactly as written, and updates the last one', async () => {
    database = await openDatabase(name)
    const history = History.of(database.dialect, database.dataSource)
    await history.ensure(database.queryRunner)
    await history.journal(database.queryRunner, entry)
    await history.journal(database.queryRunner, { ...entry, revision: 'other', progress: 'p' })
    const [second, first] = await history.readJournal(database.queryRunner)
    expect(first).toEqual({ id: expect.any(Number) as number, ...entry })
    expect(second).toMatchObject({ revision: 'other', progress: 'p' })
    expect(await history.readJournal(database.queryRunner, { limit: 1 })).toHaveLength(1)
    expect(await history.lastEntry(database.queryRunner, entry.revision)).toEqual(first)
    expect(await history.lastEntry(database.queryRunner, 'nothing')).toBeUndefined()
    const { error: _error, ...done } = { ...entry, outcome: 'done' as const, statement: 9 }
    await history.updateJournal(database.queryRunner, done)
    expect(await history.lastEntry(database.queryRunner, entry.revision)).toEqual({ id: first?.id, ...done })
    expect(await history.lastEntry(database.queryRunner, 'other')).toEqual(second)
  })

  test('reads a page of the journal backward by its key, without sorting', async () => {
    database = await openDatabase(name)
    const history = History.of(database.dialect, database.dataSource)
    await history.ensure(database.queryRunner)
    await database.rows(
      `INSERT INTO "aludel_journal" ("run_id", "revision", "name", "direction", "statement", "checksum", "started_at", ` +
        `"finished_at", "duration_ms", "actor", "tool_version", "outcome", "history") WITH RECURSIVE n(i) AS ` +
        `(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT 'run', 'r' || i, 'R' || i, 'upgrade', 1, '', ` +
        `CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 5, 'ann@host', '0.1.0', 'done', 'migrations' FROM n`,
    )
    await database.rows('ANALYZE')
    const plans: string[] = []
    const explain = name === 'sqlite' ? 'EXPLAIN QUERY PLAN ' : 'EXPLAIN '
    const watched = {
      query: async (sql: string, parameters?: unknown[]) => {
        if (sql.includes('aludel_journal'))
          plans.push(JSON.stringify(await database.dataSource.query(explain + sql, parameters)))
        return database.dataSource.query<unknown>(sql, parameters)
      },
    }
    expect(await history.readJournal(watched, { limit: 50, before: 15_001 })).toHaveLength(50)
    expect(await history.readJournal(watched, { limit: 50, outcomes: ['done', 'stamped'] })).toHaveLength(50)
    expect(plans).toHaveLength(2)
    expect(plans[0]).toMatch(name === 'sqlite' ? /USING INTEGER PRIMARY KEY \(rowid<\?\)/ : /Index Scan Backward/)
    for (const plan of plans) expect(plan).not.toMatch(/Sort|TEMP B-TREE/)
  })

  test('reads timestamps written by the server', async () => {
    database = await openDatabase(name)
    const history = History.of(database.dialect, database.dataSource)
    await history.ensure(database.queryRunner)
    await history.journal(database.queryRunner, entry)
    const before = Date.now()
    await database.rows(`UPDATE "aludel_journal" SET "started_at" = CURRENT_TIMESTAMP`)
    const [row] = await history.readJournal(database.queryRunner)
    // SQLite writes whole seconds only.
    expect(Math.abs((row?.startedAt.getTime() ?? 0) - before)).toBeLessThan(60_000)
  })

  test('writes within the transaction of the caller', async () => {
    database = await openDatabase(name)
    const history = History.of(database.dialect, database.dataSource)
    await history.ensure(database.queryRunner)
    await database.queryRunner.startTransaction()
    await history.record(database.queryRunner, { name: 'A1', timestamp: 1 })
    await history.journal(database.queryRunner, entry)
    await database.queryRunner.rollbackTransaction()
    expect(await history.read(database.queryRunner)).toEqual([])
    expect(await history.readJournal(database.queryRunner)).toEqual([])
  })

  describe("next to TypeORM's own runner", () => {
    class CreateA1763750000001 {
      async up(queryRunner: { query(sql: string): Promise<unknown> }): Promise<void> {
        await queryRunner.query('CREATE TABLE "a" ("n" integer)')
      }
      async down(queryRunner: { query(sql: string): Promise<unknown> }): Promise<void> {
        await queryRunner.query('DROP TABLE "a"')
      }
    }
    class CreateB1763750000002 {
      async up(queryRunner: { query(sql: string): Promise<unknown> }): Promise<void> {
        await queryRunner.query('CREATE TABLE "b" ("n" integer)')
      }
      async down(queryRunner: { query(sql: string): Promise<unknown> }): Promise<void> {
        await queryRunner.query('DROP TABLE "b"')
      }
    }
    const ours = (classes: (new () => { up: never; down: never })[]) =>
      classes.map((Class) => {
        const one = revision(Class.name, [])
        return {
          revision: { ...one.revision, name: Class.name, timestamp: Number(Class.name.slice(-13)), plain: true },
          migration: new Class(),
        }
      })

    test.each([
      {},
      { migrationsTableName: 'done' },
      ...(name === 'postgres' ? [{ schema: 'app' }, { migrationsTableName: 'log.done' }] : []),
    ])('shares what is applied in both directions, with the options %j', async (options) => {
      const migrations = [CreateA1763750000001, CreateB1763750000002]
      database = await openDatabase(name, { ...options, migrations: migrations.slice(0, 1) })
      const all = ours(migrations as never)
      if (name === 'postgres') for (const schema of ['app', 'log']) await database.rows(`CREATE SCHEMA "${schema}"`)

      await database.dataSource.runMigrations()
      const { outcome } = await run(database, all)
      expect(outcome.steps.map((step) => step.message)).toEqual(['CreateB1763750000002'])
      expect(await appliedMessages(database, all)).toEqual(['CreateA1763750000001', 'CreateB1763750000002'])

      const theirs = await database.connect({ migrations })
      expect(await theirs.showMigrations()).toBe(false)
      expect(await theirs.runMigrations()).toEqual([])
      await theirs.undoLastMigration()
      expect(await appliedMessages(database, all)).toEqual(['CreateA1763750000001'])
      await run(database, all, { direction: 'downgrade' })
      expect(await theirs.showMigrations()).toBe(true)
      expect(await theirs.runMigrations()).toHaveLength(2)
    })

    test('creates the same table as TypeORM', async () => {
      database = await openDatabase(name)
      const theirs = await openDatabase(name, { migrations: [CreateA1763750000001] })
      try {
        await theirs.dataSource.runMigrations()
        await History.of(database.dialect, database.dataSource).ensure(database.queryRunner)
        const table = async (one: TestDatabase) => {
          const found = await one.dataSource.createQueryRunner().getTable('migrations')
          const { columns, uniques, indices, checks } = found ?? { columns: [], uniques: [], indices: [], checks: [] }
          return { columns, uniques, indices, checks }
        }
        expect(await table(database)).toEqual(await table(theirs))
        expect(await tableNames(theirs)).toEqual(['a'])
      } finally {
        await theirs.drop()
      }
    })

    test.each([true, false])("creates TypeORM's metadata table, which revisions may use (plain: %s)", async (plain) => {
      database = await openDatabase(name, { entities: [View] })
      const one = revision('one', [
        `INSERT INTO "typeorm_metadata"("type", "name", "value") VALUES ('VIEW', 'v', 'SELECT 1 AS n')`,
      ])
      await run(database, [{ ...one, revision: { ...one.revision, plain } }])
      expect(await database.rows(`SELECT "name" FROM "typeorm_metadata"`)).toEqual([{ name: 'v' }])
    })
  })
})
