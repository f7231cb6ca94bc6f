import { newUnique } from '../../../../src/lint/rules/compatibility/new-unique'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "email" text, "org" integer NOT NULL)'] }
const statement = 'ALTER TABLE "users" ADD CONSTRAINT "uq_users_email" UNIQUE ("email")'

describe('new-unique', () => {
  test('warns that running code may write duplicates', async () => {
    expect(await lint('postgres', newUnique, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message: 'once email of users must be unique, running code that writes a value twice fails',
        help: 'Deploy code that does not write duplicates, or that handles the error, before this revision.',
        table: 'users',
        sql: statement,
      },
    ])
  })

  test.each([
    ['an index', 'CREATE UNIQUE INDEX CONCURRENTLY ix ON users (email)', 'email of users'],
    [
      'an index of expressions',
      'CREATE UNIQUE INDEX ON users (org, lower(email) text_pattern_ops)',
      'org, lower(email) of users',
    ],
    ['a table of which nothing is known', 'CREATE UNIQUE INDEX ON app.things (a)', 'a of app.things'],
    ['a new column with a default', `ALTER TABLE users ADD a text DEFAULT 'x' UNIQUE`, 'a of users'],
  ])('knows %s', async (_, sql, keys) => {
    const found = await lint('postgres', newUnique, [table, { up: [sql] }])
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining(`once ${keys} must be unique`)])
  })

  test.each([
    ['the table is of the same revision', [{ up: [...table.up, statement] }]],
    ['the index is not unique', [table, { up: ['CREATE INDEX ix ON users (email)'] }]],
    ['a constraint takes over an index', [table, { up: ['ALTER TABLE users ADD UNIQUE USING INDEX ix'] }]],
    ['some of the columns are unique already', [table, { up: ['CREATE UNIQUE INDEX ON users (org, id)'] }]],
    [
      'the column is new and NULL',
      [table, { up: ['ALTER TABLE users ADD a text', 'CREATE UNIQUE INDEX ON users (a)'] }],
    ],
    ['the new column is NULL, and unique from its beginning', [table, { up: ['ALTER TABLE users ADD a text UNIQUE'] }]],
    [
      'the new column is an identity',
      [table, { up: ['ALTER TABLE users ADD a integer UNIQUE GENERATED ALWAYS AS IDENTITY'] }],
    ],
    ['a downgrade restores it', [table, { down: [statement] }]],
  ])('finds nothing if %s', async (_, revisions) => {
    expect(await lint('postgres', newUnique, revisions)).toEqual([])
  })
})
