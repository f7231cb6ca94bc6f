// cspell:ignore migrationen
import type { DataSource } from 'typeorm'
import { MigrationExecutor } from 'typeorm'

import { legacyTypeorm } from '../../../../../tools/testing/databases'
import { isMissingTable, isTakenName } from '../../../src/dialect/sqlite/errors'
import { journal } from '../../../src/dialect/sqlite/journal'
import { Databases } from './support'

const databases = new Databases()
afterAll(() => databases.dispose())

async function masterSql(dataSource: DataSource, table: string): Promise<string | undefined> {
  const rows = await dataSource.query<{ sql: string }[]>('SELECT sql FROM sqlite_master WHERE name = ?', [table])
  return rows[0]?.sql
}

describe('journal', () => {
  // TypeORM 0.3 cannot create a table with a quote in its name.
  test.each(['migrations', 'my migrations', 'Migrationen', ...(legacyTypeorm ? [] : ['with"quote'])])(
    'creates the same table %s as TypeORM',
    async (table) => {
      const theirs = await databases.open({ migrationsTableName: table })
      await new MigrationExecutor(theirs).executePendingMigrations()
      const ours = await databases.with(...journal.createHistory(table))
      expect(await masterSql(ours, table)).toBe(await masterSql(theirs, table))
      expect(await masterSql(ours, table)).toBeDefined()
    },
  )

  test('has repeatable statements, and TypeORM reads its rows', async () => {
    const dataSource = await databases.with(
      ...journal.createHistory('migrations'),
      ...journal.createHistory('migrations'),
      ...journal.createJournal('aludel_journal'),
      ...journal.createJournal('aludel_journal'),
      `INSERT INTO migrations ("timestamp", "name") VALUES (1700000000002, 'B1700000000002'), (1700000000001, 'A1700000000001')`,
    )
    expect(await dataSource.query(journal.selectApplied('migrations'))).toEqual([
      { name: 'B1700000000002', timestamp: 1700000000002 },
      { name: 'A1700000000001', timestamp: 1700000000001 },
    ])
    const executed = await new MigrationExecutor(dataSource).getExecutedMigrations()
    expect(executed.map(({ name }) => name)).toEqual(['A1700000000001', 'B1700000000002'])
  })

  test('creates a journal that stores an entry', async () => {
    const dataSource = await databases.with(...journal.createJournal('aludel_journal'))
    const names = [
      'run_id',
      'revision',
      'name',
      'direction',
      'statement',
      'progress',
      'checksum',
      'started_at',
      'finished_at',
      'duration_ms',
      'actor',
      'tool_version',
      'outcome',
      'error',
      'history',
    ]
    const values = names.map(() => '?').join(', ')
    await dataSource.query(`INSERT INTO "aludel_journal" (${names.join(', ')}) VALUES (${values})`, names)
    expect(await dataSource.query('SELECT * FROM aludel_journal')).toEqual([
      { id: 1, ...Object.fromEntries(names.map((name) => [name, name])) },
    ])
  })

  test('tells a missing table from other errors', async () => {
    const dataSource = await databases.with()
    const caught = (sql: string): Promise<unknown> =>
      dataSource.query(sql).then(
        () => undefined,
        (error: unknown) => error,
      )
    expect(isMissingTable(await caught(journal.selectApplied('migrations')))).toBe(true)
    expect(isMissingTable(await caught('SELECT nonsense'))).toBe(false)
    expect(isMissingTable(await caught('no sql'))).toBe(false)
  })

  test('tells a name that is taken from other errors', async () => {
    const dataSource = await databases.with(
      'CREATE TABLE a (x)',
      'CREATE VIEW v AS SELECT 1',
      'CREATE INDEX i ON a (x)',
    )
    const caught = (sql: string): Promise<unknown> =>
      dataSource.query(sql).then(
        () => undefined,
        (error: unknown) => error,
      )
    for (const sql of [
      'CREATE TABLE a (x)',
      'CREATE VIEW v AS SELECT 2',
      'CREATE INDEX i ON a (x)',
      'CREATE TABLE i (x)',
    ])
      expect(isTakenName(await caught(sql))).toBe(true)
    expect(isTakenName(await caught('CREATE TABLE b (x, x)'))).toBe(false)
  })

  test('creates its table in an attached database', async () => {
    const dataSource = await databases.with(
      `ATTACH '${databases.file()}' AS audit`,
      ...journal.createHistory('audit.migrations'),
    )
    expect(await dataSource.query(journal.selectApplied('audit.migrations'))).toEqual([])
    expect(await masterSql(dataSource, 'migrations')).toBeUndefined()
  })
})
