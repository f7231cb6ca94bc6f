import { introspect } from '../../../src/dialect/postgres/introspect'
import { render } from '../../../src/dialect/postgres/render'
import { emptySchema, findTable, type Schema } from '../../../src/schema/schema'
import { creationOf, withoutExtensions } from './creation'
import { apply } from './database-pair'
import { nullsNotDistinct, prerequisites, richSchema } from './rich-schema'
import { ignoreTables } from '../../support/ignore-tables'
import { read, runScript, TestDatabases, withRunner } from './support'

const databases = new TestDatabases()
afterAll(() => databases.close())

const column = (schema: Schema, table: string, name: string) =>
  findTable(schema, { name: table })?.columns.find((other) => other.name === name)

describe('introspect of a rich schema', () => {
  test('reads the same schema from a copy made by rendered statements', async () => {
    const database = await databases.open()
    await runScript(database, prerequisites + richSchema)
    const schema = await read(database)

    const copy = await databases.open()
    await runScript(copy, prerequisites)
    await apply(copy, render(creationOf(schema), emptySchema))
    expect(await read(copy)).toEqual(schema)
    expect(schema.tables.map(({ name }) => name)).toEqual(['T able.one', 'everything', 'parents', 'partitioned'])
  })

  test('reads the same in public and in a shadow schema, and ignores shadows of others', async () => {
    const database = await databases.open()
    await runScript(database, `CREATE EXTENSION btree_gist SCHEMA pg_catalog;\n${plainTables}`)
    const expected = await read(database)

    const name = 'aludel_shadow_1_abc_def'
    await database.query(`CREATE SCHEMA "${name}"`)
    const shadow = await databases.open(
      { extra: { options: `-c search_path=${name}` } },
      database.options.type === 'postgres' ? databaseOf(database.options.url) : '',
    )
    await runScript(shadow, plainTables)
    expect(withoutExtensions(await read(shadow))).toEqual(withoutExtensions(expected))
    // The shadow schema is not part of the database around it.
    expect(await read(database)).toEqual(expected)
  })
})

const plainTables = `
CREATE TYPE "mood" AS ENUM ('a', 'b');
CREATE SEQUENCE "numbers";
CREATE FUNCTION "f"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TABLE "p" ("id" serial PRIMARY KEY, "n" bigint DEFAULT nextval('numbers'));
CREATE TABLE "t" ("id" integer PRIMARY KEY REFERENCES "p", "m" "mood" DEFAULT 'a' CHECK ("m" <> 'b'), "ms" "mood"[] DEFAULT '{a}', "x" int4range, EXCLUDE USING gist ("x" WITH &&) WHERE ("m" = 'a'));
CREATE INDEX "ix" ON "t" (("m" = 'a')) WHERE "m" <> 'a';
CREATE VIEW "v" AS SELECT "t"."m" FROM "t" JOIN "p" ON "p"."id" = "t"."id" WHERE "t"."m" = 'a';
CREATE TRIGGER "tr" BEFORE INSERT ON "t" FOR EACH ROW WHEN (NEW."m" = 'a'::"mood") EXECUTE FUNCTION "f"();
`

function databaseOf(url: string | undefined): string {
  return decodeURIComponent(new URL(url ?? '').pathname.slice(1))
}

