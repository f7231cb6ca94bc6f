import { postgresMajor } from '../../../../../../tools/testing/databases'
import type { Probe } from '../../../../src/dialect/roles/statements'
import { statements } from '../../../../src/dialect/postgres/statements'
import { openDatabase, type TestDatabase } from '../../../run/databases'

let database: TestDatabase
beforeAll(async () => {
  database = await openDatabase('postgres')
  const setUp = [
    'CREATE SCHEMA "Other"',
    'CREATE TABLE "t" ("id" integer PRIMARY KEY, "n" integer, "old" text, CONSTRAINT "ck" CHECK ("n" > 0))',
    'CREATE TABLE "Other"."t" ("n" integer)',
    'CREATE TABLE "parts" ("n" integer) PARTITION BY RANGE ("n")',
    'CREATE TABLE "part" PARTITION OF "parts" FOR VALUES FROM (0) TO (9)',
    'CREATE INDEX "ix_old" ON "t" ("old")',
    `CREATE TYPE "mood" AS ENUM ('sad')`,
    'CREATE VIEW "v_old" AS SELECT 1 AS one',
    'CREATE SEQUENCE "s_old"',
    'CREATE FUNCTION "touch"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
    'CREATE TRIGGER "tr_old" BEFORE INSERT ON "t" EXECUTE FUNCTION "touch"()',
  ]
  for (const sql of setUp) await database.rows(sql)
})
afterAll(() => database.drop())

/** Run in order: statements depend on those before them. */
const changing = [
  'CREATE TABLE "made" ("n" integer)',
  'create unlogged table Folded (n integer)',
  'CREATE TABLE "Other"."made" ("n" integer)',
  'CREATE INDEX CONCURRENTLY "ix" ON "t" ("n")',
  'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "ix_other" ON ONLY "Other"."t" USING btree ("n") -- why',
  'CREATE INDEX "ix_plain" ON t (n)',
  'DROP INDEX CONCURRENTLY "ix"',
  'ALTER INDEX "ix_plain" RENAME TO "ix_named"',
  'ALTER TABLE "t" ADD COLUMN "more" integer NOT NULL DEFAULT 0',
  'ALTER TABLE ONLY "t" ADD "most" integer',
  'ALTER TABLE "t" RENAME COLUMN "more" TO "fewer"',
  'ALTER TABLE "t" RENAME "most" TO "least"',
  'ALTER TABLE "t" DROP COLUMN "fewer"',
  'ALTER TABLE "t" ADD CONSTRAINT "uq" UNIQUE ("n")',
  'ALTER TABLE "t" RENAME CONSTRAINT "uq" TO "uq2"',
  'ALTER TABLE "t" DROP CONSTRAINT "ck"',
  'ALTER TABLE "made" RENAME TO "remade"',
  `ALTER TYPE "mood" ADD VALUE 'it''s'`,
  `ALTER TYPE "mood" ADD VALUE IF NOT EXISTS 'glad' BEFORE 'sad'`,
  `ALTER TYPE "mood" RENAME VALUE 'sad' TO 'blue'`,
  'ALTER TYPE "mood" RENAME TO "temper"',
  `CREATE TYPE "kind" AS ENUM ('a')`,
  'CREATE DOMAIN "amount" AS integer',
  'DROP TYPE "kind"',
  'CREATE VIEW "v" AS SELECT 1 AS one',
  'CREATE MATERIALIZED VIEW "m" AS SELECT 1 AS one',
  'DROP MATERIALIZED VIEW "m"',
  'DROP VIEW "v_old"',
  'CREATE SEQUENCE "s"',
  'DROP SEQUENCE "s_old"',
  'CREATE SCHEMA "newer"',
  'DROP SCHEMA "newer"',
  'CREATE TRIGGER "tr" AFTER UPDATE ON "t" FOR EACH ROW EXECUTE FUNCTION "touch"()',
  'DROP TRIGGER "tr_old" ON "t"',
  `ALTER TABLE "parts" DETACH PARTITION "part"${postgresMajor < 14 ? '' : ' CONCURRENTLY'}`,
  'ALTER TABLE "parts" ATTACH PARTITION "part" FOR VALUES FROM (0) TO (9)',
  'DROP TABLE "remade", "Other"."made"',
]

test.each(changing)('statements.probe reports "not done" before and "done" after: %s', async (sql) => {
  expect(await statements.probe(database.dataSource, sql)).toBe('not done')
  await database.rows(sql)
  expect(await statements.probe(database.dataSource, sql)).toBe('done')
})

