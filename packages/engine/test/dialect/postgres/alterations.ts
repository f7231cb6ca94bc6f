import { postgresMajor } from '../../../../../tools/testing/databases'

/** One change of a schema that holds rows. */
export interface Alteration {
  readonly name: string
  /** Statements, each ended by a semicolon at the end of its line. */
  readonly before: string
  readonly rows: string
  readonly after: string
  /** A query to send after the change, and its expected rows. */
  readonly expected?: readonly [query: string, rows: unknown]
  /** A query to send after the change is reverted, and its expected rows. */
  readonly undone?: readonly [query: string, rows: unknown]
  /** The statements must match `sql` and must not match `notSql`. */
  readonly sql?: RegExp
  readonly notSql?: RegExp
  /** Rendered a second time without the operations that only remove dependents, which the renderer must then handle. */
  readonly alone?: boolean
}

const one = (column: string): string => `CREATE TABLE "t" ("id" integer PRIMARY KEY, "c" ${column});\n`
const values = (...list: string[]): string =>
  list.map((value, index) => `INSERT INTO "t" ("id", "c") VALUES (${String(index + 1)}, ${value});\n`).join('')
const all = (...list: unknown[]): readonly [string, unknown] => [
  'SELECT "c" FROM "t" ORDER BY "id"',
  list.map((c) => ({ c })),
]
const mood = (...list: string[]): string =>
  `CREATE TYPE "mood" AS ENUM (${list.map((value) => `'${value}'`).join(', ')});\n`

