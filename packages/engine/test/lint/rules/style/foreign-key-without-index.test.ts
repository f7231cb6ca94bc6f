import { foreignKeyWithoutIndex } from '../../../../src/lint/rules/style/foreign-key-without-index'
import { lint } from '../../support'

const tables = {
  up: [
    'CREATE TABLE "users" ("id" integer PRIMARY KEY)',
    'CREATE TABLE "posts" ("id" integer PRIMARY KEY, "user_id" integer, "n" integer)',
  ],
}
const statement = 'ALTER TABLE "posts" ADD CONSTRAINT "fk" FOREIGN KEY ("user_id") REFERENCES "users" ("id")'

describe('foreign-key-without-index', () => {
  test('notes a foreign key without an index, and says how to create one', async () => {
    expect(await lint('postgres', foreignKeyWithoutIndex, [tables, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'info',
        message:
          'deleting a row that constraint fk references reads all of posts, because no index begins with user_id',
        help: 'Create one before, in a revision of its own with `transaction = false`: CREATE INDEX CONCURRENTLY ON "posts" ("user_id").',
        table: 'posts',
        sql: statement,
      },
    ])
  })

  test('shows an ordinary index of a new table', async () => {
    const sql = 'CREATE TABLE a (b integer REFERENCES users)'
    const found = await lint('postgres', foreignKeyWithoutIndex, [tables, { up: [sql] }])
    expect(found.map(({ instead }) => instead)).toEqual([[sql, 'CREATE INDEX ON "a" ("b")']])
  })

  test.each([
    ['of other columns', ['CREATE INDEX ON posts (n)', statement]],
    ['that begins with other columns', ['CREATE INDEX ON posts (n, user_id)', statement]],
    ['that is dropped', ['CREATE INDEX ix ON posts (user_id)', statement, 'DROP INDEX ix']],
  ])('notes one with an index %s', async (_, up) => {
    expect(await lint('postgres', foreignKeyWithoutIndex, [tables, { up }])).toHaveLength(1)
  })

  test.each([
    ['an index precedes', [tables, { up: ['CREATE INDEX ON posts (user_id, n)', statement] }]],
    ['an index follows', [tables, { up: [statement, 'CREATE INDEX ON posts (user_id)'] }]],
    ['the key is unique', [tables, { up: ['CREATE TABLE a (b integer UNIQUE REFERENCES users)'] }]],
    [
      'the columns have another order',
      [tables, { up: ['CREATE TABLE a (x integer, y integer, PRIMARY KEY (y, x), FOREIGN KEY (x, y) REFERENCES b)'] }],
    ],
    ['the indexes of the table are not known', [{ up: ['ALTER TABLE old ADD FOREIGN KEY (a) REFERENCES b'] }]],
    ['a downgrade restores it', [tables, { down: [statement] }]],
  ])('finds nothing if %s', async (_, revisions) => {
    expect(await lint('postgres', foreignKeyWithoutIndex, revisions)).toEqual([])
  })
})
