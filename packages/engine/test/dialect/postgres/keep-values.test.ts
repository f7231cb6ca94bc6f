import { type KeepCase, KeepHarness } from './keep-harness'
import { KeptRevision } from './keep-support'
import { read, runScript } from './support'
import { differences } from './database-pair'

const harness = new KeepHarness()
const rows = (sql: string): Promise<unknown> => harness.rows(sql)
const upAndDown = (one: KeepCase): Promise<void> => harness.upAndDown(one)

describe('values', () => {
  test('that a narrower type rounds come back where nobody has changed them since', async () => {
    await upAndDown({
      schema: `CREATE TABLE t (id int PRIMARY KEY, c numeric(10,4), d int);
        INSERT INTO t VALUES (1, 1.2345, 0), (2, 2.5, 0), (3, NULL, 0), (4, 4.4444, 0), (5, 5.5555, 0);\n`.replaceAll(
        ';\n        ',
        ';\n',
      ),
      up: ['ALTER TABLE t ALTER COLUMN c TYPE numeric(10,1)'],
      write:
        'UPDATE t SET c = 9 WHERE id = 4;\nDELETE FROM t WHERE id = 5;\nINSERT INTO t VALUES (6, 6.6, 0);\nUPDATE t SET d = 7 WHERE id = 1;\n',
      down: ['ALTER TABLE t ALTER COLUMN c TYPE numeric(10,4)'],
      after: {
        'SELECT id, c::text, d FROM t ORDER BY id': [
          { id: 1, c: '1.2345', d: 7 },
          { id: 2, c: '2.5000', d: 0 },
          { id: 3, c: null, d: 0 },
          { id: 4, c: '9.0000', d: 0 },
          { id: 6, c: '6.6000', d: 0 },
        ],
      },
    })
  })

  test('that an expression replaces come back, and find their rows by all columns of a unique index', async () => {
    await upAndDown({
      schema: `CREATE TABLE t (a int NOT NULL, "B b" text NOT NULL, c text, e timestamptz);
        CREATE UNIQUE INDEX ix ON t (a, "B b");
        INSERT INTO t VALUES (1, 'x', 'Long text', '2020-01-01 10:00:00+02'), (1, 'y', 'short', NULL);\n`.replaceAll(
        ';\n        ',
        ';\n',
      ),
      up: ['ALTER TABLE t ALTER COLUMN c TYPE varchar(3) USING left(c, 3), ALTER COLUMN e TYPE date USING e::date'],
      write: "SET TIME ZONE 'Asia/Tokyo';\nUPDATE t SET a = 2 WHERE \"B b\" = 'y';\n",
      down: ['ALTER TABLE t ALTER COLUMN c TYPE text, ALTER COLUMN e TYPE timestamptz'],
      after: {
        'SELECT a, "B b" AS b, c, (e AT TIME ZONE \'UTC\')::text AS e FROM t ORDER BY b': [
          { a: 1, b: 'x', c: 'Long text', e: '2020-01-01 08:00:00' },
          { a: 2, b: 'y', c: 'sho', e: null },
        ],
      },
    })
  })

  test('of a table without a key come back', async () => {
    await upAndDown({
      schema: `CREATE TABLE t (c float8, d int);\nINSERT INTO t VALUES (1.25, 1), (1.5, 2), (1.25, 3), (NULL, 4);\n`,
      up: ['ALTER TABLE t ALTER COLUMN c TYPE int'],
      write: 'UPDATE t SET c = 8 WHERE d = 2;\nDELETE FROM t WHERE d = 4;\nINSERT INTO t (c, d) VALUES (1, 5);\n',
      down: ['ALTER TABLE t ALTER COLUMN c TYPE float8'],
      after: {
        'SELECT c, d FROM t ORDER BY d': [
          { c: 1.25, d: 1 },
          { c: 8, d: 2 },
          { c: 1.25, d: 3 },
          { c: 1, d: 5 },
        ],
      },
    })
  })

  test('of the key itself come back by the new key', async () => {
    await upAndDown({
      schema: `CREATE TABLE t (c numeric PRIMARY KEY, d int);\nINSERT INTO t VALUES (1.2, 1), (2.6, 2), (5, 3);\n`,
      up: ['ALTER TABLE t ALTER COLUMN c TYPE int'],
      write: 'UPDATE t SET c = 8 WHERE d = 2;\n',
      down: ['ALTER TABLE t ALTER COLUMN c TYPE numeric'],
      after: {
        'SELECT c::text, d FROM t ORDER BY d': [
          { c: '1.2', d: 1 },
          { c: '8', d: 2 },
          { c: '5', d: 3 },
        ],
      },
    })
  })

  const mood = `CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
    CREATE TABLE t (id int PRIMARY KEY, c mood NOT NULL DEFAULT 'ok', cs mood[]);
    INSERT INTO t VALUES (1, 'sad', '{sad,happy}'), (2, 'ok', '{ok}'), (3, 'happy', NULL), (4, 'sad', NULL);\n`.replaceAll(
    ';\n    ',
    ';\n',
  )

  test('of an enum that lost one come back, as the tool maps them', async () => {
    await upAndDown({
      schema: mood,
      up: [
        `UPDATE "t" SET "c" = 'ok' WHERE "c" = 'sad'`,
        `UPDATE "t" SET "cs" = array_replace("cs", 'sad', 'ok') WHERE 'sad' = ANY ("cs")`,
        'ALTER TYPE "mood" RENAME TO "mood_old"',
        `CREATE TYPE "mood" AS ENUM ('ok', 'happy')`,
        `ALTER TABLE "t" ALTER COLUMN "c" DROP DEFAULT, ALTER COLUMN "c" TYPE "mood" USING "c"::text::"mood", ALTER COLUMN "c" SET DEFAULT 'ok'::mood, ALTER COLUMN "cs" TYPE "mood"[] USING "cs"::text[]::"mood"[]`,
        'DROP TYPE "mood_old"',
      ],
      recorded: [
        { table: 't', text: "which rows of t.c were 'sad': they become 'ok'" },
        { table: 't', text: "which rows of t.cs were 'sad': they become 'ok'" },
      ],
      write: `UPDATE t SET c = 'happy' WHERE id = 4;\nINSERT INTO t (id) VALUES (5);\n`,
      down: [
        'ALTER TYPE "mood" RENAME TO "mood_old"',
        `CREATE TYPE "mood" AS ENUM ('sad', 'ok', 'happy')`,
        `ALTER TABLE "t" ALTER COLUMN "c" DROP DEFAULT, ALTER COLUMN "c" TYPE "mood" USING "c"::text::"mood", ALTER COLUMN "c" SET DEFAULT 'ok'::mood, ALTER COLUMN "cs" TYPE "mood"[] USING "cs"::text[]::"mood"[]`,
        'DROP TYPE "mood_old"',
      ],
      after: {
        'SELECT id, c::text, cs::text FROM t ORDER BY id': [
          { id: 1, c: 'sad', cs: '{sad,happy}' },
          { id: 2, c: 'ok', cs: '{ok}' },
          { id: 3, c: 'happy', cs: null },
          { id: 4, c: 'happy', cs: null },
          { id: 5, c: 'ok', cs: null },
        ],
      },
    })
  })

  test('of an enum come back, as TypeORM changes it and a person maps it', async () => {
    await upAndDown({
      schema: mood,
      up: [
        'ALTER TYPE "public"."mood" RENAME TO "mood_old"',
        `CREATE TYPE "public"."mood" AS ENUM('good', 'bad')`,
        'ALTER TABLE "t" ALTER COLUMN "c" DROP DEFAULT',
        'ALTER TABLE "t" DROP COLUMN "cs"',
        `ALTER TABLE "t" ALTER COLUMN "c" TYPE "public"."mood" USING CASE "c" WHEN 'sad' THEN 'bad' ELSE 'good' END::"public"."mood"`,
        'DROP TYPE "public"."mood_old"',
        'ALTER TABLE "t" RENAME COLUMN "c" TO "feels"',
        'ALTER TABLE "t" RENAME COLUMN "id" TO "key"',
        'ALTER TABLE "t" RENAME TO "u"',
      ],
      write: `INSERT INTO u (key, feels) VALUES (5, 'bad');\nUPDATE u SET feels = 'bad' WHERE key = 3;\n`,
      down: [
        'ALTER TABLE "u" RENAME TO "t"',
        'ALTER TABLE "t" RENAME COLUMN "key" TO "id"',
        'ALTER TABLE "t" RENAME COLUMN "feels" TO "c"',
        `CREATE TYPE "public"."mood_old" AS ENUM('sad', 'ok', 'happy')`,
        `ALTER TABLE "t" ALTER COLUMN "c" TYPE "public"."mood_old" USING CASE "c" WHEN 'bad' THEN 'sad' ELSE 'ok' END::"public"."mood_old"`,
        'DROP TYPE "public"."mood"',
        'ALTER TYPE "public"."mood_old" RENAME TO "mood"',
        `ALTER TABLE "t" ALTER COLUMN "c" SET DEFAULT 'ok'`,
        'ALTER TABLE "t" ADD "cs" "public"."mood" array',
      ],
      after: {
        'SELECT id, c::text, cs::text FROM t ORDER BY id': [
          { id: 1, c: 'sad', cs: '{sad,happy}' },
          { id: 2, c: 'ok', cs: '{ok}' },
          { id: 3, c: 'sad', cs: null },
          { id: 4, c: 'sad', cs: null },
          { id: 5, c: 'sad', cs: null },
        ],
      },
    })
  })

  test('of an enum type come back in the transaction that adds the value, with all that uses the type', async () => {
    await upAndDown({
      schema: `${mood}CREATE VIEW v AS SELECT id FROM t WHERE c = 'ok';
CREATE INDEX ix ON t (id) WHERE c = 'happy'::mood;
ALTER TABLE t ADD CONSTRAINT ck CHECK (c <> 'happy'::mood OR id < 100);
CREATE FUNCTION f(mood) RETURNS mood LANGUAGE sql AS 'SELECT $1';
COMMENT ON TYPE mood IS 'a mood';
CREATE TABLE part (id int, m mood) PARTITION BY LIST (id);
CREATE TABLE part1 PARTITION OF part FOR VALUES IN (1);
INSERT INTO part VALUES (1, 'happy');
`,
      up: [
        'DROP VIEW v',
        'DROP FUNCTION f(mood)',
        'DROP INDEX ix',
        'ALTER TABLE t DROP CONSTRAINT ck',
        `UPDATE "t" SET "c" = 'ok' WHERE "c" = 'sad'`,
        `UPDATE "t" SET "cs" = array_replace("cs", 'sad', 'ok') WHERE 'sad' = ANY ("cs")`,
        'ALTER TYPE "mood" RENAME TO "mood_old"',
        `CREATE TYPE "mood" AS ENUM ('ok', 'happy')`,
        `COMMENT ON TYPE mood IS 'a mood'`,
        `ALTER TABLE "t" ALTER COLUMN "c" DROP DEFAULT, ALTER COLUMN "c" TYPE "mood" USING "c"::text::"mood", ALTER COLUMN "c" SET DEFAULT 'ok'::mood, ALTER COLUMN "cs" TYPE "mood"[] USING "cs"::text[]::"mood"[]`,
        `ALTER TABLE part ALTER COLUMN m TYPE mood USING m::text::mood`,
        'DROP TYPE "mood_old"',
        `CREATE VIEW v AS SELECT id FROM t WHERE c = 'ok'`,
        `CREATE INDEX ix ON t (id) WHERE c = 'happy'::mood`,
        `ALTER TABLE t ADD CONSTRAINT ck CHECK (c <> 'happy'::mood OR id < 100)`,
        `CREATE FUNCTION f(mood) RETURNS mood LANGUAGE sql AS 'SELECT $1'`,
      ],
      recorded: [
        { table: 't', text: "which rows of t.c were 'sad': they become 'ok'" },
        { table: 't', text: "which rows of t.cs were 'sad': they become 'ok'" },
      ],
      down: [`ALTER TYPE "mood" ADD VALUE 'sad' BEFORE 'ok'`],
      after: {
        'SELECT id, c::text, cs::text FROM t ORDER BY id': [
          { id: 1, c: 'sad', cs: '{sad,happy}' },
          { id: 2, c: 'ok', cs: '{ok}' },
          { id: 3, c: 'happy', cs: null },
          { id: 4, c: 'sad', cs: null },
        ],
        'SELECT m::text FROM part': [{ m: 'happy' }],
        "SELECT obj_description('mood'::regtype, 'pg_type') AS comment": [{ comment: 'a mood' }],
      },
    })
  })

  test('that were NULL come back, where the tool has filled them', async () => {
    await upAndDown({
      schema: `CREATE TABLE t (id int PRIMARY KEY, c text DEFAULT 'x');\nINSERT INTO t VALUES (1, NULL), (2, 'b'), (3, NULL);\n`,
      up: [`UPDATE "t" SET "c" = DEFAULT WHERE "c" IS NULL`, 'ALTER TABLE "t" ALTER COLUMN "c" SET NOT NULL'],
      recorded: [],
      write: `UPDATE t SET c = 'new' WHERE id = 3;\nINSERT INTO t (id) VALUES (4);\n`,
      down: ['ALTER TABLE "t" ALTER COLUMN "c" DROP NOT NULL'],
      after: {
        'SELECT id, c FROM t ORDER BY id': [
          { id: 1, c: null },
          { id: 2, c: 'b' },
          { id: 3, c: 'new' },
          { id: 4, c: 'x' },
        ],
      },
    })
  })

  test('of a column that is computed again need not come back', async () => {
    await upAndDown({
      schema: `CREATE TABLE t (id int PRIMARY KEY, c numeric(10,2) GENERATED ALWAYS AS (id * 1.5) STORED);\nINSERT INTO t VALUES (1);\n`,
      up: ['ALTER TABLE t ALTER COLUMN c DROP EXPRESSION', 'ALTER TABLE t ALTER COLUMN c TYPE int USING c::int'],
      down: [
        'ALTER TABLE t DROP COLUMN c',
        'ALTER TABLE t ADD COLUMN c numeric(10,2) GENERATED ALWAYS AS (id * 1.5) STORED',
      ],
      after: { 'SELECT id, c::text FROM t': [{ id: 1, c: '1.50' }] },
    })
  })

  test('are there before a unique index that needs them', async () => {
    await upAndDown({
      schema: `CREATE TABLE t (id int PRIMARY KEY, c text, CONSTRAINT uq UNIQUE (c));\nINSERT INTO t VALUES (1, 'aa'), (2, 'ab');\n`,
      up: ['ALTER TABLE t DROP CONSTRAINT uq', 'ALTER TABLE t ALTER COLUMN c TYPE varchar(1) USING left(c, 1)'],
      down: ['ALTER TABLE t ALTER COLUMN c TYPE text', 'ALTER TABLE t ADD CONSTRAINT uq UNIQUE (c)'],
      after: {
        'SELECT * FROM t ORDER BY id': [
          { id: 1, c: 'aa' },
          { id: 2, c: 'ab' },
        ],
      },
    })
  })

  test('are not kept where none can be lost', async () => {
    await runScript(
      harness.live,
      `CREATE TABLE t (id int PRIMARY KEY, c varchar(5), d smallint);\nINSERT INTO t VALUES (1, 'a', 1);\n`,
    )
    const revision = new KeptRevision(harness.runner, {
      up: ['ALTER TABLE t ALTER COLUMN c TYPE varchar(20), ALTER COLUMN d TYPE bigint'],
      down: [],
    })
    await revision.up()
    expect(await revision.entries()).toEqual([])
    expect(await rows("SELECT to_regnamespace('aludel_kept')::text AS name")).toEqual([{ name: null }])
  })

  test('come back past triggers, rules, row security and checks that are still to come', async () => {
    const { live, runner } = harness
    await runScript(
      live,
      `CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, c numeric, changed int DEFAULT 0, p int, CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE log (what text);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.changed := NEW.changed + 1; RETURN NEW; END $$;
CREATE TRIGGER a BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER b BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER d BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE t ENABLE ALWAYS TRIGGER b;
ALTER TABLE t DISABLE TRIGGER d;
CREATE RULE r AS ON UPDATE TO t DO ALSO INSERT INTO log VALUES ('updated');
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
ALTER TABLE t FORCE ROW LEVEL SECURITY;
CREATE POLICY po ON t USING (id <> 2);
INSERT INTO parent VALUES (1);
INSERT INTO t VALUES (1, 1.5, 0, 1), (2, 2.5, 0, NULL);
`,
    )
    const before = await read(live)
    const select = 'SELECT id, c::text, changed, p FROM t ORDER BY id'
    const was = await rows(select)
    const revision = new KeptRevision(runner, {
      up: ['ALTER TABLE t ALTER COLUMN c TYPE int', 'ALTER TABLE t DROP COLUMN p'],
      down: [
        'ALTER TABLE t ALTER COLUMN c TYPE numeric',
        'ALTER TABLE t ADD COLUMN p int',
        'ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent DEFERRABLE INITIALLY DEFERRED',
      ],
    })
    await revision.up()
    expect(await rows(select.replace(', p', ''))).toEqual([
      { id: 1, c: '2', changed: 0 },
      { id: 2, c: '3', changed: 0 },
    ])
    await revision.down()
    expect(differences(await read(live), before)).toEqual([])
    expect(await rows(select)).toEqual(was)
    expect(await rows('SELECT * FROM log')).toEqual([])
    expect(
      await rows(`SELECT tgname, tgenabled::text AS state FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1`),
    ).toEqual([
      { tgname: 'a', state: 'O' },
      { tgname: 'b', state: 'A' },
      { tgname: 'd', state: 'D' },
    ])
  })
})