export const columnAlterations: readonly Alteration[] = [
  {
    name: 'widens a varchar',
    before: one('varchar(5)'),
    rows: values(`'abcde'`),
    after: one('varchar(100) NOT NULL'),
    expected: all('abcde'),
    undone: all('abcde'),
    notSql: /TYPE .* USING/,
  },
  {
    name: 'varchar to text and back',
    before: one('varchar(5)'),
    rows: values(`'abcde'`),
    after: one('text'),
    expected: all('abcde'),
    undone: all('abcde'),
  },
  {
    name: 'integer to bigint under a primary key and a foreign key',
    alone: true,
    before: `CREATE TABLE "p" ("id" integer PRIMARY KEY);\nCREATE TABLE "t" ("id" integer PRIMARY KEY, "c" integer REFERENCES "p");\n`,
    rows: `INSERT INTO "p" VALUES (7);\n${values('7')}`,
    after: `CREATE TABLE "p" ("id" bigint PRIMARY KEY);\nCREATE TABLE "t" ("id" integer PRIMARY KEY, "c" bigint REFERENCES "p");\n`,
    expected: all('7'),
    undone: all(7),
  },
  {
    name: 'varchar to uuid under a primary key and a foreign key',
    alone: true,
    before: `CREATE TABLE "p" ("id" varchar(36) PRIMARY KEY);\nCREATE TABLE "t" ("id" integer PRIMARY KEY, "c" varchar(36) REFERENCES "p" ON DELETE CASCADE);\n`,
    rows: `INSERT INTO "p" VALUES ('6f1c2b7e-55aa-4c0e-8a43-0d9f6c1b2e77');\n${values(`'6f1c2b7e-55aa-4c0e-8a43-0d9f6c1b2e77'`)}`,
    after: `CREATE TABLE "p" ("id" uuid PRIMARY KEY);\nCREATE TABLE "t" ("id" integer PRIMARY KEY, "c" uuid REFERENCES "p" ON DELETE CASCADE);\n`,
    expected: all('6f1c2b7e-55aa-4c0e-8a43-0d9f6c1b2e77'),
    undone: all('6f1c2b7e-55aa-4c0e-8a43-0d9f6c1b2e77'),
  },
  {
    name: 'text to integer, with a default',
    before: one(`text DEFAULT '1'`),
    rows: values(`'12'`, 'NULL'),
    after: one('integer DEFAULT 2'),
    expected: all(12, null),
    undone: all('12', null),
  },
  {
    name: 'text to an array and back',
    before: one('text'),
    rows: values(`'a,b{}"'`, 'NULL'),
    after: one('text[]'),
    expected: all(['a,b{}"'], null),
    undone: all('a,b{}"', null),
  },
  {
    name: 'integer to a text array',
    before: one('integer'),
    rows: values('1', 'NULL'),
    after: one('text[]'),
    expected: all(['1'], null),
    undone: all(1, null),
  },
  {
    name: 'integer array to text array',
    before: one('integer[]'),
    rows: values(`'{1,2}'`),
    after: one('text[]'),
    expected: all(['1', '2']),
    undone: all([1, 2]),
  },
  {
    name: 'boolean to integer',
    before: one('boolean DEFAULT true'),
    rows: values('true', 'false', 'NULL'),
    after: one('integer DEFAULT 1'),
    expected: all(1, 0, null),
    undone: all(true, false, null),
  },
  {
    name: 'boolean to bigint',
    before: one('boolean'),
    rows: values('true'),
    after: one('bigint'),
    expected: all('1'),
    undone: all(true),
  },
  {
    name: 'json to jsonb',
    before: one('json'),
    rows: values(`'{"a": 1}'`),
    after: one('jsonb'),
    expected: all({ a: 1 }),
    undone: all({ a: 1 }),
  },
  {
    name: 'text to jsonb',
    before: one('text'),
    rows: values(`'{"a": 1}'`),
    after: one('jsonb'),
    expected: all({ a: 1 }),
    undone: all('{"a": 1}'),
  },
  {
    name: 'text to bytea keeps the bytes, backslashes too',
    before: one('text'),
    rows: values(`'é\\x41'`),
    after: one('bytea'),
    expected: ['SELECT encode("c", \'hex\') AS c FROM "t"', [{ c: 'c3a95c783431' }]],
    undone: all('é\\x41'),
  },
  {
    name: 'timestamptz to date',
    before: one('timestamp with time zone'),
    rows: values(`'2020-01-02'`),
    after: one('date'),
    expected: ['SELECT "c"::text FROM "t"', [{ c: '2020-01-02' }]],
  },
  {
    name: 'an integer to a type without a cast',
    before: one('integer'),
    rows: values('NULL'),
    after: one('uuid'),
    expected: all(null),
    undone: all(null),
  },
  {
    name: 'numeric precision',
    before: one('numeric(10,2)'),
    rows: values('1.25'),
    after: one('numeric(12,4)'),
    expected: all('1.2500'),
    undone: all('1.25'),
  },
  {
    name: 'collation',
    before: one('varchar(10)'),
    rows: values(`'a'`),
    after: one('varchar(10) COLLATE "C"'),
    expected: all('a'),
    undone: all('a'),
  },
  {
    name: 'nullable to NOT NULL together with a default',
    before: one('integer'),
    rows: values('1'),
    after: one('integer NOT NULL DEFAULT 5'),
    expected: all(1),
    undone: all(1),
  },
  {
    name: 'an expression as the default',
    before: one('timestamp with time zone'),
    rows: values('NULL'),
    after: one(`timestamp with time zone DEFAULT now() + interval '1 day'`),
    expected: all(null),
  },
  {
    name: 'a default that goes',
    before: one('integer DEFAULT 3'),
    rows: values('1'),
    after: one('integer'),
    expected: all(1),
  },
  {
    name: 'a comment',
    before: one('integer'),
    rows: values('1'),
    after: `${one('integer')}COMMENT ON COLUMN "t"."c" IS 'it''s';\n`,
    expected: all(1),
  },
  {
    name: 'serial',
    before: one('integer NOT NULL'),
    rows: values('41'),
    after: one('serial'),
    expected: [`INSERT INTO "t" ("id") VALUES (2) RETURNING "c"`, [{ c: 42 }]],
  },
  {
    name: 'serial to identity continues from the value of the sequence',
    before: one('serial'),
    rows: `${values('DEFAULT', 'DEFAULT')}DELETE FROM "t" WHERE "id" = 2;\n`,
    after: one('integer GENERATED BY DEFAULT AS IDENTITY'),
    expected: [`INSERT INTO "t" ("id") VALUES (3) RETURNING "c"`, [{ c: 3 }]],
    undone: [`INSERT INTO "t" ("id") VALUES (4) RETURNING "c"`, [{ c: 4 }]],
  },
  {
    name: 'a larger serial',
    before: one('serial'),
    rows: values('DEFAULT'),
    after: one('bigserial'),
    expected: [`SELECT data_type FROM pg_sequences WHERE sequencename = 't_c_seq'`, [{ data_type: 'bigint' }]],
  },
  {
    name: 'identity of a column with rows',
    before: one('integer NOT NULL'),
    rows: values('41'),
    after: one('integer GENERATED ALWAYS AS IDENTITY'),
    expected: [`INSERT INTO "t" ("id") VALUES (2) RETURNING "c"`, [{ c: 42 }]],
    undone: all(41, 42),
  },
  {
    name: 'identity of a nullable column, and its kind',
    before: one('integer'),
    rows: values('1'),
    after: one('integer GENERATED BY DEFAULT AS IDENTITY'),
    expected: all(1),
  },
  {
    name: 'identity from always to by default',
    before: one('integer GENERATED ALWAYS AS IDENTITY'),
    rows: values('DEFAULT'),
    after: one('integer GENERATED BY DEFAULT AS IDENTITY'),
    expected: all(1),
  },
  {
    name: 'identity to another type',
    before: one('integer GENERATED ALWAYS AS IDENTITY'),
    rows: values('DEFAULT'),
    after: one('bigint GENERATED ALWAYS AS IDENTITY'),
    expected: all('1'),
    undone: all(1),
  },
  {
    name: 'generated becomes plain and keeps its values',
    before: one('integer GENERATED ALWAYS AS ("id" * 2) STORED'),
    rows: 'INSERT INTO "t" VALUES (4);\n',
    after: one('integer NOT NULL DEFAULT 3'),
    expected: all(8),
    undone: all(8),
  },
  {
    name: 'another expression of a generated column, indexed and read by a view',
    alone: true,
    before: `${one('integer GENERATED ALWAYS AS ("id" * 2) STORED UNIQUE')}CREATE INDEX "ix" ON "t" ("c");\nCREATE VIEW "v" AS SELECT "c" FROM "t";\nCOMMENT ON COLUMN "t"."c" IS 'x';\n`,
    rows: 'INSERT INTO "t" VALUES (4);\n',
    after: `${one('integer GENERATED ALWAYS AS ("id" * 3) STORED UNIQUE')}CREATE INDEX "ix" ON "t" ("c");\nCREATE VIEW "v" AS SELECT "c" FROM "t";\nCOMMENT ON COLUMN "t"."c" IS 'x';\n`,
    expected: ['SELECT "c" FROM "v"', [{ c: 12 }]],
    undone: ['SELECT "c" FROM "v"', [{ c: 8 }]],
  },
  {
    name: 'a type under a generated column, a view on a view and a trigger',
    alone: true,
    before: typeUnderDependents('varchar(10)'),
    rows: values(`'a'`),
    after: typeUnderDependents('varchar(20)'),
    expected: ['SELECT "g" FROM "w"', [{ g: 'A' }]],
    undone: ['SELECT "g" FROM "w"', [{ g: 'A' }]],
  },
]

