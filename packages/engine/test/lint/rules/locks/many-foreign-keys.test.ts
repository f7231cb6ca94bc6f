import { manyForeignKeys } from '../../../../src/lint/rules/locks/many-foreign-keys'
import { lint } from '../../support'

const tables = { up: ['a', 'b', 'c', 'd'].map((name) => `CREATE TABLE ${name} (id integer PRIMARY KEY, x integer)`) }
const [toB, toC] = ['b', 'c'].map((name) => `ALTER TABLE "a" ADD FOREIGN KEY ("x") REFERENCES "${name}" NOT VALID`) as [
  string,
  string,
]

describe('many-foreign-keys', () => {
  test('finds foreign keys that lock several tables, at the statement that makes them too many', async () => {
    const up = [toB, toC, 'ALTER TABLE d ADD FOREIGN KEY (x) REFERENCES a NOT VALID']
    expect(await lint('postgres', manyForeignKeys, [tables, { up }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message: 'foreign keys lock a, b, c in one transaction: others wait for all of them, and can deadlock with it',
        help: 'Split them into several revisions, each of which has its own transaction.',
        sql: toC,
      },
    ])
  })

  test('finds a new table that refers to several', async () => {
    const up = ['CREATE TABLE e (a integer REFERENCES a, b integer REFERENCES b, FOREIGN KEY (a) REFERENCES c)']
    expect(await lint('postgres', manyForeignKeys, [tables, { up }])).toHaveLength(1)
  })

  test('finds several tables that are dropped', async () => {
    expect(
      await lint('postgres', manyForeignKeys, [tables, { up: ['DROP TABLE a', 'DROP TABLE b', 'DROP TABLE c'] }]),
    ).toMatchObject([
      { sql: 'DROP TABLE b', message: expect.stringMatching(/^dropped tables lock a, b in one transaction/) as string },
    ])
    expect(await lint('postgres', manyForeignKeys, [{ down: ['DROP TABLE IF EXISTS s.a, s.b'] }])).toMatchObject([
      { direction: 'down', severity: 'warning' },
    ])
  })

  test.each([
    ['for one foreign key', [tables, { up: [toB] }]],
    ['for several between two tables', [tables, { up: [toB, toB, 'ALTER TABLE b ADD FOREIGN KEY (x) REFERENCES a'] }]],
    ['between new tables', [{ up: [...tables.up, toB, toC, 'ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES d'] }]],
    ['outside a transaction', [tables, { up: [toB, toC], transaction: false as const }]],
    ['for one table that is dropped', [tables, { up: ['DROP TABLE a'] }]],
    ['in the downgrade of a revision that creates the tables', [{ ...tables, down: ['DROP TABLE a', 'DROP TABLE b'] }]],
    ['for views that are dropped', [tables, { up: ['DROP VIEW v, w'] }]],
    ['for other constraints', [tables, { up: ['a', 'b', 'c'].map((name) => `ALTER TABLE ${name} ADD CHECK (x > 0)`) }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', manyForeignKeys, revisions)).toEqual([])
  })
})
