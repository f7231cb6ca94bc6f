// cspell:ignore bers
import { render } from '../../../src/dialect/postgres/render'
import { applyOperations, reverseOperations } from '../../../src/operations'
import type { Operation } from '../../../src/operations/operation'
import { compare } from '../../../src/difference/compare'
import type { Schema } from '../../../src/schema/schema'
import {
  type Alteration,
  columnAlterations,
  enumAlterations,
  objectAlterations,
  virtualAlterations,
} from './alterations'
import { dropSchemas } from '../../support/drop-schemas'
import { apply, databasePair, differences } from './database-pair'
import { read, runScript } from './support'

const pair = databasePair()
beforeEach(async () => {
  for (const database of [pair.live, pair.wanted]) await dropSchemas(database)
})

async function alter(alteration: Alteration): Promise<void> {
  await runScript(pair.live, alteration.before)
  await runScript(pair.live, alteration.rows)
  await runScript(pair.wanted, alteration.after)
  const [from, to] = [await read(pair.live), await read(pair.wanted)]
  const operations = compare(from, to)
  expect(operations).not.toEqual([])

  const up = render(operations, from)
  await apply(pair.live, up)
  expect(differences(await read(pair.live), to)).toEqual([])
  const text = up.map(({ sql }) => sql).join('\n')
  if (alteration.sql !== undefined) expect(text).toMatch(alteration.sql)
  if (alteration.notSql !== undefined) expect(text).not.toMatch(alteration.notSql)
  if (alteration.expected !== undefined)
    expect(await pair.live.query(alteration.expected[0])).toEqual(alteration.expected[1])

  await apply(pair.live, render(reverseOperations(operations), to))
  expect(differences(await read(pair.live), from)).toEqual([])
  if (alteration.undone !== undefined) expect(await pair.live.query(alteration.undone[0])).toEqual(alteration.undone[1])

  await apply(pair.live, up)
  expect(differences(await read(pair.live), to)).toEqual([])
}

/** Renders only the alterations themselves, so that the renderer must handle blocking dependents on its own. */
async function alterAlone(alteration: Alteration): Promise<void> {
  await runScript(pair.live, alteration.before)
  await runScript(pair.live, alteration.rows)
  await runScript(pair.wanted, alteration.after)
  const [from, to] = [await read(pair.live), await read(pair.wanted)]
  const isAlteration = ({ op }: Operation): boolean => op === 'alterColumn' || op === 'alterEnum'

  await apply(pair.live, render(compare(from, to).filter(isAlteration), from))
  expect(differences(await read(pair.live), to)).toEqual([])
  if (alteration.expected !== undefined)
    expect(await pair.live.query(alteration.expected[0])).toEqual(alteration.expected[1])
  await apply(pair.live, render(compare(to, from).filter(isAlteration), to))
  expect(differences(await read(pair.live), from)).toEqual([])
  if (alteration.undone !== undefined) expect(await pair.live.query(alteration.undone[0])).toEqual(alteration.undone[1])
}

describe('render of column changes', () => {
  test.each(columnAlterations)('applies, reverts and reapplies: $name', alter)
})
describe('render of enum changes', () => {
  test.each(enumAlterations)('applies, reverts and reapplies: $name', alter)
})
describe('render of changes to other objects', () => {
  test.each(objectAlterations)('applies, reverts and reapplies: $name', alter)
})
describe('render of virtual column changes', () => {
  test.each(virtualAlterations)(
    'applies, reverts and reapplies if the server supports it: $name',
    async (alteration) => {
      const [row] = await pair.live.query<
        {
          number: number
        }[]
      >(`SELECT current_setting('server_version_num')::integer AS number`)
      if ((row?.number ?? 0) >= 180000) await alter(alteration)
      else await expect(runScript(pair.live, alteration.before + alteration.after)).rejects.toThrow(/syntax error/)
    },
  )
})