function typeUnderDependents(type: string): string {
  return `CREATE FUNCTION "f"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TABLE "t" ("id" integer PRIMARY KEY, "c" ${type}, "g" text GENERATED ALWAYS AS (upper("c")) STORED);
CREATE VIEW "v" AS SELECT "id", "c", "g" FROM "t";
CREATE MATERIALIZED VIEW "m" AS SELECT "c" FROM "v";
CREATE INDEX "ix_m" ON "m" ("c");
CREATE VIEW "w" AS SELECT "g" FROM "v";
CREATE TRIGGER "tr" BEFORE UPDATE OF "c" ON "t" FOR EACH ROW WHEN (NEW."c" <> 'x') EXECUTE FUNCTION "f"();
`
}

export const enumAlterations: readonly Alteration[] = [
  {
    name: 'appends a value without touching a row',
    before: mood('a', 'b') + one(`"mood" DEFAULT 'a'`),
    rows: values(`'a'`),
    after: mood('a', 'b', 'z') + one(`"mood" DEFAULT 'a'`),
    expected: all('a'),
    undone: all('a'),
    sql: /ADD VALUE 'z' AFTER 'b'/,
    notSql: /RENAME/,
  },
  {
    name: 'inserts values at every place',
    before: mood('b', 'd') + one('"mood"'),
    rows: values(`'b'`),
    after: mood('a', 'b', 'c', 'c2', 'd', 'e') + one('"mood"'),
    expected: all('b'),
    undone: all('b'),
    sql: /ADD VALUE 'a' BEFORE 'b'/,
    notSql: /RENAME/,
  },
  {
    name: 'appends a value and makes it the default',
    before: mood('a', 'b') + one(`"mood" NOT NULL DEFAULT 'a'`),
    rows: values(`'a'`),
    after: mood('a', 'b', 'z') + one(`"mood" NOT NULL DEFAULT 'z'`),
    expected: all('a'),
    undone: all('a'),
    notSql: /ADD VALUE/,
  },
  {
    name: 'appends a value and makes it the default of an array',
    before: mood('a', 'b') + one(`"mood"[] NOT NULL DEFAULT '{a}'`),
    rows: values(`'{a,b}'`),
    after: mood('a', 'b', 'it, "z"') + one(`"mood"[] NOT NULL DEFAULT '{"it, \\"z\\"",a}'`),
    expected: ['SELECT "c"::text FROM "t"', [{ c: '{a,b}' }]],
    undone: ['SELECT "c"::text FROM "t"', [{ c: '{a,b}' }]],
    notSql: /ADD VALUE/,
  },
  {
    name: 'replaces a value that is the default',
    alone: true,
    before: mood('waiting', 'ok') + one(`"mood" NOT NULL DEFAULT 'waiting'`),
    rows: values(`'ok'`),
    after: mood('blocked', 'ok') + one(`"mood" NOT NULL DEFAULT 'blocked'`),
    expected: all('ok'),
    undone: all('ok'),
  },
  {
    name: 'reorders values',
    before: mood('a', 'b', 'c') + one('"mood"'),
    rows: values(`'c'`, `'a'`),
    after: mood('c', 'a', 'b') + one('"mood"'),
    expected: ['SELECT "c" FROM "t" ORDER BY "c"', [{ c: 'c' }, { c: 'a' }]],
    undone: ['SELECT "c" FROM "t" ORDER BY "c"', [{ c: 'a' }, { c: 'c' }]],
  },
  {
    name: 'removes a value under everything that depends on it',
    alone: true,
    before: enumUnderDependents('a', 'b', 'gone'),
    rows: `INSERT INTO "p" VALUES ('a');\nINSERT INTO "t" ("id", "c", "cs") VALUES (1, 'a', '{a,b}');\n`,
    after: enumUnderDependents('a', 'b'),
    expected: ['SELECT "c", "g" FROM "w"', [{ c: 'a', g: true }]],
    undone: ['SELECT "c", "g" FROM "w"', [{ c: 'a', g: true }]],
  },
  {
    name: 'appends a value that a check names, under everything that depends on it',
    before: enumUnderDependents('a', 'b'),
    rows: `INSERT INTO "p" VALUES ('a');\nINSERT INTO "t" ("id", "c", "cs") VALUES (1, 'a', '{a,b}');\n`,
    after: `${enumUnderDependents('a', 'b', 'new')}ALTER TABLE "t" ADD CONSTRAINT "ck_new" CHECK ("c" <> 'new');\n`,
    expected: ['SELECT "c", "g" FROM "w"', [{ c: 'a', g: true }]],
    undone: ['SELECT "c", "g" FROM "w"', [{ c: 'a', g: true }]],
    notSql: /ADD VALUE/,
  },
  {
    name: 'an enum in another schema',
    before: `CREATE SCHEMA "types";\nCREATE TYPE "types"."m" AS ENUM ('a', 'b');\n${one(`"types"."m" DEFAULT 'a'`)}`,
    rows: values(`'a'`),
    after: `CREATE SCHEMA "types";\nCREATE TYPE "types"."m" AS ENUM ('b', 'a');\n${one(`"types"."m" DEFAULT 'a'`)}`,
    expected: all('a'),
    undone: all('a'),
  },
  {
    name: 'an enum to a varchar and back',
    before: mood('a', 'b') + one(`"mood" NOT NULL DEFAULT 'a'`),
    rows: values(`'b'`),
    after: one(`varchar(20) NOT NULL DEFAULT 'a'`),
    expected: all('b'),
    undone: all('b'),
  },
  {
    name: 'an enum to another enum',
    before: mood('a', 'b') + one(`"mood" DEFAULT 'a'`),
    rows: values(`'b'`),
    after: `CREATE TYPE "other" AS ENUM ('b', 'c', 'a');\n${one(`"other" DEFAULT 'c'`)}`,
    expected: all('b'),
    undone: all('b'),
  },
  {
    name: 'a varchar to an array of an enum',
    before: mood('a', 'b') + one('varchar(5)'),
    rows: values(`'a'`),
    after: mood('a', 'b') + one('"mood"[]'),
    expected: ['SELECT "c"::text FROM "t"', [{ c: '{a}' }]],
    undone: all('a'),
  },
]

