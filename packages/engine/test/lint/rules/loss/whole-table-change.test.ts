import { wholeTableChange } from '../../../../src/lint/rules/loss/whole-table-change'
import { lint, type TestRevision } from '../../support'

const users: TestRevision = { up: ['CREATE TABLE users (id integer PRIMARY KEY, name text, nick text)'] }
const dialects = ['postgres', 'sqlite'] as const

describe('whole-table-change', () => {
  test.each(dialects)('finds an UPDATE and a DELETE of every row on %s', async (dialect) => {
    const [update, remove] = [`UPDATE "users" SET "name" = 'x', nick = NULL`, 'DELETE FROM "users"']
    expect(await lint(dialect, wholeTableChange, [users, { up: [update, remove] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'this overwrites name, nick in every row of users',
        help: 'Add a WHERE for the rows that must change; `batched` goes through a large table a number of rows at a time.',
        table: 'users',
        sql: update,
      },
      {
        direction: 'up',
        severity: 'error',
        message: 'this deletes every row of users',
        help: 'Add a WHERE for the rows that must go.',
        table: 'users',
        sql: remove,
      },
    ])
  })

  describe.each(dialects)('on %s', (dialect) => {
    test.each([
      ['UPDATE a SET x = b.x FROM b'],
      ['UPDATE a SET x = 1 RETURNING (SELECT 1 FROM b WHERE 1 = 1 LIMIT 1)'],
      ['DELETE FROM a RETURNING *'],
      ['WITH b AS (SELECT 1) DELETE FROM a'],
      ['WITH b AS (SELECT 1) UPDATE a SET x = (SELECT * FROM b WHERE 1 = 1)'],
    ])('finds %s in a table of which nothing is known', async (sql) => {
      expect(await lint(dialect, wholeTableChange, [{ up: [sql] }])).toMatchObject([{ table: 'a' }])
    })

    test.each<[string, TestRevision[]]>([
      [
        'some rows',
        [users, { up: ['UPDATE users SET name = nick WHERE name IS NULL', 'DELETE FROM users WHERE id = 1'] }],
      ],
      [
        'a table of the same revision',
        [{ up: [...(users.up ?? []), 'UPDATE users SET name = 1', 'DELETE FROM users'] }],
      ],
      ['a column of the same revision', [users, { up: ['ALTER TABLE users ADD x text', 'UPDATE users SET x = name'] }]],
      [
        'what the upgrade made in its downgrade',
        [
          users,
          {
            up: ['ALTER TABLE users ADD x text', 'CREATE TABLE n (id int)'],
            down: ['UPDATE users SET x = NULL', 'DELETE FROM n', 'UPDATE n SET id = 1'],
          },
        ],
      ],
      ['an INSERT', [users, { up: [`INSERT INTO users (id) SELECT id FROM users`] }]],
    ])('finds nothing for %s', async (_, revisions) => {
      expect(await lint(dialect, wholeTableChange, revisions)).toEqual([])
    })
  })

  test.each(dialects)('finds only the columns that existed before on %s', async (dialect) => {
    const up = ['ALTER TABLE users ADD x text', 'UPDATE users SET x = name, name = NULL']
    expect(await lint(dialect, wholeTableChange, [users, { up }])).toMatchObject([
      { message: 'this overwrites name in every row of users' },
    ])
  })

  test('finds a DELETE within another statement', async () => {
    const up = ['WITH gone AS (DELETE FROM s.a RETURNING *) SELECT count(*) FROM gone']
    expect(await lint('postgres', wholeTableChange, [{ up }])).toMatchObject([{ table: 's.a' }])
  })

  test('finds nothing for rows that a LIMIT chooses', async () => {
    const up = ['DELETE FROM users ORDER BY id LIMIT 5', 'UPDATE users SET name = 1 LIMIT 5']
    expect(await lint('sqlite', wholeTableChange, [users, { up }])).toEqual([])
  })
})