describe('render of renames', () => {
  async function rename(
    before: string,
    operations: readonly Operation[],
    expected: (schema: Schema) => unknown,
  ): Promise<void> {
    await runScript(pair.live, before)
    const from = await read(pair.live)
    const to = applyOperations(operations, from)
    await apply(pair.live, render(operations, from))
    expect(differences(await read(pair.live), to)).toEqual([])
    expected(await read(pair.live))
    await apply(pair.live, render(reverseOperations(operations), to))
    expect(differences(await read(pair.live), from)).toEqual([])
  }

  test('renames a table, column, constraint, index, sequence and enum, and reverts it', () =>
    rename(
      `CREATE TYPE "mood" AS ENUM ('a');
CREATE SEQUENCE "numbers";
CREATE TABLE "old" ("id" serial CONSTRAINT "pk_old" PRIMARY KEY, "n" bigint DEFAULT nextval('numbers'), "m" "mood" DEFAULT 'a', CONSTRAINT "ck" CHECK ("n" > 0));
CREATE INDEX "ix_old" ON "old" ("n") WHERE "m" = 'a';
`,
      [
        { op: 'renameEnum', from: { name: 'mood' }, to: { name: 'Tem"per' } },
        { op: 'renameSequence', from: { name: 'numbers' }, to: { name: 'Num bers' } },
        { op: 'renameTable', table: { name: 'old' }, to: { name: 'ne.w' } },
        { op: 'renameColumn', table: { name: 'ne.w' }, from: 'n', to: "n's" },
        { op: 'renameConstraint', table: { name: 'ne.w' }, kind: 'primaryKey', from: 'pk_old', to: 'pk_new' },
        { op: 'renameIndex', table: { name: 'ne.w' }, from: 'ix_old', to: 'ix new' },
      ],
      (schema) => {
        expect(schema.tables[0]).toMatchObject({ name: 'ne.w', primaryKey: { name: 'pk_new' } })
      },
    ))

  test('moves a table, enum and sequence into another schema and back', () =>
    rename(
      `CREATE SCHEMA "app";
CREATE TYPE "mood" AS ENUM ('a');
CREATE SEQUENCE "numbers";
CREATE TABLE "t" ("id" serial PRIMARY KEY, "m" "mood" DEFAULT 'a');
CREATE INDEX "ix" ON "t" ("m");
`,
      [
        { op: 'renameTable', table: { name: 't' }, to: { schema: 'app', name: 'u' } },
        { op: 'renameEnum', from: { name: 'mood' }, to: { schema: 'app', name: 'mood' } },
        { op: 'renameSequence', from: { name: 'numbers' }, to: { schema: 'app', name: 'numbers' } },
      ],
      (schema) => {
        expect(schema.tables.map((table) => [table.schema, table.name])).toEqual([['app', 'u']])
        expect(schema.enums[0]).toMatchObject({ schema: 'app' })
      },
    ))

  test('gives a new table the name and the sequence name of a renamed one', async () => {
    await runScript(
      pair.live,
      'CREATE TABLE "t" ("id" serial CONSTRAINT "pk1" PRIMARY KEY);\nINSERT INTO "t" DEFAULT VALUES;\n',
    )
    await runScript(pair.wanted, 'CREATE TABLE "t" ("id" serial CONSTRAINT "pk2" PRIMARY KEY);\n')
    const from = await read(pair.live)
    const [definition] = (await read(pair.wanted)).tables
    if (definition === undefined) throw new Error('there is no table')
    await apply(
      pair.live,
      render(
        [
          { op: 'renameTable', table: { name: 't' }, to: { name: 'old' } },
          { op: 'createTable', table: { name: 't' }, definition },
        ],
        from,
      ),
    )
    await pair.live.query('INSERT INTO "t" DEFAULT VALUES')
    await pair.live.query('INSERT INTO "old" DEFAULT VALUES')
    expect(
      await pair.live.query('SELECT (SELECT max("id") FROM "t") AS t, (SELECT max("id") FROM "old") AS old'),
    ).toEqual([{ t: 1, old: 2 }])
  })
})

test('render groups statements and gives each group a comment', async () => {
  await runScript(pair.live, `CREATE TABLE "t" ("id" integer PRIMARY KEY, "c" varchar(5) DEFAULT 'a');\n`)
  await runScript(
    pair.wanted,
    `CREATE TABLE "t" ("id" integer PRIMARY KEY, "c" text NOT NULL DEFAULT 'b', "d" serial);\nCOMMENT ON COLUMN "t"."d" IS 'x';\n`,
  )
  const [from, to] = [await read(pair.live), await read(pair.wanted)]
  expect(render(compare(from, to), from)).toEqual([
    { comment: 't: add column d', sql: 'ALTER TABLE "t" ADD COLUMN "d" serial NOT NULL' },
    { sql: `COMMENT ON COLUMN "t"."d" IS 'x'` },
    {
      comment: "alter column t.c: type character varying(5) to text, not null, default 'b'::text",
      sql: `ALTER TABLE "t"
  ALTER COLUMN "c" DROP DEFAULT,
  ALTER COLUMN "c" TYPE text,
  ALTER COLUMN "c" SET DEFAULT 'b'::text`,
    },
    { sql: 'UPDATE "t" SET "c" = DEFAULT WHERE "c" IS NULL' },
    { sql: 'ALTER TABLE "t" ALTER COLUMN "c" SET NOT NULL' },
  ])
})

test('render drops a schema only if nothing else is left in it', async () => {
  await runScript(
    pair.live,
    'CREATE SCHEMA "app";\nCREATE AGGREGATE "app"."total" (integer) (SFUNC = int4pl, STYPE = integer);\n',
  )
  const from = await read(pair.live)
  expect(from).toMatchObject({ schemas: ['app'], tables: [] })
  await apply(pair.live, render([{ op: 'dropSchema', name: 'app' }], from))
  expect(await pair.live.query('SELECT "app"."total"(n) AS "total" FROM generate_series(1, 3) AS n')).toEqual([
    { total: 6 },
  ])
  await pair.live.query('DROP AGGREGATE "app"."total" (integer)')
  await apply(pair.live, render([{ op: 'dropSchema', name: 'app' }], from))
  expect((await read(pair.live)).schemas).toEqual([])
})

describe('render of a single alteration with blocking dependents', () => {
  test.each([...columnAlterations, ...enumAlterations].filter(({ alone }) => alone === true))(
    'applies and reverts: $name',
    alterAlone,
  )
})
