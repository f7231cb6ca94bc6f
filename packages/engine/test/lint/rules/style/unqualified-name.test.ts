import { unqualifiedName } from '../../../../src/lint/rules/style/unqualified-name'
import { lint } from '../../support'

describe('unqualified-name', () => {
  test('notes a table without its schema', async () => {
    const statement = 'CREATE TABLE "a" ("id" integer)'
    expect(await lint('postgres', unqualifiedName, [{ up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'info',
        message: 'a is looked up in the search path of the session that runs the revision',
        help: 'Name its schema, too, or set the search path in the revision.',
        sql: statement,
      },
    ])
  })

  test.each([
    ['ALTER TABLE a ADD b text', ['a']],
    ['CREATE INDEX ON a (b)', ['a']],
    ['DROP TABLE a, app.b, c', ['a', 'c']],
    ['DROP TYPE a', ['a']],
    ['CREATE VIEW a AS SELECT 1', ['a']],
    [`CREATE TYPE a AS ENUM ('x')`, ['a']],
    [`CREATE FUNCTION a() RETURNS integer AS 'SELECT 1' LANGUAGE sql`, ['a']],
    ['ALTER TABLE a RENAME TO b', ['a']],
  ])('notes: %s', async (sql, names) => {
    const found = await lint('postgres', unqualifiedName, [{ up: [sql] }])
    expect(found.map(({ message }) => message.split(' ')[0])).toEqual(names)
  })

  test.each([
    'CREATE TABLE app.a (id integer)',
    'CREATE TEMP TABLE a (id integer)',
    'CREATE TABLE public.a (id integer)',
    'DROP INDEX app.a',
    'CREATE SCHEMA app',
    'SELECT 1',
  ])('finds nothing in: %s', async (sql) => {
    expect(await lint('postgres', unqualifiedName, [{ up: [sql] }])).toEqual([])
  })
})
