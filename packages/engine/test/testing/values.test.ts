import type { DialectName } from '../../src/dialect/registry'
import type { TestRow } from '../../src/testing/cases'
import { ScratchDatabase } from '../../src/testing/database'
import { dialectNames, openDatabase, type TestDatabase } from '../run/databases'

const types: Readonly<Record<DialectName, string>> = {
  sqlite: `"id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "small" smallint, "big" bigint, "real" double, "price" decimal(10,2),
    "yes" boolean, "born" date, "at" datetime, "atz" datetime, "day_time" time, "data" json, "raw" blob, "word" varchar(20), "key" uuid`,
  postgres: `"id" serial PRIMARY KEY, "small" smallint, "big" bigint, "real" double precision, "price" numeric(30,2),
    "yes" boolean, "born" date, "at" timestamp, "atz" timestamptz, "day_time" time, "data" jsonb, "raw" bytea, "word" varchar(20), "key" uuid`,
}

/** A row as it is inserted, and as it is read; the same on every database. */
const row = {
  id: 7,
  small: -32768,
  big: 9007199254740993n,
  real: 0.1,
  price: 12.5,
  yes: false,
  born: '1990-02-28',
  at: new Date('2024-02-29T23:30:00.250Z'),
  atz: new Date('2024-02-29T23:30:00.250Z'),
  day_time: '23:59:59',
  data: { list: [1, 'two', null], nested: { yes: true } },
  raw: Buffer.from([0, 1, 255]),
  word: "it's",
  key: '6f9619ff-8b86-4011-b42d-00c04fc964ff',
}

describe.each(dialectNames)('rows of tests on %s', (dialect) => {
  let database: TestDatabase
  let db: ScratchDatabase

  beforeEach(async () => {
    database = await openDatabase(dialect)
    await database.queryRunner.query(`CREATE TABLE "all_types" (${types[dialect]})`)
    db = new ScratchDatabase(database.dialect, database.queryRunner, [])
  })
  afterEach(() => database.drop())

  test('are read with the values that were inserted', async () => {
    await db.insert('all_types', row)
    const [found] = await db.rows('all_types')
    expect(found).toEqual(row)
    await db.expect('all_types', [row])
  })

  test('may have nothing but null, and defaults where nothing is given', async () => {
    const empty = Object.fromEntries(Object.keys(row).map((name) => [name, null]))
    await db.insert('all_types', [{ ...empty, id: 1 }, {}])
    expect(await db.rows('all_types')).toEqual([
      { ...empty, id: 1 },
      { ...empty, id: 2 },
    ])
  })

  test.each<[string, TestRow]>([
    ['a text in JSON', { data: 'word' }],
    ['a number in JSON', { data: 5 }],
    ['a list in JSON', { data: ['a', { b: 1 }] }],
    ['the largest bigint', { big: 9223372036854775807n }],
    ['the smallest bigint', { big: -9223372036854775808n }],
    ['true', { yes: true }],
    ['a whole price', { price: 100 }],
    ['an empty text', { word: '' }],
    ['no bytes', { raw: Buffer.alloc(0) }],
    ['the beginning of time', { at: new Date(0), atz: new Date(0) }],
  ])('can have %s', async (_, values) => {
    await db.insert('all_types', { id: 1, ...values })
    const [found] = await db.rows('all_types')
    expect(found).toMatchObject(values)
  })

  test('take texts for moments, without a zone those of UTC', async () => {
    await db.insert('all_types', { id: 1, at: '2024-02-29 23:30:00', atz: '2024-02-29T23:30:00Z', born: '2024-02-29' })
    await db.expect('all_types', [
      { at: new Date('2024-02-29T23:30:00Z'), atz: new Date('2024-02-29T23:30:00Z'), born: '2024-02-29' },
    ])
  })

  test('are numbered after the largest number that was inserted', async () => {
    await db.insert('all_types', [{ id: 41 }, { id: 3 }])
    await db.insert('all_types', { word: 'next' })
    await db.expect('all_types', [{ id: 3 }, { id: 41 }, { id: 42, word: 'next' }])
  })

  test('are those of tables whose names must be quoted', async () => {
    await database.queryRunner.query('CREATE TABLE "odd ""name.x" ("select" integer, "a""b" text)')
    db.changed()
    await db.insert('odd "name.x', { select: 1, 'a"b': "'" })
    expect(await db.rows('odd "name.x')).toEqual([{ select: 1, 'a"b': "'" }])
  })

  test('of a view are read, as the driver gives them', async () => {
    await database.queryRunner.query('CREATE VIEW "words" AS SELECT "word" FROM "all_types"')
    await db.insert('all_types', { word: 'one' })
    expect(await db.rows('words')).toEqual([{ word: 'one' }])
  })

  test('have no column that the table lacks', async () => {
    for (const wrong of [
      db.expect('all_types', [{ nickname: 1 }]),
      db.rows('all_types', { where: { nickname: 1 } }),
      db.rows('all_types', { order: 'nickname' }),
    ])
      await expect(wrong).rejects.toThrow('all_types has no column nickname')
    await expect(db.insert('all_types', { nickname: 1 })).rejects.toThrow(/nickname/)
  })

  test('of a table that does not exist are the error of the database', async () => {
    await expect(db.rows('nothing')).rejects.toThrow(/nothing/)
    await expect(db.insert('nothing', {})).rejects.toThrow(/nothing/)
  })
})

