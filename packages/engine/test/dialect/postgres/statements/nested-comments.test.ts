import { statements } from '../../../../src/dialect/postgres/statements'
import { openDatabase } from '../../../run/databases'

test('a statement in a transaction is recognized after and around a nested comment', () => {
  expect(statements.sharesTransaction('/* a /* b */ c */ CREATE TABLE "t" ("n" integer)')).toBe(true)
  expect(statements.sharesTransaction('CREATE /* a /* b */ ; DROP TABLE "u" */ TABLE "t" ("n" integer)')).toBe(true)
  expect(statements.sharesTransaction('/* /* */ SELECT 1; */ COMMIT')).toBe(false)
})

test('the invalid index of a failed concurrent build is found although the statement has a nested comment', async () => {
  const database = await openDatabase('postgres')
  try {
    await database.rows('CREATE TABLE "t" ("n" integer)')
    await database.rows('INSERT INTO "t" VALUES (1), (1)')
    const sql = 'CREATE UNIQUE INDEX /* a /* b */ c */ CONCURRENTLY "ix" ON "t" ("n")'
    await expect(database.rows(sql)).rejects.toThrow('could not create unique index')
    expect(await statements.leftovers(database.dataSource, sql)).toEqual([
      'DROP INDEX CONCURRENTLY IF EXISTS "public"."ix"',
    ])
  } finally {
    await database.drop()
  }
})

test('a name without quotes is folded in its ASCII letters only, as the server folds it', async () => {
  const database = await openDatabase('postgres')
  try {
    const sql = 'CREATE TABLE ÄB ("n" integer)'
    await database.rows(sql)
    expect(await statements.probe(database.dataSource, sql)).toBe('done')
  } finally {
    await database.drop()
  }
})
