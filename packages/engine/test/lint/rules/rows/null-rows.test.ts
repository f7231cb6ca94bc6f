import { nullRows } from '../../../../src/lint/rules/rows/null-rows'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" text, "nick" text)'] }
const statement = 'ALTER TABLE "users" ALTER COLUMN "name" SET NOT NULL'
const check = 'ALTER TABLE users ADD CONSTRAINT c CHECK (name IS NOT NULL) NOT VALID'

describe('null-rows', () => {
  test('warns of rows with NULL, and shows how to count and fill them', async () => {
    expect(await lint('postgres', nullRows, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message: 'making users.name NOT NULL fails if a row has NULL in it',
        help:
          'Count such rows in every database: SELECT count(*) FROM "users" WHERE "name" IS NULL. ' +
          'Fill them before: UPDATE "users" SET "name" = … WHERE "name" IS NULL. ' +
          'Deploy code that no longer writes NULL first.',
        table: 'users',
        sql: statement,
      },
    ])
  })

  test.each([
    ['a table of which nothing is known', ['ALTER TABLE app."T" ALTER "C" SET NOT NULL'], 'making app.T.C NOT NULL'],
    ['another column than the filled one', [`UPDATE users SET nick = '' WHERE nick IS NULL`, statement], 'users.name'],
    ['an UPDATE of other rows', [`UPDATE users SET name = 'x' WHERE id = 1`, statement], 'users.name'],
    ['an UPDATE with NULL', ['UPDATE users SET name = NULL::text', statement], 'users.name'],
    ['a constraint', ['ALTER TABLE users ADD CONSTRAINT n NOT NULL name'], 'users.name'],
    ['a check that is not validated', [check, statement], 'users.name'],
    [
      'a new column without a default',
      ['ALTER TABLE users ADD a text', 'ALTER TABLE users ALTER a SET NOT NULL'],
      'users.a',
    ],
    [
      'a default that comes after the column',
      [
        'ALTER TABLE users ADD a text',
        `ALTER TABLE users ALTER a SET DEFAULT 'x'`,
        'ALTER TABLE users ALTER a SET NOT NULL',
      ],
      'users.a',
    ],
  ])('knows %s', async (_, up, text) => {
    const found = await lint('postgres', nullRows, [table, { up }])
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining(text)])
  })

  test('names the option of create that fills the rows, if the tool wrote the revision', async () => {
    const revision = { generated: true, up: [statement], down: ['ALTER TABLE users ALTER nick SET NOT NULL'] } as const
    const found = await lint('postgres', nullRows, [table, revision])
    expect(found.map(({ help }) => help)).toEqual([
      expect.stringContaining('let `create` write that: --backfill "users.name=<SQL expression>". Deploy'),
      expect.stringContaining('--backfill "down:users.nick=<SQL expression>"'),
    ])
  })

  test('warns in a downgrade, and only notes what a guard stops first', async () => {
    const revision = { up: ['ALTER TABLE users ALTER name DROP NOT NULL'], down: [statement] }
    const before = { up: [...table.up, statement] }
    expect(await lint('postgres', nullRows, [before, revision])).toMatchObject([
      { direction: 'down', severity: 'warning' },
    ])
    const guard =
      'DO $$DECLARE n bigint; BEGIN SELECT count(*) INTO n FROM "users" WHERE "name" IS NULL; ' +
      `IF n > 0 THEN RAISE EXCEPTION 'rows with NULL in users.name: %', n; END IF; END$$`
    const guarded = { ...revision, down: [guard, statement] }
    expect(await lint('postgres', nullRows, [before, guarded])).toMatchObject([{ direction: 'down', severity: 'info' }])
  })

  test.each([
    ['the table is of the same revision', [{ up: [...table.up, statement] }]],
    ['the column is NOT NULL already', [table, { up: ['ALTER TABLE users ALTER id SET NOT NULL'] }]],
    ['the rows are filled', [table, { up: [`UPDATE users SET name = 'x' WHERE name IS NULL`, statement] }]],
    [
      'the rows are filled by an earlier revision',
      [table, { up: [`UPDATE users SET name = 'x' WHERE "name" IS NULL AND id < 9`] }, { up: [statement] }],
    ],
    ['the rows are not checked yet', [table, { up: ['ALTER TABLE users ADD CONSTRAINT n NOT NULL name NOT VALID'] }]],
    ['all rows are updated', [table, { up: ['UPDATE users SET nick = id, name = nick', statement] }]],
    ['the rows are deleted', [table, { up: ['DELETE FROM users WHERE name IS NULL', statement] }]],
    ['a check proves it', [table, { up: [check, 'ALTER TABLE users VALIDATE CONSTRAINT c', statement] }]],
    [
      'the new column has a default',
      [table, { up: [`ALTER TABLE users ADD a text DEFAULT ''`, 'ALTER TABLE users ALTER a SET NOT NULL'] }],
    ],
    [
      'the filled column has another name since',
      [
        table,
        {
          up: [
            `UPDATE users SET nick = ''`,
            'ALTER TABLE users RENAME nick TO n',
            'ALTER TABLE users ALTER n SET NOT NULL',
          ],
        },
      ],
    ],
  ])('finds nothing if %s', async (_, revisions) => {
    expect(await lint('postgres', nullRows, revisions)).toEqual([])
  })
})
