import type { DialectName } from '../../src/dialect/registry'
import { revision, type TestRevision } from '../run/revisions'

/** DDL of every kind and updates that are visible if repeated, as both engines support them. */
const common = [
  'CREATE TABLE "a" ("id" integer PRIMARY KEY NOT NULL, "n" integer)',
  'INSERT INTO "a" ("id", "n") VALUES (1, 10), (2, 20)',
  'UPDATE "a" SET "n" = "n" + 1',
  'CREATE INDEX "ix_a" ON "a" ("n")',
  'ALTER TABLE "a" ADD COLUMN "more" integer',
  'UPDATE "a" SET "more" = coalesce("more", 0) + "n"',
  'ALTER TABLE "a" RENAME COLUMN "more" TO "most"',
  'CREATE VIEW "v" AS SELECT "id" FROM "a"',
  'CREATE TABLE "b" ("n" integer)',
  'DROP VIEW "v"',
  'DROP TABLE "b"',
  'INSERT INTO "a" ("id", "n") SELECT "id" + 10, "n" FROM "a"',
]

const own: Readonly<Record<DialectName, readonly string[]>> = {
  postgres: [
    'CREATE INDEX CONCURRENTLY "ix_most" ON "a" ("most")',
    'DROP INDEX CONCURRENTLY "ix_a"',
    'VACUUM "a"',
    `CREATE TYPE "mood" AS ENUM ('sad')`,
    `ALTER TYPE "mood" ADD VALUE 'glad'`,
    `ALTER TABLE "a" ADD COLUMN "m" "mood" DEFAULT 'glad'`,
    'REINDEX TABLE CONCURRENTLY "a"',
  ],
  sqlite: ['VACUUM', 'PRAGMA journal_mode = WAL', 'DROP INDEX "ix_a"'],
}

/** A non-transactional revision whose result differs if any of its statements runs twice or not at all. */
export function outsideRevision(dialect: DialectName): TestRevision {
  return revision(
    'outside',
    async (queryRunner) => {
      for (const sql of [...common, ...own[dialect]]) await queryRunner.query(sql)
      await queryRunner.startTransaction()
      await queryRunner.query('UPDATE "a" SET "n" = "n" * 2')
      await queryRunner.query('INSERT INTO "a" ("id", "n") VALUES (99, 1)')
      await queryRunner.commitTransaction()
      await queryRunner.query('UPDATE "a" SET "n" = "n" + 1')
    },
    [],
    { transaction: false, number: 1 },
  )
}
