import { openDatabase, tableNames } from './databases'
import { appliedMessages, rejection, revision, run } from './revisions'

describe('a COMMIT that the database refuses', () => {
  test('leaves nothing and names the revision for a deferred foreign key of PostgreSQL', async () => {
    const database = await openDatabase('postgres')
    try {
      const all = [
        revision('deferred', [
          'CREATE TABLE "p" ("id" integer PRIMARY KEY)',
          'CREATE TABLE "q" ("p" integer REFERENCES "p" DEFERRABLE INITIALLY DEFERRED)',
          'INSERT INTO "q" VALUES (1)',
        ]),
      ]
      expect(await rejection(run(database, all))).toMatchObject({
        code: 'ALUDEL_FOREIGN_KEYS',
        message: expect.stringMatching(
          /\(deferred\) failed in the check after its last statement: .*foreign key/,
        ) as string,
      })
      expect(await tableNames(database)).toEqual([])
    } finally {
      await database.drop()
    }
  })

  test('leaves nothing and a usable connection when a SQLite reader blocks it', async () => {
    const database = await openDatabase('sqlite')
    await database.rows('PRAGMA busy_timeout = 20')
    await database.rows('CREATE TABLE "r" ("n" integer)')
    await database.rows('INSERT INTO "r" VALUES (1), (2)')
    const other = await database.connect()
    try {
      const all = [revision('busy', ['CREATE TABLE "a" ("n" integer)'])]
      const busy = revision('busy', async (queryRunner) => {
        await queryRunner.query('CREATE TABLE "a" ("n" integer)')
        await other.query('BEGIN')
        await other.query('SELECT * FROM "r"')
      })
      expect(await rejection(run(database, [busy], { limits: { tableLockRetryMs: 0 } }))).toMatchObject({
        code: 'ALUDEL_TABLE_LOCKED',
        message: expect.stringMatching(/\(busy\) failed at COMMIT: .*locked/) as string,
        help: expect.stringMatching(/Nothing of this revision remains\.$/) as string,
      })
      await other.query('ROLLBACK')
      expect(database.queryRunner.isTransactionActive).toBe(false)
      expect(await tableNames(database)).toEqual(['r'])
      await run(database, all)
      expect(await appliedMessages(database, all)).toEqual(['busy'])
    } finally {
      await database.drop()
    }
  })
})
