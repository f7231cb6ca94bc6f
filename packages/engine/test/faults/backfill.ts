import { batched } from '../../src/migration'
import type { DialectName } from '../../src/dialect/registry'
import { revision, type TestRevision } from '../run/revisions'

/** Rows of a batch. */
export const batchSize = 50

export const lastStatement = 'CREATE TABLE "behind" ("n" integer)'

/**
 * Counts each row up by one, in batches: what is done twice shows. Then another column, by a function, and a statement that
 * fails the second time.
 *
 * @param withCondition the rows that are to be done say so, and rows that are inserted meanwhile are done as well
 */
export function backfill(withCondition: boolean): TestRevision {
  const condition = withCondition ? { where: '"todo" = 1' } : {}
  return revision(
    'backfill',
    async (queryRunner) => {
      await batched(queryRunner, {
        ...{ table: 'items', key: 'id', size: batchSize, ...condition },
        update: { n: '"n" + 1', todo: '0' },
      })
      await batched(queryRunner, {
        ...{ table: 'items', key: 'id', size: batchSize * 4, name: 'second', where: '"second" = 0' },
        update: ({ rows, query }) =>
          query(`UPDATE "items" SET "second" = "second" + 1 WHERE ${rows}`).then(() => undefined),
      })
      await queryRunner.query(lastStatement)
    },
    [],
    { transaction: false, number: 1 },
  )
}

/** The table, with so many rows under keys in no order, and a log of every change of `n`, written by the database. */
export function setUp(dialect: DialectName, rows: number): readonly string[] {
  const numbers = `WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < ${String(rows)})`
  const insert = (key: string): string => `INSERT INTO "items" ("id") ${numbers} SELECT ${key} FROM r`
  const table = (type: string): string =>
    `CREATE TABLE "items" ("id" ${type} PRIMARY KEY NOT NULL, "n" integer NOT NULL DEFAULT 0, ` +
    '"todo" integer NOT NULL DEFAULT 1, "second" integer NOT NULL DEFAULT 0, "touched" integer NOT NULL DEFAULT 0)'
  const log = (type: string): string => `CREATE TABLE "log" ("id" ${type} NOT NULL, "n" integer NOT NULL)`
  return dialect === 'sqlite'
    ? [
        // Others can read while a batch is written.
        'PRAGMA journal_mode = wal',
        table('varchar(32)'),
        log('varchar(32)'),
        'CREATE TRIGGER "logged" AFTER UPDATE OF "n" ON "items" BEGIN INSERT INTO "log" VALUES (new."id", new."n"); END',
        insert('lower(hex(randomblob(16)))'),
      ]
    : [
        table('uuid'),
        log('uuid'),
        `CREATE FUNCTION "log_it"() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN INSERT INTO "log" VALUES (new."id", new."n"); RETURN NULL; END $$`,
        'CREATE TRIGGER "logged" AFTER UPDATE OF "n" ON "items" FOR EACH ROW EXECUTE FUNCTION "log_it"()',
        insert('gen_random_uuid()'),
      ]
}

/** What an application does meanwhile: a new row, and a change of one that is there. */
export function meanwhile(dialect: DialectName): readonly string[] {
  const key = dialect === 'sqlite' ? 'lower(hex(randomblob(16)))' : 'gen_random_uuid()'
  return [
    `INSERT INTO "items" ("id", "touched") SELECT ${key}, 1`,
    `UPDATE "items" SET "touched" = "touched" + 1 WHERE "id" = coalesce(
       (SELECT "id" FROM "items" WHERE "id" > (SELECT ${key}) ORDER BY "id" LIMIT 1),
       (SELECT "id" FROM "items" ORDER BY "id" LIMIT 1))`,
  ]
}