describe('introspect', () => {
  test('reads a column as serial only if it owns the sequence of its default', async () => {
    const database = await databases.open()
    await runScript(
      database,
      `CREATE SEQUENCE "shared";
CREATE TABLE "t" ("id" serial, "shared" integer DEFAULT nextval('shared'), "text" text DEFAULT 'x' || nextval('shared'), "owned" integer DEFAULT 5);
CREATE SEQUENCE "of_owned" OWNED BY "t"."owned";
ALTER TABLE "t" RENAME COLUMN "id" TO "renamed";
CREATE TABLE "moved" ("id" integer DEFAULT nextval('t_id_seq'));
`,
    )
    const schema = await read(database)
    expect(column(schema, 't', 'renamed')).toMatchObject({ serial: { name: 't_id_seq' } })
    expect(column(schema, 't', 'renamed')?.default).toBeUndefined()
    expect(column(schema, 't', 'shared')).toMatchObject({ default: "nextval('shared'::regclass)" })
    expect(column(schema, 'moved', 'id')).toMatchObject({ default: "nextval('t_id_seq'::regclass)" })
    expect(schema.sequences.map(({ name, ownedBy }) => [name, ownedBy?.column])).toEqual([
      ['of_owned', 'owned'],
      ['shared', undefined],
    ])
  })

  test('ignores tables by name in every schema or by path in one, with their sequences', async () => {
    const database = await databases.open()
    await runScript(
      database,
      `CREATE SCHEMA "app";
CREATE TABLE "migrations" ("id" serial PRIMARY KEY);
CREATE TABLE "app"."migrations" ("id" serial PRIMARY KEY, "timestamp" bigint, "name" varchar);
CREATE SCHEMA "birds";
CREATE TABLE "birds"."migrations" ("id" int PRIMARY KEY, "species" text);
CREATE TABLE "app"."kept" ("id" serial PRIMARY KEY);
CREATE TABLE "kept" ("id" serial PRIMARY KEY);
`,
    )
    const names = (schema: Schema): string[] => schema.tables.map((table) => `${table.schema ?? ''}.${table.name}`)
    // In another schema, a table of this name may be anybody's.
    expect(names(await read(database))).toEqual(['app.kept', 'birds.migrations', '.kept'])
    const schema = await introspect(database, { ignoreTables: ['app.migrations', 'public.kept'] })
    expect(names(schema)).toEqual(['app.kept', 'birds.migrations', '.migrations'])
    expect(schema.sequences).toEqual([])
  })

  test('reads NULLS NOT DISTINCT where the server supports it', async () => {
    const database = await databases.open()
    const [row] = await database.query<
      {
        number: number
      }[]
    >(`SELECT current_setting('server_version_num')::integer AS number`)
    const has = (row?.number ?? 0) >= 150000
    await runScript(database, has ? nullsNotDistinct : nullsNotDistinct.replaceAll('NULLS NOT DISTINCT', ''))
    const table = findTable(await read(database), { name: 't' })
    expect(table?.uniques.map((unique) => unique.nullsNotDistinct)).toEqual([has ? true : undefined])
    expect(table?.indexes.map((index) => index.nullsNotDistinct)).toEqual([undefined, has ? true : undefined])
    const copy = await databases.open()
    await apply(copy, render(creationOf(await read(database)), emptySchema))
    expect(await read(copy)).toEqual(await read(database))
  })

  test('leaves out objects of extensions', async () => {
    const database = await databases.open()
    await runScript(
      database,
      'CREATE SCHEMA "ext";\nCREATE EXTENSION "citext" SCHEMA "ext";\nCREATE TABLE "t" ("c" "ext"."citext");\n',
    )
    await database.query('CREATE EXTENSION "pg_stat_statements"').catch(() => undefined)
    const schema = await read(database)
    expect(schema.views).toEqual([])
    expect(schema.tables.map(({ name }) => name)).toEqual(['t'])
    expect(column(schema, 't', 'c')?.type).toBe('ext.citext')
  })

  test('prints an array in a check the same after it is read back', async () => {
    const database = await databases.open()
    await runScript(
      database,
      `CREATE TABLE "t" ("c" varchar(20), "d" varchar(5)[] DEFAULT ARRAY['a','b']::varchar[],
  CONSTRAINT "c1" CHECK ("c" IN ('a', 'it''s, [b]')),
  CONSTRAINT "c2" CHECK ("c" NOT IN (lower('a'), 'b') OR "c" IN ('x', 'y') AND "d" <> ARRAY['a']::varchar[]),
  CONSTRAINT "c3" CHECK ("c"::text = ANY (ARRAY['a'::varchar, "c", upper("c"), (CASE WHEN "c" IS NULL THEN 'a' ELSE 'b' END)::varchar])),
  CONSTRAINT "c4" CHECK ("c" = ANY (ARRAY[]::varchar[]) IS NOT TRUE));
`,
    )
    const checks = findTable(await read(database), { name: 't' })?.checks ?? []
    for (const { expression } of checks) await database.query(`ALTER TABLE "t" ADD CHECK (${expression})`)
    const printed = await database.query<{ text: string }[]>(
      `SELECT trim(both E'\\n' from pg_get_expr(conbin, conrelid, true)) AS text FROM pg_constraint WHERE contype = 'c' AND conname ~ '^t_' ORDER BY conname <> 't_check', oid`,
    )
    expect(new Set(printed.map(({ text }) => text))).toEqual(new Set(checks.map(({ expression }) => expression)))
  })
})

