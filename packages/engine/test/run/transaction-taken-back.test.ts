import type { QueryRunner } from 'typeorm'

import { openDatabase, tableNames, type TestDatabase } from './databases'
import { appliedMessages, rejection, revision, run } from './revisions'

/** Some errors make SQLite roll back the whole transaction, not only the statement. */
describe('a revision that catches a SQLite error', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase('sqlite')
    await database.rows('CREATE TABLE "t" ("n" integer PRIMARY KEY)')
    await database.rows('INSERT INTO "t" VALUES (1)')
    await database.rows(`CREATE TRIGGER "no" BEFORE DELETE ON "t" BEGIN SELECT RAISE(ROLLBACK, 'nothing goes'); END`)
  })
  afterEach(() => database.drop())
  const expectNothing = async (one: ReturnType<typeof revision>): Promise<void> => {
    expect(await tableNames(database)).toEqual(['t'])
    expect(await database.rows('SELECT * FROM "t"')).toEqual([{ n: 1 }])
    expect(await appliedMessages(database, [one])).toEqual([])
    // The session can run the next revision.
    const next = revision('next', ['CREATE TABLE "next" ("n" integer)'])
    expect((await run(database, [next])).outcome.steps).toHaveLength(1)
  }

  test.each([
    ['OR ROLLBACK', 'INSERT OR ROLLBACK INTO "t" VALUES (1)', 'UNIQUE constraint failed: t.n'],
    ['RAISE(ROLLBACK)', 'DELETE FROM "t"', 'nothing goes'],
  ])('fails and leaves nothing when %s ended its transaction', async (_what, sql, words) => {
    const one = revision('swallow', async (queryRunner: QueryRunner) => {
      await queryRunner.query('CREATE TABLE "first" ("n" integer)')
      await queryRunner.query(sql).catch(() => undefined)
      await queryRunner.query('CREATE TABLE "last" ("n" integer)').catch(() => undefined)
    })
    expect(await rejection(run(database, [one]))).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringContaining(words) as string,
      details: { statement: 2, kept: 0 },
    })
    await expectNothing(one)
  })

  test('fails and leaves nothing when the error ended a nested transaction of TypeORM', async () => {
    const one = revision('nested', async (queryRunner: QueryRunner) => {
      await queryRunner.startTransaction()
      await queryRunner.query('DELETE FROM "t"').catch(() => undefined)
      await queryRunner.rollbackTransaction().catch(() => undefined)
    })
    expect(await rejection(run(database, [one]))).toMatchObject({
      message: expect.stringContaining('nothing goes') as string,
      details: { kept: 0 },
    })
    await expectNothing(one)
  })

  test('is applied when the error rolled back only the failed statement', async () => {
    const one = revision('ignore', async (queryRunner: QueryRunner) => {
      await queryRunner.query('CREATE TABLE "first" ("n" integer)')
      await queryRunner.query('INSERT INTO "t" VALUES (1)').catch(() => undefined)
      await queryRunner.query('INSERT INTO "t" VALUES (2)')
    })
    expect((await run(database, [one])).outcome.steps).toMatchObject([{ statements: 2 }])
    expect(await tableNames(database)).toEqual(['first', 't'])
  })
})
