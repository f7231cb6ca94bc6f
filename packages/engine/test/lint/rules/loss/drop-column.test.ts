import { dropColumn } from '../../../../src/lint/rules/loss/drop-column'
import { lint, type TestRevision } from '../../support'

const users: TestRevision = { up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" text, "nick" text)'] }
const dialects = ['postgres', 'sqlite'] as const
const drop = 'ALTER TABLE "users" DROP COLUMN "name"'

describe('drop-column', () => {
  test.each(dialects)('finds a column that existed before on %s', async (dialect) => {
    expect(await lint(dialect, dropColumn, [users, { up: [drop] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'dropping users.name loses its values, and code that still selects it fails',
        help:
          'First remove it from the entity and release that, and drop it in a later revision. With `upgrade --keep-dropped`, its ' +
          'values are set aside, and a downgrade gives them back.',
        table: 'users',
        sql: drop,
      },
    ])
  })

  test.each(dialects)('finds a column of a table of which nothing is known on %s', async (dialect) => {
    expect(await lint(dialect, dropColumn, [{ up: ['ALTER TABLE Users DROP Name'] }])).toHaveLength(1)
  })

  test('finds every column of an ALTER TABLE with several parts', async () => {
    const up = ['ALTER TABLE app.users DROP a, ADD x int, DROP COLUMN IF EXISTS "B" CASCADE']
    const found = await lint('postgres', dropColumn, [{ up }])
    expect(found.map(({ message }) => message.split(' ')[1])).toEqual(['app.users.a', 'app.users.B'])
  })

  test.each(dialects)('tells that a generated column stores no values on %s', async (dialect) => {
    const made = { up: ['CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED)'] }
    expect(await lint(dialect, dropColumn, [made, { up: ['ALTER TABLE t DROP COLUMN b'] }])).toMatchObject([
      { severity: 'warning', message: 'code that still selects t.b fails when it is dropped' },
    ])
  })

  test.each(dialects)('finds nothing for a generated column that gets another expression on %s', async (dialect) => {
    const made = { up: ['CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED)'] }
    const up = ['ALTER TABLE t DROP COLUMN b', 'ALTER TABLE t ADD COLUMN b int GENERATED ALWAYS AS (a * 3) VIRTUAL']
    expect(await lint(dialect, dropColumn, [made, { up }])).toEqual([])
  })

  test('finds columns that go with a type', async () => {
    const found = await lint('postgres', dropColumn, [
      { up: ['DROP TYPE app.mood CASCADE', 'DROP DOMAIN small CASCADE', 'ALTER TYPE pair DROP ATTRIBUTE x CASCADE'] },
    ])
    expect(found.map(({ message }) => message)).toEqual([
      'dropping type app.mood with CASCADE also drops the columns that depend on it, with their values',
      'dropping domain small with CASCADE also drops the columns that depend on it, with their values',
      'dropping attribute x of type pair loses its values in every column of that type',
    ])
  })

  test('finds a column that a rebuild does not copy', async () => {
    const up = [
      'CREATE TABLE n (id integer PRIMARY KEY, title text)',
      'INSERT INTO n (id, title) SELECT id, name FROM users',
      'DROP TABLE users',
      'ALTER TABLE n RENAME TO users',
    ]
    expect(await lint('sqlite', dropColumn, [users, { up }])).toMatchObject([
      {
        message: expect.stringContaining('dropping users.nick loses its values'),
        table: 'users',
        sql: 'DROP TABLE users',
      },
    ])
  })

  test('warns of a rebuild of a table whose columns are not known', async () => {
    const up = [
      'CREATE TABLE n (id integer PRIMARY KEY)',
      'INSERT INTO n (id) SELECT id FROM users',
      'DROP TABLE users',
      'ALTER TABLE n RENAME TO users',
    ]
    expect(await lint('sqlite', dropColumn, [{ up }])).toMatchObject([
      {
        severity: 'warning',
        message: 'rebuilding users loses the columns that are not copied, and which these are is not known',
      },
    ])
  })

  test.each(dialects)('finds a column of an earlier revision in a downgrade on %s', async (dialect) => {
    const found = await lint(dialect, dropColumn, [users, { down: [drop] }])
    expect(found).toMatchObject([{ direction: 'down', severity: 'warning' }])
  })

  describe.each(dialects)('on %s', (dialect) => {
    test.each<[string, TestRevision[]]>([
      ['a column of a table of the same revision', [{ up: [...(users.up ?? []), drop] }]],
      ['a column of the same revision', [users, { up: ['ALTER TABLE users ADD x text', 'ALTER TABLE users DROP x'] }]],
      [
        'the column that the upgrade added in its downgrade',
        [users, { up: ['ALTER TABLE users ADD x text'], down: ['ALTER TABLE users DROP COLUMN x'] }],
      ],
      ['a column of a table that the upgrade made in its downgrade', [{ ...users, down: [drop, 'DROP TABLE users'] }]],
      ['a constraint', [users, { up: ['ALTER TABLE users DROP CONSTRAINT name'] }]],
      ['a column that is renamed', [users, { up: ['ALTER TABLE users RENAME COLUMN name TO title'] }]],
    ])('finds nothing for %s', async (_, revisions) => {
      expect(await lint(dialect, dropColumn, revisions)).toEqual([])
    })
  })

  test.each([
    ['ALTER TABLE users DROP COLUMN IF EXISTS gone'],
    ['ALTER TABLE users ALTER name DROP DEFAULT, ALTER name DROP NOT NULL'],
    ['DROP TYPE mood'],
    ['DROP VIEW v CASCADE'],
  ])('finds nothing on PostgreSQL for %s', async (sql) => {
    expect(await lint('postgres', dropColumn, [users, { up: [sql] }])).toEqual([])
  })

  test('finds nothing in the downgrade for a column that the upgrade added IF NOT EXISTS', async () => {
    const add = 'ALTER TABLE users ADD COLUMN IF NOT EXISTS'
    const revision = { up: [`${add} x text`, `${add} name text`], down: ['ALTER TABLE users DROP x, DROP name'] }
    expect(await lint('postgres', dropColumn, [users, revision])).toMatchObject([
      { message: expect.stringMatching(/^dropping users\.name /) },
    ])
  })

  test('finds nothing for a column that was set aside and whose values were copied back', async () => {
    const aside = ['ALTER TABLE users RENAME COLUMN name TO name_old', 'ALTER TABLE users ADD COLUMN name text']
    const copy = "UPDATE users SET name = coalesce(name_old, '')"
    const drop = 'ALTER TABLE users DROP COLUMN name_old'
    expect(await lint('postgres', dropColumn, [users, { up: [...aside, copy, drop] }])).toEqual([])
    for (const up of [
      [...aside, drop],
      [...aside, `${copy} WHERE id > 5`, drop],
      [...aside, "UPDATE users SET name = ''", drop],
    ])
      expect(await lint('postgres', dropColumn, [users, { up }])).toHaveLength(1)
  })

  test('finds nothing in a rebuild that copies every column, or computes some', async () => {
    const up = [
      'CREATE TABLE n (id integer PRIMARY KEY, title text, nick text)',
      'INSERT INTO n (id, title, nick) SELECT id, name, upper(nick) FROM users',
      'DROP TABLE users',
      'ALTER TABLE n RENAME TO users',
    ]
    expect(await lint('sqlite', dropColumn, [users, { up }])).toEqual([])
  })
})
