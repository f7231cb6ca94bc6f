import type { MigrationInterface, QueryRunner } from 'typeorm'

import { isMissingTable } from '../../../src/dialect/postgres/errors'
import { journal } from '../../../src/dialect/postgres/journal'
import { introspect } from '../../../src/dialect/postgres/introspect'
import { TestDatabases } from './support'

const databases = new TestDatabases()
afterAll(() => databases.close())

class Nothing1700000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('SELECT 1')
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('SELECT 1')
  }
}

describe.each([
  ['in the default schema', undefined, 'migrations', 'migrations'],
  ['with another name', undefined, 'my_history', 'my_history'],
  ['in the schema of the DataSource', 'app', 'migrations', 'app.migrations'],
])('history table %s', (_, schema, tableName, table) => {
  test('is identical to the one that TypeORM creates', async () => {
    const byTypeorm = await databases.open({
      migrations: [Nothing1700000000000],
      migrationsTableName: tableName,
      ...(schema === undefined ? {} : { schema }),
    })
    if (schema !== undefined) await byTypeorm.query(`CREATE SCHEMA "${schema}"`)
    await byTypeorm.runMigrations()

    const byUs = await databases.open()
    for (const sql of journal.createHistory(table)) await byUs.query(sql)
    // Repeated, as in every run.
    for (const sql of journal.createHistory(table)) await byUs.query(sql)
    const ignoreTables = ['typeorm_metadata']
    expect(await introspect(byUs, { ignoreTables })).toEqual(await introspect(byTypeorm, { ignoreTables }))
    expect(await byTypeorm.query(journal.selectApplied(table))).toEqual([
      { name: 'Nothing1700000000000', timestamp: '1700000000000' },
    ])
  })
})

test('createJournal is repeatable and creates a journal that stores an entry', async () => {
  const database = await databases.open()
  const statements = [...journal.createJournal('app.aludel_journal'), ...journal.createJournal('app.aludel_journal')]
  for (const sql of statements) await database.query(sql)
  await database.query(
    `INSERT INTO "app"."aludel_journal" ("run_id", "revision", "name", "direction", "statement", "checksum", "started_at", "finished_at",
       "duration_ms", "actor", "tool_version", "outcome", "error") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      'r',
      'a',
      'A1700000000000',
      'downgrade',
      3,
      'c'.repeat(64),
      '2025-01-02T03:04:05.678Z',
      '2025-01-02T03:04:06.789Z',
      1111,
      'a@b',
      '0.1.0',
      'failed',
      'why',
    ],
  )
  expect(await database.query('SELECT "id", "progress", "started_at", "outcome" FROM "app"."aludel_journal"')).toEqual([
    { id: '1', progress: null, started_at: new Date('2025-01-02T03:04:05.678Z'), outcome: 'failed' },
  ])
})

test.each(['migrations', 'nowhere.migrations'])(
  'isMissingTable tells a missing %s from other errors',
  async (table) => {
    const database = await databases.open()
    const error: unknown = await database.query(journal.selectApplied(table)).catch((caught: unknown) => caught)
    expect(isMissingTable(error)).toBe(true)
    const other: unknown = await database.query('SELECT nonsense').catch((caught: unknown) => caught)
    expect(isMissingTable(other)).toBe(false)
    expect(isMissingTable(new Error('boom'))).toBe(false)
  },
)

test('createHistory works in an existing schema without permission to create schemas', async () => {
  const database = await databases.open()
  const [, role] = [await database.query('CREATE SCHEMA "app"'), `aludel_test_role_${String(process.pid)}`]
  await database.query(`CREATE ROLE "${role}"`)
  try {
    await database.query(`GRANT USAGE, CREATE ON SCHEMA "app" TO "${role}"`)
    const runner = database.createQueryRunner()
    await runner.query(`SET ROLE "${role}"`)
    for (const sql of journal.createHistory('app.migrations')) await runner.query(sql)
    expect(await runner.query(journal.selectApplied('app.migrations'))).toEqual([])
    await runner.query('RESET ROLE')
    await runner.release()
  } finally {
    await database.query(`DROP OWNED BY "${role}"`)
    await database.query(`DROP ROLE "${role}"`)
  }
})

test('createHistory works in a schema whose name contains a dollar quote and a quote', async () => {
  const database = await databases.open()
  const table = "a $do$ b 'c'.migrations"
  for (const sql of [...journal.createHistory(table), ...journal.createHistory(table)]) await database.query(sql)
  expect(await database.query(`SELECT count(*)::int AS n FROM "a $do$ b 'c'"."migrations"`)).toEqual([{ n: 0 }])
})
