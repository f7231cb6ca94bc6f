import { keyTypeMismatch } from '../../../../src/lint/rules/compatibility/key-type-mismatch'
import { lint } from '../../support'

const tables = {
  up: [
    'CREATE TABLE "users" ("id" bigint PRIMARY KEY, "code" varchar(20) UNIQUE, "key" uuid UNIQUE)',
    'CREATE TABLE "posts" ("id" integer PRIMARY KEY, "user_id" integer, "code" varchar(10), "label" text, "key" uuid)',
  ],
}
const statement =
  'ALTER TABLE "posts" ADD CONSTRAINT "fk_posts_user" FOREIGN KEY ("user_id") REFERENCES "users" ("id") NOT VALID'

describe('key-type-mismatch', () => {
  test('warns of a foreign key that cannot hold all keys', async () => {
    expect(await lint('postgres', keyTypeMismatch, [tables, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message:
          'rows with some keys cannot be referenced: posts.user_id is integer, and users.id, which it references, is bigint',
        help: 'Give both columns the type bigint.',
        table: 'posts',
        sql: statement,
      },
    ])
  })

  test.each([
    [
      'the key that is not named',
      'ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES users',
      'posts.user_id is integer',
    ],
    ['a new column', 'ALTER TABLE posts ADD owner integer REFERENCES users', 'posts.owner is integer'],
    ['a new table', 'CREATE TABLE a (id integer, u integer, FOREIGN KEY (u) REFERENCES users)', 'a.u is integer'],
    [
      'a shorter text',
      'ALTER TABLE posts ADD FOREIGN KEY (code) REFERENCES users (code)',
      'posts.code is character varying(10)',
    ],
    ['a key that gets a larger type', 'ALTER TABLE users ALTER id TYPE numeric', 'posts.big is bigint'],
  ])('knows %s', async (_, sql, reason) => {
    const before = { up: [...tables.up, 'ALTER TABLE posts ADD big bigint REFERENCES users'] }
    const found = await lint('postgres', keyTypeMismatch, [before, { up: [sql] }])
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining(reason)])
  })

  test.each([
    ['label', 'users (key)', 'posts.label is text, and users.key, which it references, is uuid'],
    ['n', 'users', 'posts.n is numeric, and users.id, which it references, is bigint'],
  ])('finds types between which the server refuses a foreign key: %s', async (column, key, reason) => {
    const before = { up: [...tables.up, 'ALTER TABLE posts ADD n numeric'] }
    const sql = `ALTER TABLE posts ADD FOREIGN KEY (${column}) REFERENCES ${key}`
    expect(await lint('postgres', keyTypeMismatch, [before, { up: [sql] }])).toMatchObject([
      { severity: 'error', message: `the server refuses a foreign key between these types: ${reason}` },
    ])
  })

  test.each([
    ['the types are the same', ['ALTER TABLE posts ADD FOREIGN KEY (key) REFERENCES users (key)']],
    ['the type holds more', ['ALTER TABLE posts ADD FOREIGN KEY (label) REFERENCES users (code)']],
    ['the other table is not known', ['ALTER TABLE posts ADD FOREIGN KEY (label) REFERENCES others (id)']],
    [
      'a later statement of the revision gives both the same type',
      [statement, 'ALTER TABLE posts ALTER user_id TYPE bigint'],
    ],
    ['a type is not known here', ['ALTER TABLE posts ADD s state REFERENCES users (code)']],
    ['another column gets another type', [`ALTER TABLE users ALTER code TYPE text`]],
  ])('finds nothing if %s', async (_, up) => {
    expect(await lint('postgres', keyTypeMismatch, [tables, { up }])).toEqual([])
  })

  test('finds nothing in a downgrade, which restores the types before', async () => {
    const revision = { down: ['ALTER TABLE posts ALTER big TYPE integer', statement] }
    const before = { up: [...tables.up, 'ALTER TABLE posts ADD big bigint REFERENCES users'] }
    expect(await lint('postgres', keyTypeMismatch, [before, revision])).toEqual([])
  })
})