const onPostgres = dialectNames.includes('postgres') ? describe : describe.skip

onPostgres('rows of tests on PostgreSQL', () => {
  let database: TestDatabase
  let db: ScratchDatabase

  beforeEach(async () => {
    database = await openDatabase('postgres')
    db = new ScratchDatabase(database.dialect, database.queryRunner, [])
  })
  afterEach(() => database.drop())

  test('are those of another schema, and of the default one by its name', async () => {
    await database.queryRunner.query('CREATE SCHEMA "billing"')
    await database.queryRunner.query('CREATE TABLE "billing"."invoices" ("id" serial, "due" date)')
    await database.queryRunner.query('CREATE TABLE "plain" ("due" date)')
    await db.insert('billing.invoices', { due: '2024-02-29' })
    await db.insert('public.plain', { due: '2024-02-29' })
    expect(await db.rows('billing.invoices')).toEqual([{ id: 1, due: '2024-02-29' }])
    expect(await db.rows('public.plain')).toEqual([{ due: '2024-02-29' }])
  })

  test('have enums, arrays, ranges, intervals and identities', async () => {
    await database.queryRunner.query(`CREATE TYPE "mood" AS ENUM ('good', 'bad')`)
    await database.queryRunner.query(
      'CREATE TABLE "t" ("id" integer GENERATED ALWAYS AS IDENTITY, "mood" "mood", "moods" "mood"[], "numbers" bigint[], "words" text[], "span" interval, "range" int4range, "exact" numeric)',
    )
    const values = {
      id: 5,
      mood: 'bad',
      moods: ['good', 'bad'],
      numbers: [1, 9007199254740993n],
      words: ['a,b', '"', null],
      span: '1 day',
      range: '[1,5)',
      exact: '123456789012345678.123',
    }
    await db.insert('t', { ...values, numbers: ['1', '9007199254740993'] })
    await db.insert('t', { mood: 'good' })
    expect(await db.rows('t', { order: 'id' })).toMatchObject([{ ...values }, { id: 6, mood: 'good', moods: null }])
  })

  test('have the same moments in every time zone', async () => {
    await database.queryRunner.query('CREATE TABLE "t" ("at" timestamp, "atz" timestamptz)')
    await database.queryRunner.query("SET TIME ZONE 'Asia/Tokyo'")
    const at = new Date('2024-02-29T23:30:00Z')
    await db.insert('t', { at, atz: at })
    expect(await db.rows('t')).toEqual([{ at, atz: at }])
  })

  test('that are infinite stay texts', async () => {
    await database.queryRunner.query('CREATE TABLE "t" ("at" timestamp, "n" numeric)')
    await db.insert('t', { at: 'infinity', n: 'NaN' })
    expect(await db.rows('t')).toEqual([{ at: 'infinity', n: 'NaN' }])
  })
})