const others: readonly (readonly [Probe, string])[] = [
  // Safe to repeat.
  ['not done', 'VACUUM "t"'],
  ['not done', 'VACUUM (ANALYZE, VERBOSE) "t"'],
  ['not done', 'ANALYZE'],
  ['not done', 'REINDEX TABLE CONCURRENTLY "t"'],
  ['not done', 'CREATE TABLE IF NOT EXISTS "t" ("n" integer)'],
  ['not done', 'CREATE OR REPLACE VIEW "v" AS SELECT 1 AS one'],
  ['not done', 'DROP TABLE IF EXISTS "t"'],
  ['not done', 'ALTER TABLE "t" VALIDATE CONSTRAINT "ck"'],
  ['not done', 'ALTER TABLE "t" ALTER COLUMN "n" SET NOT NULL'],
  ['not done', 'ALTER TABLE "t" ALTER COLUMN "n" SET DEFAULT 1'],
  ['not done', 'ALTER TABLE "t" ALTER COLUMN "n" TYPE bigint'],
  ['not done', `ALTER SYSTEM SET work_mem = '8MB'`],
  ['not done', 'REFRESH MATERIALIZED VIEW CONCURRENTLY "m"'],
  // The database cannot report it.
  ['unknown', 'ALTER TABLE "t" ALTER COLUMN "n" TYPE integer USING "n" * 100'],
  ['unknown', 'CREATE INDEX CONCURRENTLY ON "t" ("n")'],
  ['unknown', 'ALTER TABLE "t" ADD UNIQUE ("n")'],
  ['unknown', 'CALL "archive"()'],
  ['unknown', 'INSERT INTO "t" VALUES (1)'],
  ['unknown', 'BEGIN; CREATE TABLE "both" (); COMMIT'],
  ['unknown', 'CREATE FUNCTION "touch"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$'],
  ['not done', 'CREATE FUNCTION "other"() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$'],
]

test.each(others)('statements.probe reports "%s" for: %s', async (expected, sql) => {
  expect(await statements.probe(database.dataSource, sql)).toBe(expected)
})

test.each([
  [false, 'ALTER TABLE "t" ADD COLUMN "concurrently" integer'],
  [false, `COMMENT ON TABLE "t" IS 'VACUUM'`],
  [false, 'REFRESH MATERIALIZED VIEW CONCURRENTLY "m"'],
  [false, 'REINDEX TABLE "t"'],
  [false, 'ALTER DATABASE "d" SET work_mem = 1'],
  [true, '/* why */ create unique index concurrently "i" on "t" ("n")'],
  [true, 'DROP INDEX CONCURRENTLY IF EXISTS "i"'],
  [true, 'REINDEX (VERBOSE) INDEX CONCURRENTLY "i"'],
  [true, 'REINDEX (CONCURRENTLY) TABLE "t"'],
  [true, 'VACUUM FULL "t"'],
  [true, 'CREATE DATABASE "d"'],
  [true, 'ALTER SYSTEM RESET ALL'],
  [true, 'ALTER TABLE "parts" DETACH PARTITION "part" CONCURRENTLY'],
])('statements.outsideTransaction reports %s for: %s', (expected, sql) => {
  expect(statements.outsideTransaction([sql])).toBe(expected ? sql : undefined)
})

describe('statements.outsideTransaction of ALTER TYPE ADD VALUE', () => {
  const add = `ALTER TYPE "mood" ADD VALUE 'new'`
  test.each([
    ['is not used', undefined, [add]],
    ['is used', add, [add, `ALTER TABLE "t" ALTER COLUMN "m" SET DEFAULT 'new'`]],
    ['is used in an array', add, [add, `UPDATE "t" SET "m" = '{old,new}'`]],
    ['is used in a block', add, [add, `DO $$ BEGIN UPDATE t SET m = 'new'; END $$`]],
    ['is part of another word', undefined, [add, `UPDATE "t" SET "m" = 'newer'`]],
    ['is used only before it is added', undefined, [`SELECT 'new'`, add]],
    ['is the position of the next value', undefined, [add, `ALTER TYPE "mood" ADD VALUE 'next' AFTER 'new'`]],
    ['belongs to a type created before', undefined, [`CREATE TYPE "mood" AS ENUM ('a')`, add, `SELECT 'new'::"mood"`]],
  ])('given a new value that %s, returns %s', (_, expected, list) => {
    expect(statements.outsideTransaction(list)).toBe(expected)
  })
})