function enumUnderDependents(...list: string[]): string {
  return `${mood(...list)}CREATE EXTENSION btree_gist;
CREATE FUNCTION "f"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TABLE "p" ("m" "mood" PRIMARY KEY);
CREATE TABLE "t" (
  "id" integer PRIMARY KEY,
  "c" "mood" NOT NULL DEFAULT 'a' REFERENCES "p",
  "cs" "mood"[] DEFAULT '{a}',
  "g" boolean GENERATED ALWAYS AS ("c" = 'a') STORED,
  "label" text DEFAULT 'a'::"mood"::text,
  CONSTRAINT "ck" CHECK ("c" IN ('a', 'b')),
  CONSTRAINT "ex" EXCLUDE USING gist ("id" WITH =) WHERE ("c" = 'b')
);
CREATE INDEX "ix_partial" ON "t" ("id") WHERE "c" = 'a';
CREATE INDEX "ix_expression" ON "t" (("c" = 'b'));
CREATE INDEX "ix_plain" ON "t" ("c");
CREATE INDEX "ix_generated" ON "t" ("g");
CREATE VIEW "v" AS SELECT "id", "c", "g" FROM "t" WHERE "c" <> 'b';
CREATE VIEW "w" AS SELECT "c", "g" FROM "v";
CREATE TRIGGER "tr" BEFORE UPDATE ON "t" FOR EACH ROW WHEN (NEW."c" <> 'a') EXECUTE FUNCTION "f"();
`
}

