import { smallKey } from '../../../../src/lint/rules/style/small-key'
import { lint } from '../../support'

const statement = 'CREATE TABLE "a" ("id" integer PRIMARY KEY)'

describe('small-key', () => {
  test('notes a key of 32 bits', async () => {
    expect(await lint('postgres', smallKey, [{ up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'info',
        message: 'inserts into a fail once id reaches 2,147,483,647, and a larger type then rewrites the table',
        help: 'Use bigint, unless the table is known to stay small.',
        table: 'a',
        sql: statement,
      },
    ])
  })

  test.each([
    'CREATE TABLE s.a (id serial, CONSTRAINT pk PRIMARY KEY (id))',
    'CREATE TABLE a (id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)',
    'ALTER TABLE known ADD PRIMARY KEY (n)',
    'ALTER TABLE known ADD id serial PRIMARY KEY',
  ])('notes it in: %s', async (sql) => {
    expect(await lint('postgres', smallKey, [{ up: ['CREATE TABLE known (n integer)'] }, { up: [sql] }])).toHaveLength(
      1,
    )
  })

  test.each([
    ['a larger type', { up: ['CREATE TABLE a (id bigserial PRIMARY KEY)'] }],
    ['another kind of type', { up: ['CREATE TABLE a (id uuid PRIMARY KEY)'] }],
    ['a key of several columns', { up: ['CREATE TABLE a (b integer, c integer, PRIMARY KEY (b, c))'] }],
    ['a column that is no key', { up: ['CREATE TABLE a (b integer UNIQUE, c integer)'] }],
    ['a type that is not known', { up: ['ALTER TABLE unknown ADD PRIMARY KEY (id)'] }],
    ['a downgrade', { down: [statement] }],
  ])('finds nothing in %s', async (_, revision) => {
    expect(await lint('postgres', smallKey, [revision])).toEqual([])
  })
})
