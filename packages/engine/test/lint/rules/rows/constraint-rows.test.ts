import { constraintRows } from '../../../../src/lint/rules/rows/constraint-rows'
import { lint } from '../../support'

const tables = {
  up: [
    'CREATE TABLE "users" ("id" integer PRIMARY KEY, "age" integer, "boss" integer)',
    'CREATE TABLE "posts" ("id" integer PRIMARY KEY, "user_id" integer)',
  ],
}
const key = 'ALTER TABLE "posts" ADD CONSTRAINT "fk_posts_user" FOREIGN KEY ("user_id") REFERENCES "users"'
const check = `ALTER TABLE "users" ADD CONSTRAINT "chk_age" CHECK ("age" > 0 OR (age) = -1)`

describe('constraint-rows', () => {
  test('warns of rows without a referenced row, and shows the query that counts them', async () => {
    expect(await lint('postgres', constraintRows, [tables, { up: [key] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message: 'adding constraint fk_posts_user fails if a row of posts has a user_id that is not in users',
        help:
          'Count such rows in every database: SELECT count(*) FROM "posts" AS c WHERE c."user_id" IS NOT NULL ' +
          'AND NOT EXISTS (SELECT FROM "users" AS p WHERE p."id" = c."user_id"). Change them in an earlier revision.',
        table: 'posts',
        sql: key,
      },
    ])
  })

  test('warns of rows that violate a check', async () => {
    expect(await lint('postgres', constraintRows, [tables, { up: [check] }])).toMatchObject([
      {
        message: 'adding constraint chk_age fails if a row of users violates it',
        help: 'Count such rows in every database: SELECT count(*) FROM "users" WHERE NOT ("age" > 0 OR (age) = -1). Change them in an earlier revision.',
      },
    ])
  })

  test.each([
    [
      'a key of several columns',
      'ALTER TABLE a ADD FOREIGN KEY (x, y) REFERENCES s.b (p, q)',
      /p\."p" = c\."x" AND p\."q" = c\."y"/,
    ],
    [
      'a table whose key is not known',
      'ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES others',
      /^Look for such rows/,
    ],
    [
      'a check among other commands',
      'ALTER TABLE users DROP boss, ADD CHECK (age IN (1, 2)), ADD z text',
      /WHERE NOT \(age IN \(1, 2\)\)\./,
    ],
    ['an exclusion constraint', 'ALTER TABLE users ADD EXCLUDE USING gist (age WITH =)', /^Look for such rows/],
    ['a new column with a default', 'ALTER TABLE posts ADD a integer DEFAULT 1 REFERENCES users', /c\."a" IS NOT NULL/],
    [
      'a new column that must not be NULL',
      'ALTER TABLE users ADD a integer, ADD CHECK (a IS NOT NULL)',
      /NOT \(a IS NOT NULL\)/,
    ],
    ['a new and an old column', 'ALTER TABLE users ADD a integer, ADD CHECK (a > age)', /NOT \(a > age\)/],
  ])('knows %s', async (_, sql, help) => {
    const found = await lint('postgres', constraintRows, [tables, { up: [sql] }])
    expect(found.map((one) => one.help)).toEqual([expect.stringMatching(help)])
  })

  test.each([
    [
      'that was not validated',
      [{ up: [...tables.up, `${key} NOT VALID`] }, { up: ['ALTER TABLE posts DROP CONSTRAINT fk_posts_user', key] }],
    ],
    [
      'of another column',
      [
        { up: [...tables.up, key] },
        { up: ['ALTER TABLE posts DROP CONSTRAINT fk_posts_user, ADD FOREIGN KEY (id) REFERENCES users'] },
      ],
    ],
    [
      'to another table',
      [
        { up: [...tables.up, key] },
        { up: ['ALTER TABLE posts DROP CONSTRAINT fk_posts_user, ADD FOREIGN KEY (user_id) REFERENCES x (id)'] },
      ],
    ],
  ])('warns where a key replaces one %s', async (_, revisions) => {
    expect(await lint('postgres', constraintRows, revisions)).toHaveLength(1)
  })

  test.each([
    ['DELETE FROM posts WHERE user_id NOT IN (SELECT id FROM users)', key, 'info'],
    ['UPDATE posts SET user_id = NULL WHERE user_id = 0', key, 'info'],
    ['UPDATE users SET age = 1 WHERE age < 1', check, 'info'],
    ['UPDATE posts SET id = 1', key, 'warning'],
    ['DELETE FROM users', key, 'warning'],
    ['UPDATE users SET boss = 1', check, 'warning'],
  ])('judges what %s has cleaned up before %s: %s', async (before, statement, severity) => {
    const found = await lint('postgres', constraintRows, [tables, { up: [before, statement] }])
    expect(found.map((one) => one.severity)).toEqual([severity])
  })

  test('notes that a validation fails on the same rows', async () => {
    const added = { up: [...tables.up, `${key} NOT VALID`] }
    const up = ['ALTER TABLE posts VALIDATE CONSTRAINT fk_posts_user', 'ALTER TABLE other VALIDATE CONSTRAINT c']
    expect(await lint('postgres', constraintRows, [added, { up }])).toMatchObject([
      {
        severity: 'info',
        message: 'validating constraint fk_posts_user fails if a row of posts has a user_id that is not in users',
        help: expect.stringContaining('p."id" = c."user_id"'),
      },
      { severity: 'info', message: 'validating constraint c fails if a row of other violates it' },
    ])
  })

  test.each([
    ['has a name that its author chose', 'fk_user', 'posts'],
    ['was a key of another table', 'FK_445d00eaaea0e60a017a5ed0c11', 'other'],
  ])('warns of a key that %s and was dropped in the same revision', async (_, name, table) => {
    const up = [
      `ALTER TABLE ${table} DROP CONSTRAINT "${name}"`,
      `ALTER TABLE posts ADD CONSTRAINT "${name}" FOREIGN KEY (user_id) REFERENCES users`,
    ]
    expect(await lint('postgres', constraintRows, [tables, { up }])).toHaveLength(1)
  })

  test('warns in a downgrade of rows that were written since', async () => {
    const revision = { up: ['ALTER TABLE users DROP CONSTRAINT chk_age'], down: [check] }
    const found = await lint('postgres', constraintRows, [{ up: [...tables.up, check] }, revision])
    expect(found).toMatchObject([{ direction: 'down', severity: 'warning' }])
  })

  test.each([
    ['the table is of the same revision', [{ up: [...tables.up, key, check] }]],
    ['the rows are not checked yet', [tables, { up: [`${key} NOT VALID`, `${check} NOT VALID`] }]],
    ['the column of the key is new', [tables, { up: ['ALTER TABLE posts ADD a integer REFERENCES users'] }]],
    [
      'the column of the key is new, and the key follows',
      [tables, { up: ['ALTER TABLE posts ADD a integer', 'ALTER TABLE posts ADD FOREIGN KEY (a) REFERENCES users'] }],
    ],
    [
      'the column of the check is new',
      [
        tables,
        {
          up: [
            'ALTER TABLE users ADD a integer CHECK (a > 0)',
            'ALTER TABLE users ADD b integer DEFAULT 1 CHECK (b > 0)',
          ],
        },
      ],
    ],
    [
      'the same key gets another action',
      [
        { up: [...tables.up, key] },
        {
          up: [
            'ALTER TABLE posts DROP CONSTRAINT fk_posts_user',
            'ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE',
          ],
        },
      ],
    ],
    [
      'one statement replaces the key',
      [
        { up: [...tables.up, key] },
        { up: ['ALTER TABLE posts DROP CONSTRAINT fk_posts_user, ADD FOREIGN KEY (user_id) REFERENCES users'] },
      ],
    ],
    [
      'a key of which only the name is known is added again under it, which TypeORM derives from its columns',
      [
        tables,
        {
          up: [
            'ALTER TABLE posts DROP CONSTRAINT "FK_445d00eaaea0e60a017a5ed0c11"',
            'ALTER TABLE posts ADD CONSTRAINT "FK_445d00eaaea0e60a017a5ed0c11" FOREIGN KEY (user_id) REFERENCES users',
          ],
        },
      ],
    ],
    [
      'the key is added again after its column has another name',
      [
        { up: [...tables.up, key] },
        {
          up: [
            'ALTER TABLE posts DROP CONSTRAINT fk_posts_user',
            'ALTER TABLE posts RENAME user_id TO author_id',
            'ALTER TABLE posts ADD FOREIGN KEY (author_id) REFERENCES users',
          ],
        },
      ],
    ],
    ['the check is not enforced', [tables, { up: ['ALTER TABLE users ADD CHECK (age > 0) NOT ENFORCED'] }]],
    ['it is unique', [tables, { up: ['ALTER TABLE users ADD UNIQUE (age)'] }]],
    [
      'a filled column is proved not to be NULL',
      [
        tables,
        {
          up: [
            'UPDATE users SET age = 0 WHERE age IS NULL',
            'ALTER TABLE users ADD CONSTRAINT c CHECK (age IS NOT NULL) NOT VALID',
            'ALTER TABLE users VALIDATE CONSTRAINT c',
          ],
        },
      ],
    ],
    [
      'it is valid already',
      [
        { up: [...tables.up, 'ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0)'] },
        { up: ['ALTER TABLE users VALIDATE CONSTRAINT c'] },
      ],
    ],
  ])('finds nothing if %s', async (_, revisions) => {
    expect(await lint('postgres', constraintRows, revisions)).toEqual([])
  })
})