/** PostgreSQL 18 and later. */
export const virtualAlterations: readonly Alteration[] = [
  {
    name: 'virtual becomes plain and keeps its values',
    before: `${one('integer GENERATED ALWAYS AS ("id" * 2) VIRTUAL')}CREATE VIEW "v" AS SELECT "c" FROM "t";\n`,
    rows: 'INSERT INTO "t" VALUES (4);\n',
    after: `${one('integer NOT NULL DEFAULT 3')}CREATE VIEW "v" AS SELECT "c" FROM "t";\n`,
    expected: ['SELECT "c" FROM "v"', [{ c: 8 }]],
    undone: ['SELECT "c" FROM "v"', [{ c: 8 }]],
  },
  {
    name: 'virtual becomes stored',
    before: one('integer GENERATED ALWAYS AS ("id" * 2) VIRTUAL'),
    rows: 'INSERT INTO "t" VALUES (4);\n',
    after: one('integer GENERATED ALWAYS AS ("id" * 2) STORED'),
    expected: all(8),
    undone: all(8),
  },
  {
    name: 'plain becomes virtual',
    before: one('integer'),
    rows: values('5'),
    after: one('integer GENERATED ALWAYS AS ("id" * 2) VIRTUAL'),
    expected: all(2),
  },
]

const nullsAsValues: Alteration = {
  name: 'nulls that do and do not count as equal',
  before: one('integer CONSTRAINT "u" UNIQUE'),
  rows: values('1'),
  after: one('integer CONSTRAINT "u" UNIQUE NULLS NOT DISTINCT'),
  expected: all(1),
}

