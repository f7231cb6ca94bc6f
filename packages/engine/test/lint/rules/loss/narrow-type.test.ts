import { narrowType } from '../../../../src/lint/rules/loss/narrow-type'
import { lint, type TestRevision } from '../../support'

const users: TestRevision = {
  up: [
    `CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad')`,
    `CREATE TABLE users (id bigint PRIMARY KEY, code varchar(50), at timestamptz, mood mood, moods mood[], note text)`,
  ],
}
const messages = async (...up: string[]): Promise<string[]> =>
  (await lint('postgres', narrowType, [users, { up }])).map(({ message }) => message)

describe('narrow-type on PostgreSQL', () => {
  test('finds a type that cannot hold every value', async () => {
    const sql = 'ALTER TABLE "users" ALTER COLUMN "code" TYPE varchar(10)'
    expect(await lint('postgres', narrowType, [users, { up: [sql] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message:
          'changing users.code from character varying(50) to character varying(10) fails for values longer than 10 characters',
        help:
          'Count the rows that do not fit first, and correct them. Or add a column of the new type, fill it, and drop the old one ' +
          'in a later revision.',
        table: 'users',
        sql,
      },
    ])
  })

  test('tells that an expression cuts values, and finds every part of an ALTER TABLE', async () => {
    expect(
      await messages(
        'ALTER TABLE users ALTER code TYPE varchar(10) USING code::varchar(10), ALTER id TYPE int USING id::int, ALTER at SET DATA TYPE date',
      ),
    ).toEqual([
      'changing users.code from character varying(50) to character varying(10) cuts values longer than 10 characters',
      'changing users.id from bigint to integer fails for values outside the range of integer',
      'changing users.at from timestamp with time zone to date loses the time of day',
    ])
  })

  test('finds values that are removed from an enum by recreating it', async () => {
    const recreate = (...columns: string[]): string[] => [
      'ALTER TYPE "mood" RENAME TO "mood_old"',
      `CREATE TYPE "mood" AS ENUM ('glad')`,
      ...columns.map((column) => `ALTER TABLE "users" ALTER COLUMN ${column}`),
      'DROP TYPE "mood_old"',
    ]
    expect(await messages(...recreate('"mood" TYPE "mood" USING "mood"::text::"mood"'))).toEqual([
      `changing users.mood to a type without 'sad', 'ok' fails while a row has one of them`,
    ])
    expect(await messages(...recreate('moods TYPE mood[] USING moods::text[]::mood[]'))).toEqual([
      `changing users.moods to a type without 'sad', 'ok' fails while a row has one of them`,
    ])
    expect(
      await messages(...recreate(`mood TYPE mood USING (CASE mood WHEN 'sad' THEN 'glad' ELSE 'glad' END)::mood`)),
    ).toEqual([`changing users.mood to a type without 'sad', 'ok' gives rows that have one of them another value`])
  })

  test('shows the query that counts the rows of a removed value, and how create converts them', async () => {
    const swap = (type: string): string[] => [
      'ALTER TYPE "mood" RENAME TO "mood_old"',
      `CREATE TYPE "mood" AS ENUM ('glad', 'ok')`,
      `ALTER TABLE users ALTER ${type}`,
    ]
    const plain = swap('mood TYPE mood USING mood::text::mood')
    expect(await lint('postgres', narrowType, [users, { up: plain, generated: true }])).toMatchObject([
      {
        help:
          `Count those rows in every database: SELECT count(*) FROM "users" WHERE "mood"::text IN ('sad'). ` +
          'Update them in an earlier revision, once no code writes the value any more. ' +
          'Or let `create` convert them: --using "users.mood=<SQL expression>".',
      },
    ])
    const array = swap('moods TYPE mood[] USING moods::text[]::mood[]')
    expect(await lint('postgres', narrowType, [users, { up: array }])).toMatchObject([
      { help: 'Update them in an earlier revision, once no code writes the value any more.' },
    ])
  })

  test('warns of a type that may be too narrow, if the type before is not known', async () => {
    const up = ['ALTER TABLE s.old ALTER x TYPE varchar(10), ALTER y TYPE text']
    expect(await lint('postgres', narrowType, [{ up }])).toMatchObject([
      {
        severity: 'warning',
        message: 'changing s.old.x to character varying(10) may lose values: its type before is not known',
      },
    ])
  })

  test.each([
    'ALTER COLUMN x TYPE varchar USING x::varchar',
    'ALTER COLUMN x TYPE text',
    'ALTER COLUMN x TYPE timestamptz',
    'ALTER COLUMN x TYPE uuid USING x::uuid',
    'ALTER COLUMN x TYPE jsonb[] USING x::jsonb[]',
  ])('finds nothing for %s, which keeps the values of any type or refuses them', async (command) => {
    expect(await lint('postgres', narrowType, [{ up: [`ALTER TABLE old ${command}`] }])).toEqual([])
  })

  test.each([
    'ALTER COLUMN x TYPE text USING left(x, 5)',
    'ALTER COLUMN x TYPE timestamptz(0)',
    'ALTER COLUMN x TYPE integer USING x::integer',
  ])('warns of %s, if the type before is not known', async (command) => {
    expect(await lint('postgres', narrowType, [{ up: [`ALTER TABLE old ${command}`] }])).toHaveLength(1)
  })

  test.each(['note TYPE integer USING NULL', 'x TYPE integer USING NULL::integer'])(
    'finds %s, which deletes all values',
    async (command) => {
      const [column = ''] = command.split(' ')
      expect(await messages(`ALTER TABLE users ALTER ${command}`)).toEqual([
        `changing users.${column} to integer USING NULL deletes all its values`,
      ])
    },
  )

  test('only notes values that an earlier statement has changed', async () => {
    const narrow = 'ALTER TABLE users ALTER code TYPE varchar(10)'
    const cut = 'UPDATE users SET code = left(code, 10) WHERE length(code) > 10'
    expect(await lint('postgres', narrowType, [users, { up: [cut, narrow] }])).toMatchObject([{ severity: 'info' }])
    const other = "UPDATE users SET note = ''"
    expect(await lint('postgres', narrowType, [users, { up: [other, narrow] }])).toMatchObject([{ severity: 'error' }])
  })

  test('is only a note in a downgrade, which cannot but narrow what was widened', async () => {
    const up = ['ALTER TABLE users ALTER code TYPE text']
    const down = ['ALTER TABLE users ALTER code TYPE varchar(50)']
    expect(await lint('postgres', narrowType, [users, { up, down }])).toMatchObject([
      { direction: 'down', severity: 'info' },
    ])
  })

  test.each<[string, TestRevision[]]>([
    ['a wider type', [users, { up: ['ALTER TABLE users ALTER code TYPE varchar(51), ALTER note TYPE text'] }]],
    ['a type of another kind', [users, { up: ['ALTER TABLE users ALTER note TYPE jsonb USING note::jsonb'] }]],
    ['a table of the same revision', [{ up: [...(users.up ?? []), 'ALTER TABLE users ALTER id TYPE int'] }]],
    [
      'a column of the same revision',
      [
        users,
        { up: ['ALTER TABLE users ADD x text, ALTER id TYPE bigint', 'ALTER TABLE users ALTER x TYPE varchar(1)'] },
      ],
    ],
    [
      'an enum with more values',
      [
        users,
        {
          up: [
            'ALTER TYPE mood RENAME TO o',
            `CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad', 'x')`,
            'ALTER TABLE users ALTER mood TYPE mood USING mood::text::mood',
          ],
        },
      ],
    ],
  ])('finds nothing for %s', async (_, revisions) => {
    expect(await lint('postgres', narrowType, revisions)).toEqual([])
  })
})

describe('narrow-type on SQLite', () => {
  const table: TestRevision = {
    up: [`CREATE TABLE users (id integer PRIMARY KEY, code varchar(50), kind varchar CHECK (kind IN ('a', 'b', 'c')))`],
  }
  const rebuild = (columns: string, values = 'id, code, kind'): string[] => [
    'SAVEPOINT "aludel_rebuild"',
    `CREATE TABLE "aludel_new_users" (id integer PRIMARY KEY, ${columns})`,
    `INSERT INTO "aludel_new_users" (id, code, kind) SELECT ${values} FROM users`,
    'DROP TABLE users',
    'ALTER TABLE "aludel_new_users" RENAME TO "users"',
    'RELEASE "aludel_rebuild"',
  ]
  const byHand = (...columns: [string, string?]): string[] =>
    rebuild(...columns)
      .slice(1, -1)
      .map((sql) => sql.replaceAll('aludel_new_', 'temporary_'))

  test('finds a rebuild with a check that allows fewer values', async () => {
    const up = rebuild(`code varchar(50), kind varchar CHECK ("kind" IN ('a'))`)
    expect(await lint('sqlite', narrowType, [table, { up }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: `rebuilding users fails while a row has 'b' or 'c' in users.kind, which the new check refuses`,
        help: 'Update those rows in an earlier revision, once no code writes the value any more.',
        table: 'users',
        sql: 'ALTER TABLE "aludel_new_users" RENAME TO "users"',
      },
    ])
  })

  test('finds values that a rebuild computes', async () => {
    const up = rebuild('code varchar(50), kind varchar', `id, upper(code), kind`)
    expect(await lint('sqlite', narrowType, [table, { up }])).toMatchObject([
      {
        message: 'rebuilding users computes the values of users.code, and the old ones are lost',
        sql: 'DROP TABLE users',
      },
    ])
  })

  test('warns of texts that a rebuild by hand turns into numbers', async () => {
    const up = byHand('code integer, kind varchar')
    expect(await lint('sqlite', narrowType, [table, { up }])).toMatchObject([
      {
        severity: 'warning',
        message: `rebuilding users turns texts of users.code into numbers: '007' becomes 7`,
        table: 'users',
      },
    ])
  })

  test.each<[string, string[]]>([
    ['a shorter text, which SQLite does not cut', rebuild('code varchar(5), kind varchar')],
    ['texts in a column without numbers', byHand('code datetime, kind blob')],
    ['a check with more values', rebuild(`code text, kind varchar CHECK (kind IN ('a', 'b', 'c', 'd'))`)],
    ['a number that a rebuild of the tool makes, which begins with a check', rebuild('code integer, kind varchar')],
    ['a gap that is filled', rebuild('code text NOT NULL, kind varchar', `id, ifnull(code, ''), kind`)],
  ])('finds nothing for %s', async (_, up) => {
    expect(await lint('sqlite', narrowType, [table, { up }])).toEqual([])
  })

  test('finds nothing in the downgrade for a column that the upgrade added', async () => {
    const up = ['ALTER TABLE users ADD COLUMN nick text']
    const down = byHand('code varchar(50), kind varchar, nick integer').map((sql) =>
      sql
        .replace('(id, code, kind)', '(id, code, kind, nick)')
        .replace('id, code, kind FROM', 'id, code, kind, nick FROM'),
    )
    expect(await lint('sqlite', narrowType, [table, { up, down }])).toEqual([])
  })
})
