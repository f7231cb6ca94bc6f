import { requiredColumn } from '../../../../src/lint/rules/compatibility/required-column'
import { lint } from '../../support'

const table = {
  up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "plan" text NOT NULL DEFAULT \'free\', "note" text)'],
}
const statement = 'ALTER TABLE "users" ADD COLUMN "country" text NOT NULL'

describe('required-column', () => {
  test('finds a new NOT NULL column without a default', async () => {
    expect(await lint('postgres', requiredColumn, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message:
          'adding users.country as NOT NULL without a default fails if users has rows, and makes inserts of running code fail',
        help: 'Give it a default. Or add it as nullable, deploy code that writes it, fill it, and make it NOT NULL in a later revision.',
        table: 'users',
        sql: statement,
      },
    ])
  })

  test.each([
    [
      'of a table of which nothing is known',
      'ALTER TABLE app."Users" ADD "Country" text NOT NULL',
      'app.Users.Country',
    ],
    ['among other commands', 'ALTER TABLE users ADD a text, ADD b text NOT NULL, DROP note', 'users.b'],
    ['that is a key', 'ALTER TABLE users ADD b uuid PRIMARY KEY', 'users.b'],
    ['with the default NULL', 'ALTER TABLE users ADD b text NOT NULL DEFAULT NULL::text', 'users.b'],
  ])('finds a column %s', async (_, sql, column) => {
    const found = await lint('postgres', requiredColumn, [table, { up: [sql] }])
    expect(found).toMatchObject([
      { severity: 'error', message: expect.stringContaining(`adding ${column} as NOT NULL`) },
    ])
  })

  test('finds a new column that becomes NOT NULL after it is filled, which running code leaves out', async () => {
    const last = 'ALTER TABLE users ALTER COLUMN country SET NOT NULL'
    const up = ['ALTER TABLE users ADD country text', `UPDATE users SET country = 'x' WHERE country IS NULL`, last]
    expect(await lint('postgres', requiredColumn, [table, { up }])).toMatchObject([
      {
        severity: 'error',
        message:
          'making the new column users.country NOT NULL without a default makes inserts of running code fail, which does not know it',
        sql: last,
      },
    ])
  })

  test('finds a new NOT NULL column that loses its default in the same revision', async () => {
    const up = [`${statement} DEFAULT 'x'`, 'ALTER TABLE users ALTER country DROP DEFAULT']
    const found = await lint('postgres', requiredColumn, [table, { up }])
    expect(found).toMatchObject([{ severity: 'error', sql: up[1] }])
  })

  test.each(['TRUNCATE "users"', 'DELETE FROM users'])('knows that no rows are left after %s', async (empty) => {
    expect(await lint('postgres', requiredColumn, [table, { up: [empty, statement] }])).toMatchObject([
      { message: 'adding users.country as NOT NULL without a default makes inserts of running code fail' },
    ])
    const [found] = await lint('postgres', requiredColumn, [
      table,
      { up: [empty.replace('users', 'posts'), statement] },
    ])
    expect(found?.message).toContain('fails if users has rows')
  })

  test('warns of an old NOT NULL column that loses its default, which some running code may leave out', async () => {
    const found = await lint('postgres', requiredColumn, [table, { up: ['ALTER TABLE users ALTER plan DROP DEFAULT'] }])
    expect(found).toMatchObject([
      {
        severity: 'warning',
        message:
          'without its default, users.plan is NOT NULL and must be in every insert: running code that leaves it out fails',
      },
    ])
  })

  test('warns of a downgrade that fails on rows, and only notes it where a guard stops first', async () => {
    const revision = { up: ['ALTER TABLE users DROP note'], down: ['ALTER TABLE users ADD note text NOT NULL'] }
    expect(await lint('postgres', requiredColumn, [table, revision])).toMatchObject([
      { direction: 'down', severity: 'warning' },
    ])
    const guard =
      'DO $$DECLARE n bigint; BEGIN SELECT count(*) INTO n FROM "users"; ' +
      `IF n > 0 THEN RAISE EXCEPTION 'rows of users without a value for its new NOT NULL column note: %', n; END IF; END$$`
    const guarded = { ...revision, down: [guard, ...revision.down] }
    expect(await lint('postgres', requiredColumn, [table, guarded])).toMatchObject([
      { direction: 'down', severity: 'info' },
    ])
  })

  test.each([
    ['of a table of the same revision', [{ up: [...table.up, statement] }]],
    ['with a default', [table, { up: [`${statement} DEFAULT 'x'`] }]],
    ['with a default that is called', [table, { up: ['ALTER TABLE users ADD at timestamptz NOT NULL DEFAULT now()'] }]],
    ['that may be NULL', [table, { up: ['ALTER TABLE users ADD country text'] }]],
    ['that is serial', [table, { up: ['ALTER TABLE users ADD n bigserial NOT NULL'] }]],
    ['that is an identity', [table, { up: ['ALTER TABLE users ADD n integer NOT NULL GENERATED ALWAYS AS IDENTITY'] }]],
    [
      'that is generated',
      [table, { up: ['ALTER TABLE users ADD n integer NOT NULL GENERATED ALWAYS AS (id + 1) STORED'] }],
    ],
    ['that is there already', [table, { up: ['ALTER TABLE users ADD COLUMN IF NOT EXISTS note text NOT NULL'] }]],
    [
      'that gets its default last',
      [
        table,
        {
          up: [
            'ALTER TABLE users ADD a text',
            `UPDATE users SET a = ''`,
            'ALTER TABLE users ALTER a SET NOT NULL',
            `ALTER TABLE users ALTER a SET DEFAULT ''`,
          ],
        },
      ],
    ],
    [
      'whose default is dropped for a moment',
      [table, { up: ['ALTER TABLE users ALTER plan DROP DEFAULT', `ALTER TABLE users ALTER plan SET DEFAULT 'a'`] }],
    ],
    [
      'whose default is not known',
      [{ up: ['ALTER TABLE old ALTER a SET NOT NULL', 'ALTER TABLE old ALTER a DROP DEFAULT'] }],
    ],
    ['that existed and becomes NOT NULL', [table, { up: ['ALTER TABLE users ALTER note SET NOT NULL'] }]],
    ['that may be NULL and loses its default', [table, { up: ['ALTER TABLE users ALTER note DROP DEFAULT'] }]],
    [
      'that gets another default after it lost one',
      [
        table,
        { up: [`ALTER TABLE users ALTER plan DROP DEFAULT, ALTER plan TYPE varchar, ALTER plan SET DEFAULT 'a'`] },
      ],
    ],
    [
      'that loses in a downgrade the default that the upgrade gave it',
      [
        table,
        { up: [`ALTER TABLE users ALTER plan SET DEFAULT 'x'`], down: ['ALTER TABLE users ALTER plan DROP DEFAULT'] },
      ],
    ],
  ])('finds no column %s', async (_, revisions) => {
    expect(await lint('postgres', requiredColumn, revisions)).toEqual([])
  })
})
