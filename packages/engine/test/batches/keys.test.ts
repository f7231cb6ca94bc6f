import { batched, type Batch } from '../../src/migration'
import { dialectNames, openDatabase, type TestDatabase } from '../run/databases'
import { rejection } from '../run/revisions'

/** Columns of a key, and values for them that are hard to pass from one batch to the next. */
interface Case {
  readonly title: string
  readonly columns: string
  readonly key: readonly string[]
  readonly values: readonly string[]
  /** The unique index of the key, or WITHOUT ROWID. Default is no index: the key is the primary key. */
  readonly unique?: string
}

const shared: readonly Case[] = [
  {
    title: 'integers beyond the exact range of JavaScript',
    columns: '"k" bigint NOT NULL PRIMARY KEY',
    key: ['k'],
    values: ['9007199254740993', '9007199254740992', '9007199254740994', '-9223372036854775807', '0'],
  },
  {
    title: 'a key of several columns',
    columns: '"a" integer NOT NULL, "b" varchar(10) NOT NULL, PRIMARY KEY ("a", "b")',
    key: ['a', 'b'],
    values: ["1, 'x'", "1, 'y'", "1, ''", "2, 'a'", "0, 'z'", "2, 'it''s'"],
  },
  {
    title: 'a key whose columns have another order than its index',
    columns: '"a" integer NOT NULL, "b" integer NOT NULL',
    unique: '("a", "b")',
    key: ['b', 'a'],
    values: ['1, 2', '2, 1', '1, 1', '2, 2', '3, 1'],
  },
  {
    title: 'text with quotes, backslashes and letters of other alphabets',
    columns: '"k" varchar(40) NOT NULL PRIMARY KEY',
    key: ['k'],
    values: ["''", "'a''b'", `'"'`, "'\\'", "'ß'", "'ÄÖ'", "'日本'", "'$1 ?'", "'i:5'"],
  },
]

const cases: Readonly<Record<'sqlite' | 'postgres', readonly Case[]>> = {
  sqlite: [
    ...shared,
    {
      title: 'values of several types in one column',
      columns: '"k" NOT NULL PRIMARY KEY',
      key: ['k'],
      values: ['1', "'1'", '1.5', "x'31'", "'a'", '2', "x'00ff'", '-1e300', '0.1', '9223372036854775807'],
    },
    {
      title: 'an index that has another collation than its column',
      columns: '"k" text NOT NULL COLLATE NOCASE',
      unique: '("k" COLLATE BINARY)',
      key: ['k'],
      values: ["'a'", "'A'", "'b'", "'B'", "'c'"],
    },
    {
      title: 'a table without rowid',
      columns: '"k" text PRIMARY KEY',
      key: ['k'],
      values: ["'a'", "'b'", "'c'"],
      unique: 'WITHOUT ROWID',
    },
  ],
  postgres: [
    ...shared,
    {
      title: 'timestamps that differ by microseconds',
      columns: '"k" timestamp with time zone NOT NULL PRIMARY KEY',
      key: ['k'],
      values: [
        "'2026-01-01 00:00:00.000001+00'",
        "'2026-01-01 00:00:00.000002+00'",
        "'2026-01-01 00:00:00.000003+00'",
        "'infinity'",
      ],
    },
    {
      title: 'binary values',
      columns: '"k" bytea NOT NULL PRIMARY KEY',
      key: ['k'],
      values: ["'\\x00'", "'\\x00ff'", "'\\xff'", "'\\x'"],
    },
    {
      title: 'exact and inexact numbers',
      columns: '"a" numeric(40, 20) NOT NULL, "b" double precision NOT NULL, PRIMARY KEY ("a", "b")',
      key: ['a', 'b'],
      values: ['0.1, 0.1', '0.10000000000000000001, 1e-300', '0.1, 0.30000000000000004', '0.1, 0.3'],
    },
    {
      title: 'a key of a uuid and text with its own collation',
      columns: '"a" uuid NOT NULL, "b" text COLLATE "C" NOT NULL, PRIMARY KEY ("a", "b")',
      key: ['a', 'b'],
      values: ["gen_random_uuid(), 'a'", "gen_random_uuid(), 'B'", "gen_random_uuid(), ''"],
    },
  ],
}

describe.each(dialectNames)('batched on %s', (name) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase(name)
  })
  afterEach(async () => {
    await database.drop()
  })
  const make = async ({ columns, key, values, unique = '' }: Case): Promise<void> => {
    const withoutRowid = unique === 'WITHOUT ROWID' ? unique : ''
    const names = key.map((column) => `"${column}"`)
    await database.rows(
      `CREATE TABLE "t" (${columns.replace(/, PRIMARY KEY/, ', "n" integer NOT NULL DEFAULT 0, PRIMARY KEY')}${
        columns.includes(', PRIMARY KEY') ? '' : ', "n" integer NOT NULL DEFAULT 0'
      }) ${withoutRowid}`,
    )
    if (unique !== '' && withoutRowid === '') await database.rows(`CREATE UNIQUE INDEX "u" ON "t" ${unique}`)
    for (const value of values) await database.rows(`INSERT INTO "t" (${names.join(', ')}) VALUES (${value})`)
  }

  test.each(cases[name].map((one) => [one.title, one] as const))(
    'updates each row once with %s',
    async (_title, one) => {
      await make(one)
      const rows = one.values.length
      const once = { table: 't', key: one.key, size: 1, update: { n: '"n" + 1' } }
      expect(await batched(database.queryRunner, once)).toEqual({ rows, batches: rows, passes: 1 })
      expect(await database.rows('SELECT * FROM "t" WHERE "n" <> 1')).toEqual([])
      const seen: Batch[] = []
      const result = await batched(database.queryRunner, {
        ...once,
        size: 2,
        update: async (batch) => {
          seen.push(batch)
          await batch.query(`UPDATE "t" SET "n" = "n" + 1 WHERE ${batch.rows}`)
        },
      })
      expect(result).toMatchObject({ rows })
      expect(await database.rows('SELECT * FROM "t" WHERE "n" <> 2')).toEqual([])
      expect(seen.flatMap(({ keys }) => keys)).toHaveLength(rows)
      expect(seen.map(({ to }) => to)).toEqual(seen.map(({ keys }) => keys.at(-1)))
    },
  )

  test('rejects an invalid option and names it', async () => {
    const message = async (options: object): Promise<unknown> =>
      rejection(batched(database.queryRunner, { table: 't', key: 'k', update: { n: '1' }, ...options })).then(
        (error) => (error as Error).message,
      )
    expect(await message({ key: [] })).toBe('option key of batched names no column')
    expect(await message({ key: ['k', 'k'] })).toBe('option key of batched names a column twice')
    expect(await message({ table: '' })).toBe('option table of batched must be a name')
    expect(await message({ size: 0 })).toMatch(/option size of batched is 0/)
    expect(await message({ size: 1.5 })).toMatch(/option size of batched is 1.5/)
    expect(await message({ pauseMs: -1 })).toMatch(/option pauseMs of batched is -1/)
    expect(await message({ maxLagMs: Number.NaN })).toMatch(/option maxLagMs of batched is NaN/)
    expect(await message({ update: {} })).toBe('option update of batched changes no column')
    expect(await message({ update: { n: 1 } })).toMatch(/option update of batched of "n" must be a SQL expression/)
    expect(await message({ parameters: [1] })).toBe('option parameters of batched are given without a where')
    expect(await message({ where: ' ' })).toBe('option where of batched is empty')
    expect(await message({ repeat: true })).toBe('option repeat of batched needs a where')
  })
})
