import type { LiveProfile } from '../../../src/dialect/roles/scale'
import { fillLike } from '../../../src/inspect/stalls/fill'
import { wholeTables } from '../../../src/inspect/stalls/whole-tables'
import { fillTables } from '../../../src/proof/fill'
import { dialectNames, openDatabase, type TestDatabase } from '../../run/databases'

describe.each(dialectNames)('rows like those of a live database on %s', (name) => {
  let scratch: TestDatabase
  beforeEach(async () => {
    scratch = await openDatabase(name)
  })
  afterEach(() => scratch.drop())
  const isPostgres = name === 'postgres'
  const count = async (sql: string): Promise<number> => Number((await scratch.rows(`SELECT ${sql} AS "n"`))[0]?.['n'])

  /** Tables of a live database with so many rows, of which nothing else is known. */
  const liveOf = (rows: Readonly<Record<string, number>>, columns: LiveProfile['tables'] = new Map()): LiveProfile => ({
    server: '',
    settings: {},
    tables: new Map(
      Object.entries(rows).map(([table, one]) => [
        table,
        { rows: one, indexes: [], columns: columns.get(table)?.columns ?? new Map() },
      ]),
    ),
  })

  async function fill(
    live: LiveProfile,
    most: number,
    only: readonly string[] = [...live.tables.keys()],
    whole: readonly string[] = [],
  ) {
    const { dialect, queryRunner } = scratch
    const schema = await dialect.introspection.read(queryRunner, { ignoreTables: [] })
    await fillTables(dialect, queryRunner, schema)
    return fillLike(dialect, queryRunner, schema, live, {
      most,
      bytes: 100_000_000,
      only: new Set(only),
      whole: new Set(whole),
    })
  }

  test('reference each other, with the tables that are referenced first', async () => {
    for (const sql of [
      'CREATE TABLE "customers" ("id" integer PRIMARY KEY, "name" varchar(40) NOT NULL UNIQUE)',
      'CREATE TABLE "tags" ("id" integer PRIMARY KEY, "boss" integer REFERENCES "tags" ("id"))',
      `CREATE TABLE "orders" ("id" integer PRIMARY KEY, "customer" integer NOT NULL REFERENCES "customers" ("id"),
        "kind" varchar(20) NOT NULL CHECK ("kind" IN ('a', 'b')), "total" numeric(10,2), "at" timestamp NOT NULL)`,
      'CREATE TABLE "profiles" ("customer" integer PRIMARY KEY REFERENCES "customers" ("id"), "bio" text)',
      `CREATE TABLE "tagged" ("order" integer NOT NULL REFERENCES "orders" ("id"), "tag" integer NOT NULL REFERENCES "tags" ("id"),
        PRIMARY KEY ("order", "tag"))`,
    ])
      await scratch.queryRunner.query(sql)
    const live = liveOf({ customers: 50, tags: 20, orders: 9000, profiles: 50, tagged: 700 })
    const { rows, refused } = await fill(live, 500, ['orders', 'profiles', 'tagged'])
    expect([...refused]).toEqual([])
    expect(Object.fromEntries(rows)).toEqual({ customers: 50, tags: 20, orders: 500, profiles: 50, tagged: 500 })
    expect(await count('(SELECT count(*) FROM "orders" o JOIN "customers" c ON c."id" = o."customer")')).toBe(502)
    expect(await count('(SELECT count(DISTINCT "customer") FROM "orders")')).toBeGreaterThan(20)
    expect(await count('(SELECT count(*) FROM "tags" t JOIN "tags" b ON b."id" = t."boss")')).toBeGreaterThan(15)
    expect(await count('(SELECT count(DISTINCT "at") FROM "orders")')).toBeGreaterThan(100)
    if (!isPostgres) expect(await scratch.rows('PRAGMA foreign_key_check')).toEqual([])
  })

  test('are all of them in a table to which a larger one refers, unless it is too large itself', async () => {
    for (const sql of [
      'CREATE TABLE "customers" ("id" integer PRIMARY KEY, "name" varchar(40) NOT NULL)',
      'CREATE TABLE "places" ("id" integer PRIMARY KEY)',
      'CREATE TABLE "parts" ("id" integer PRIMARY KEY)',
      `CREATE TABLE "orders" ("id" integer PRIMARY KEY, "customer" integer NOT NULL REFERENCES "customers" ("id"),
        "place" integer NOT NULL REFERENCES "places" ("id"), "part" integer NOT NULL REFERENCES "parts" ("id"))`,
    ])
      await scratch.queryRunner.query(sql)
    const live = liveOf({ customers: 900, places: 5000, parts: 9001, orders: 9000 })
    const schema = await scratch.dialect.introspection.read(scratch.queryRunner, { ignoreTables: [] })
    const whole = (bytes: number, name = 'orders') =>
      [...wholeTables(schema, live, new Set([name]), { most: 1000, bytes, plansAsLive: false })].sort()
    expect(whole(1e6)).toEqual(['customers'])
    expect(whole(899)).toEqual([])
    expect(whole(1e6, 'customers')).toEqual([])
    const told = (most: number) =>
      [...wholeTables(schema, live, new Set(['orders']), { most, bytes: 1e6, plansAsLive: true })].sort()
    expect(told(1000)).toEqual(['customers', 'places'])
    const huge = liveOf({ customers: 300_000, places: 600_000, parts: 9001, orders: 5_000_000 })
    const ofHuge = (plansAsLive: boolean) =>
      [...wholeTables(schema, huge, new Set(['orders']), { most: 160_000, bytes: 1e8, plansAsLive })].sort()
    expect(ofHuge(true)).toEqual(['customers', 'parts'])
    expect(ofHuge(false)).toEqual(['parts'])
    const { rows } = await fill(live, 500, ['orders'], ['customers'])
    expect(Object.fromEntries(rows)).toEqual({ customers: 900, places: 500, parts: 500, orders: 500 })
  })

  test('have as many NULLs, as wide texts and as many different values', async () => {
    await scratch.queryRunner.query(
      'CREATE TABLE "notes" ("id" integer PRIMARY KEY, "body" text, "state" varchar(30) NOT NULL, "gone" integer)',
    )
    const column = { nulls: 0, bytes: 30, prefix: 0, distinct: 4, ordered: false }
    const columns = new Map([
      ['body', { ...column, nulls: 0.25, bytes: 200, distinct: 100_000 }],
      ['state', column],
      ['gone', { ...column, nulls: 1 }],
    ])
    const { refused } = await fill(
      liveOf({ notes: 100_000 }, new Map([['notes', { rows: 0, indexes: [], columns }]])),
      2000,
    )
    expect([...refused]).toEqual([])
    const made = 'FROM "notes" WHERE "id" >= 10000'
    expect(await count(`(SELECT count(*) ${made})`)).toBe(2000)
    expect(await count(`(SELECT count(*) ${made} AND "body" IS NULL)`)).toBe(500)
    expect(await count(`(SELECT avg(length("body")) ${made})`)).toBeCloseTo(200, -1)
    expect(await count(`(SELECT count(DISTINCT "body") ${made})`)).toBeGreaterThan(1200)
    expect(await count(`(SELECT count(DISTINCT "state") ${made})`)).toBe(4)
    expect(await count(`(SELECT count("gone") ${made})`)).toBe(0)
  })

  test('have no order that repeats itself, which would be sorted faster', async () => {
    await scratch.queryRunner.query(
      'CREATE TABLE "orders" ("id" integer PRIMARY KEY, "number" integer NOT NULL UNIQUE, "customer" integer NOT NULL, "size" integer NOT NULL)',
    )
    const column = { nulls: 0, bytes: 4, prefix: 0, distinct: 9000, ordered: false }
    const columns = new Map([
      ['id', { ...column, ordered: true }],
      ['number', column],
      ['customer', { ...column, distinct: 4000 }],
      ['size', column],
    ])
    const { refused } = await fill(
      liveOf({ orders: 9000 }, new Map([['orders', { rows: 0, indexes: [], columns }]])),
      9000,
    )
    expect([...refused]).toEqual([])
    /** How many different steps there are from a value to that of the next row. */
    const steps = (name: string) =>
      count(
        `(SELECT count(DISTINCT "step") FROM (SELECT "${name}" - lag("${name}") OVER (ORDER BY "id") AS "step" FROM "orders" WHERE "id" >= 10000) s)`,
      )
    expect(await steps('id')).toBe(1)
    for (const name of ['number', 'customer', 'size']) expect(await steps(name)).toBeGreaterThan(1000)
    expect(await count('(SELECT count(DISTINCT "size") FROM "orders" WHERE "id" >= 10000)')).toBe(9000)
  })

  test('are refused with the words of the database where none can be made', async () => {
    await scratch.queryRunner.query(
      'CREATE TABLE "odd" ("id" integer PRIMARY KEY, "state" varchar(3) NOT NULL UNIQUE CHECK ("state" IN (\'new\', \'old\')))',
    )
    const { rows, refused } = await fill(liveOf({ odd: 2 }), 500)
    expect(rows.size).toBe(0)
    expect(refused.get('odd')).toMatch(/check|constraint/i)
  })
})
