import { duplicateColumn } from '../../../../src/lint/rules/hygiene/duplicate-column'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "users" ("id" integer, "name" text)'] }
const statement = 'CREATE TABLE "posts" ("id" integer, "title" text, "id" bigint)'

describe('duplicate-column', () => {
  test('finds a column that a new table has twice', async () => {
    expect(await lint('postgres', duplicateColumn, [{ up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'the statement fails: posts has column id already',
        help: 'Declare it once.',
        table: 'posts',
        sql: statement,
      },
    ])
  })

  test.each([
    ['ALTER TABLE app.t ADD a text, ADD a text', 'the statement fails: app.t has column a already'],
    ['UPDATE users SET name = 1, id = 2, name = 3', 'the statement fails: it assigns users.name twice'],
    ['INSERT INTO users (id, name, id) VALUES (1, 2, 3)', 'the statement fails: it assigns users.id twice'],
    [
      'INSERT INTO users (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = 1, name = 2',
      'the statement fails: it assigns users.name twice',
    ],
    [
      'ALTER TABLE users ADD CONSTRAINT u UNIQUE (id, name, id)',
      'the statement fails: column id is twice in constraint u of users',
    ],
    ['CREATE TABLE t (a integer, PRIMARY KEY (a, a))', 'the statement fails: column a is twice in a constraint of t'],
  ])('finds it in: %s', async (sql, message) => {
    expect(await lint('postgres', duplicateColumn, [table, { up: [sql] }])).toMatchObject([
      { severity: 'error', message },
    ])
  })

  test('finds a column that an earlier statement of the revision has added', async () => {
    const up = ['ALTER TABLE users ADD a text', 'ALTER TABLE users ADD a text']
    expect(await lint('postgres', duplicateColumn, [table, { up }])).toMatchObject([
      { help: 'An earlier statement of this revision adds it: leave one of them out.' },
    ])
  })

  test('warns of a column that an index has twice', async () => {
    const found = await lint('postgres', duplicateColumn, [
      table,
      { up: ['CREATE INDEX ix ON users (id, name, id DESC)'] },
    ])
    expect(found).toMatchObject([
      { severity: 'warning', message: 'column id is twice in index ix of users, which does not help any query' },
    ])
  })

  test.each([
    ['two tables', ['ALTER TABLE a ADD x text', 'ALTER TABLE b ADD x text']],
    ['names that differ in case', ['CREATE TABLE t (a text, "A" text)']],
    ['IF NOT EXISTS', ['ALTER TABLE users ADD a text', 'ALTER TABLE users ADD IF NOT EXISTS a text']],
    [
      'a column that is dropped and added',
      ['ALTER TABLE users ADD a text', 'ALTER TABLE users DROP a', 'ALTER TABLE users ADD a date'],
    ],
    ['elements of an array', ['UPDATE users SET name[1] = 1, name[2] = 2']],
    ['two operator classes of an index', ['CREATE INDEX ON users (name, name text_pattern_ops)']],
    ['two expressions of an index', ['CREATE INDEX ON users (lower(name), lower(name))']],
    [
      'a type that is changed twice',
      ['ALTER TABLE users ALTER id TYPE bigint', 'ALTER TABLE users ALTER id TYPE numeric'],
    ],
  ])('finds nothing in %s', async (_, up) => {
    expect(await lint('postgres', duplicateColumn, [table, { up }])).toEqual([])
  })

  test('finds nothing in a downgrade that adds what the upgrade has dropped', async () => {
    const revision = { up: ['ALTER TABLE users DROP name'], down: ['ALTER TABLE users ADD name text'] }
    expect(await lint('postgres', duplicateColumn, [table, revision])).toEqual([])
  })
})
