import { batched } from '../../src/migration'
import type { DialectName } from '../../src/dialect/registry'
import { revision, type TestRevision } from '../run/revisions'

/** Number of rows in a batch. */
export const batchSize = 50

export const lastStatement = 'CREATE TABLE "behind" ("n" integer)'

/**
 * A revision that adds one to each row in batches, so that a repeated batch is visible. Then a function updates another column
 * in batches, and the last statement fails if it is repeated.
 *
 * @param withCondition a column marks the rows to update, so that rows inserted meanwhile are updated too
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

/** Statements that create the table with this many rows and unordered keys, and a trigger that logs each change of `n`. */
export function setUp(dialect: DialectName, rows: number): readonly string[] {
  const numbers = `WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < ${String(rows)})`
  const insert = (key: string): string => `INSERT INTO "items" ("id") ${numbers} SELECT ${key} FROM r`
  const table = (type: string): string =>
    `CREATE TABLE "items" ("id" ${type} PRIMARY KEY NOT NULL, "n" integer NOT NULL DEFAULT 0, ` +
    '"todo" integer NOT NULL DEFAULT 1, "second" integer NOT NULL DEFAULT 0, "touched" integer NOT NULL DEFAULT 0)'
  const log = (type: string): string => `CREATE TABLE "log" ("id" ${type} NOT NULL, "n" integer NOT NULL)`
  return dialect === 'sqlite'
    ? [
        // Other connections can read while a batch is written.
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

/** What an application does meanwhile: it inserts a row and changes an existing one. */
export function meanwhile(dialect: DialectName): readonly string[] {
  const key = dialect === 'sqlite' ? 'lower(hex(randomblob(16)))' : 'gen_random_uuid()'
  return [
    `INSERT INTO "items" ("id", "touched") SELECT ${key}, 1`,
    `UPDATE "items" SET "touched" = "touched" + 1 WHERE "id" = coalesce(
       (SELECT "id" FROM "items" WHERE "id" > (SELECT ${key}) ORDER BY "id" LIMIT 1),
       (SELECT "id" FROM "items" ORDER BY "id" LIMIT 1))`,
  ]
}