describe('introspect in a session', () => {
  const script = `CREATE TABLE "t" ("at" timestamp with time zone DEFAULT '1970-01-01 00:00:00+00', "days" interval DEFAULT '1 day 2 hours', "on" date DEFAULT '2020-02-01', "b" bytea DEFAULT '\\x00ff', "r" double precision DEFAULT 0.1::float8 + 0.2::float8);\n`

  test('does not depend on the settings of the session, and keeps them', async () => {
    const database = await databases.open({ poolSize: 1 })
    await runScript(database, script)
    const expected = await read(database)
    const settings = {
      TimeZone: 'Asia/Tokyo',
      DateStyle: 'SQL, DMY',
      IntervalStyle: 'iso_8601',
      bytea_output: 'escape',
      extra_float_digits: '0',
      quote_all_identifiers: 'on',
      search_path: 'public, pg_temp',
    }
    for (const [name, value] of Object.entries(settings))
      await database.query(`SELECT set_config($1, $2, false)`, [name, value])
    expect(await read(database)).toEqual(expected)
    const names = Object.keys(settings)
    const [after] = await database.query<Record<string, string>[]>(
      `SELECT ${names.map((name) => `current_setting('${name}') AS "${name}"`).join(', ')}`,
    )
    expect(after).toEqual(settings)
  })

  test('works inside a transaction, sees its changes, and keeps its settings', async () => {
    const database = await databases.open()
    await withRunner(database, async (runner) => {
      await runner.startTransaction()
      await runner.query(`SET LOCAL TimeZone = 'Asia/Tokyo'`)
      await runner.query('CREATE TABLE "new" ("id" integer)')
      expect((await introspect(runner, { ignoreTables })).tables.map(({ name }) => name)).toEqual(['new'])
      expect(await runner.query('SHOW TimeZone')).toEqual([{ TimeZone: 'Asia/Tokyo' }])
      await runner.rollbackTransaction()
      expect(await runner.query('SHOW TimeZone')).not.toEqual([{ TimeZone: 'Asia/Tokyo' }])
    })
  })

  test('sends one query, however many tables there are', async () => {
    const database = await databases.open()
    for (let n = 0; n < 30; n++)
      await database.query(`CREATE TABLE "t${String(n)}" ("id" serial PRIMARY KEY, "a" text UNIQUE)`)
    const asked: string[] = []
    const schema = await introspect({ query: (sql) => (asked.push(sql), database.query(sql)) }, { ignoreTables })
    expect(schema.tables).toHaveLength(30)
    expect(asked).toHaveLength(1)
  })

  test('works in a read-only session', async () => {
    const database = await databases.open({ extra: { options: '-c default_transaction_read_only=on' } })
    expect((await read(database)).tables).toEqual([])
  })

  test('rejects a search_path that names no existing schema', async () => {
    const database = await databases.open({ extra: { options: '-c search_path=nowhere' } })
    await expect(read(database)).rejects.toMatchObject({ code: 'ALUDEL_DATA_SOURCE' })
  })

  test('omits the default schema of objects, and names public when it is not the default', async () => {
    const name = await databases.create()
    const admin = await databases.open({}, name)
    await runScript(
      admin,
      'CREATE SCHEMA "app";\nCREATE TABLE "public"."p" ("id" integer PRIMARY KEY);\nCREATE TABLE "app"."a" ("id" integer REFERENCES "public"."p");\n',
    )
    const database = await databases.open({ extra: { options: '-c search_path=app' } }, name)
    const schema = await read(database)
    expect(schema.tables.map((table) => [table.schema, table.name])).toEqual([
      [undefined, 'a'],
      ['public', 'p'],
    ])
    expect(schema.tables[0]?.foreignKeys[0]?.references).toEqual({ schema: 'public', name: 'p', columns: ['id'] })
    expect(schema.schemas).toEqual(['public'])
  })
})