export const objectAlterations: readonly Alteration[] = [
  ...(postgresMajor < 15 ? [] : [nullsAsValues]),
  {
    name: 'plain becomes generated',
    before: one('integer NOT NULL DEFAULT 5'),
    rows: values('7'),
    after: one('integer GENERATED ALWAYS AS ("id" * 2) STORED NOT NULL'),
    expected: all(2),
    undone: all(2),
  },
  {
    name: 'adds columns of every making',
    before: one('integer'),
    rows: values('1'),
    after: `CREATE TABLE "t" ("id" integer PRIMARY KEY, "c" integer, "s" serial, "i" integer GENERATED ALWAYS AS IDENTITY, "d" text NOT NULL DEFAULT 'x', "g" integer GENERATED ALWAYS AS ("id" + 1) STORED, "n" varchar(3) COLLATE "C");\nCOMMENT ON COLUMN "t"."n" IS 'note';\n`,
    expected: ['SELECT * FROM "t"', [{ id: 1, c: 1, s: 1, i: 1, d: 'x', g: 2, n: null }]],
    undone: all(1),
  },
  {
    name: 'constraints of every kind',
    before: one('integer NOT NULL'),
    rows: values('1'),
    after: `CREATE TABLE "t" ("id" integer, "c" integer NOT NULL, CONSTRAINT "pk2" PRIMARY KEY ("c"), CONSTRAINT "u" UNIQUE ("id", "c") DEFERRABLE, CONSTRAINT "ck" CHECK ("c" > 0), CONSTRAINT "ex" EXCLUDE ("id" WITH =));\nALTER TABLE "t" ALTER COLUMN "id" SET NOT NULL;\nALTER TABLE "t" ADD CONSTRAINT "fk" FOREIGN KEY ("id") REFERENCES "t" ("c");\n`,
    expected: all(1),
  },
  {
    name: 'changed bodies under the same names',
    before: `CREATE TABLE "t" ("id" integer CONSTRAINT "pk" PRIMARY KEY, "c" integer CONSTRAINT "ck" CHECK ("c" > 0), CONSTRAINT "u" UNIQUE ("id", "c"), CONSTRAINT "fk" FOREIGN KEY ("c") REFERENCES "t" ON DELETE CASCADE);\nCREATE INDEX "ix" ON "t" ("c") WHERE "id" > 0;\n`,
    rows: values('1'),
    after: `CREATE TABLE "t" ("id" integer CONSTRAINT "pk" PRIMARY KEY, "c" integer CONSTRAINT "ck" CHECK ("c" > -1), CONSTRAINT "u" UNIQUE ("c", "id"), CONSTRAINT "fk" FOREIGN KEY ("c") REFERENCES "t" ON DELETE SET NULL DEFERRABLE);\nCREATE UNIQUE INDEX "ix" ON "t" ("c" DESC) INCLUDE ("id") WHERE "id" > 1;\n`,
    expected: all(1),
  },
  {
    name: 'names of constraints and indexes',
    before: `CREATE TABLE "t" ("id" integer CONSTRAINT "pk1" PRIMARY KEY, "c" integer CONSTRAINT "ck1" CHECK ("c" > 0) CONSTRAINT "fk1" REFERENCES "t" CONSTRAINT "u1" UNIQUE);\nCREATE INDEX "ix1" ON "t" ("c");\n`,
    rows: values('1'),
    after: `CREATE TABLE "t" ("id" integer CONSTRAINT "pk2" PRIMARY KEY, "c" integer CONSTRAINT "ck2" CHECK ("c" > 0) CONSTRAINT "fk2" REFERENCES "t" CONSTRAINT "u2" UNIQUE);\nCREATE INDEX "ix2" ON "t" ("c");\n`,
    expected: all(1),
    sql: /RENAME CONSTRAINT "pk1" TO "pk2"/,
  },
  {
    name: 'a view, changed and materialized',
    before: `${one('integer')}CREATE VIEW "v" AS SELECT "id" FROM "t";\nCREATE VIEW "w" AS SELECT "id" FROM "v";\n`,
    rows: values('1'),
    after: `${one('integer')}CREATE MATERIALIZED VIEW "v" AS SELECT "c", "id" FROM "t";\nCREATE UNIQUE INDEX "ix" ON "v" ("id");\nCREATE VIEW "w" AS SELECT "id" FROM "v";\n`,
    expected: ['SELECT "id" FROM "w"', [{ id: 1 }]],
    undone: ['SELECT "id" FROM "w"', [{ id: 1 }]],
  },
  {
    name: 'sequences',
    before: `${one('integer')}CREATE SEQUENCE "s" START WITH 5;\nCREATE SEQUENCE "gone" INCREMENT BY -2;\n`,
    rows: values('1'),
    after: `${one('integer')}CREATE SEQUENCE "s" AS integer INCREMENT BY 3 MINVALUE 2 MAXVALUE 900 START WITH 10 CYCLE OWNED BY "t"."c";\nCREATE SEQUENCE "come";\n`,
    expected: all(1),
  },
  {
    name: 'a schema with everything in it',
    before: one('integer'),
    rows: values('1'),
    after: `${one('integer')}CREATE SCHEMA "app";\nCREATE TYPE "app"."e" AS ENUM ('x');\nCREATE SEQUENCE "app"."s";\nCREATE TABLE "app"."u" ("id" serial PRIMARY KEY, "e" "app"."e" DEFAULT 'x', "t" integer REFERENCES "t", "n" bigint DEFAULT nextval('app.s'));\nCREATE INDEX "ix" ON "app"."u" ("e") WHERE "e" = 'x';\nCREATE VIEW "app"."v" AS SELECT "e" FROM "app"."u";\nCOMMENT ON TABLE "app"."u" IS 'in app';\n`,
    expected: all(1),
    undone: all(1),
  },
  {
    name: 'a table and its comment',
    before: one('integer'),
    rows: values('1'),
    after: `COMMENT ON TABLE "t" IS 'x';\n`.replace(/^/, one('integer')),
    expected: all(1),
  },
]
