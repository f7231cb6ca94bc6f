import { addRequiredColumn } from '../../../../src/lint/rules/sqlite/add-required-column'
import { lint, type TestRevision } from '../../support'

const users: TestRevision = { up: ['CREATE TABLE users (id integer PRIMARY KEY)'] }

describe('add-required-column', () => {
  test('finds a column that is NOT NULL and has no default', async () => {
    const sql = 'ALTER TABLE "users" ADD COLUMN "name" varchar NOT NULL'
    expect(await lint('sqlite', addRequiredColumn, [users, { up: [sql] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'SQLite refuses to add users.name if users has rows: it is NOT NULL and has no default',
        help:
          'Give it a default that suits the rows that exist. Or add it without NOT NULL, fill it, and let a revision of `create` ' +
          'rebuild the table.',
        table: 'users',
        sql,
      },
    ])
  })

  test.each(['ALTER TABLE other ADD x NOT NULL', 'ALTER TABLE other ADD x int NOT NULL DEFAULT NULL'])(
    'finds it in a table of which nothing is known: %s',
    async (sql) => {
      expect(await lint('sqlite', addRequiredColumn, [{ up: [sql] }])).toHaveLength(1)
    },
  )

  test('finds it in a downgrade that adds what the upgrade dropped', async () => {
    const down = ['ALTER TABLE users ADD COLUMN name text NOT NULL']
    expect(await lint('sqlite', addRequiredColumn, [users, { down }])).toMatchObject([{ severity: 'warning' }])
  })

  test.each<[string, TestRevision[]]>([
    ['a default', [users, { up: [`ALTER TABLE users ADD COLUMN a text NOT NULL DEFAULT ''`] }]],
    ['a column that may be NULL', [users, { up: ['ALTER TABLE users ADD COLUMN a text', 'ALTER TABLE users ADD b'] }]],
    ['a computed column', [users, { up: ['ALTER TABLE users ADD COLUMN a AS (id * 2) VIRTUAL NOT NULL'] }]],
    ['a table of the same revision', [{ up: [...(users.up ?? []), 'ALTER TABLE users ADD COLUMN a text NOT NULL'] }]],
    ['a constraint', [users, { up: ['ALTER TABLE users ADD CONSTRAINT c CHECK (id NOT NULL)'] }]],
  ])('finds nothing for %s', async (_, revisions) => {
    expect(await lint('sqlite', addRequiredColumn, revisions)).toEqual([])
  })
})
