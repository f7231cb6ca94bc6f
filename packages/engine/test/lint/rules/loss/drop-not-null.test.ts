import { dropNotNull } from '../../../../src/lint/rules/loss/drop-not-null'
import { lint, type TestRevision } from '../../support'

const users: TestRevision = { up: ['CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, nick text)'] }
const drop = 'ALTER TABLE "users" ALTER COLUMN "name" DROP NOT NULL'
const dialects = ['postgres', 'sqlite'] as const
const rebuild = (columns: string): string[] => [
  `CREATE TABLE n (id integer PRIMARY KEY, ${columns})`,
  'INSERT INTO n (id, name, nick) SELECT id, name, nick FROM users',
  'DROP TABLE users',
  'ALTER TABLE n RENAME TO users',
]

describe('drop-not-null', () => {
  test.each(dialects)('finds a column that may be NULL from now on, on %s', async (dialect) => {
    expect(await lint(dialect, dropNotNull, [users, { up: [drop] }])).toEqual([
      {
        direction: 'up',
        severity: 'info',
        message: 'code that reads users.name may meet NULL',
        help: 'Release code that handles NULL before code that writes it.',
        table: 'users',
        sql: drop,
      },
    ])
  })

  test.each(dialects)('finds it in a table of which nothing is known on %s', async (dialect) => {
    expect(await lint(dialect, dropNotNull, [{ up: [drop] }])).toHaveLength(1)
  })

  test('finds a rebuild without it', async () => {
    expect(await lint('sqlite', dropNotNull, [users, { up: rebuild('name text, nick text') }])).toMatchObject([
      { message: 'code that reads users.name may meet NULL', table: 'users', sql: 'ALTER TABLE n RENAME TO users' },
    ])
  })

  test.each(dialects)('finds nothing in a downgrade, which returns to code that knows NULL, on %s', async (dialect) => {
    const up = ['ALTER TABLE users ALTER name SET NOT NULL']
    expect(await lint(dialect, dropNotNull, [users, { up, down: [drop] }])).toEqual([])
  })

  describe.each(dialects)('on %s', (dialect) => {
    test.each<[string, TestRevision[]]>([
      ['a table of the same revision', [{ up: [...(users.up ?? []), drop] }]],
      ['a column that may be NULL already', [users, { up: ['ALTER TABLE users ALTER nick DROP NOT NULL'] }]],
      ['SET NOT NULL', [users, { up: ['ALTER TABLE users ALTER nick SET NOT NULL'] }]],
    ])('finds nothing for %s', async (_, revisions) => {
      expect(await lint(dialect, dropNotNull, revisions)).toEqual([])
    })
  })

  test('finds nothing in a rebuild that keeps it', async () => {
    const up = rebuild('name varchar NOT NULL, nick text')
    expect(await lint('sqlite', dropNotNull, [users, { up }])).toEqual([])
  })
})
