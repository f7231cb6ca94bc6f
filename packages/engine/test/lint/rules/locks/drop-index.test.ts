import { dropIndex } from '../../../../src/lint/rules/locks/drop-index'
import { lint } from '../../support'

const table = {
  up: ['CREATE TABLE "orders" ("id" integer, "email" text)', 'CREATE INDEX "ix_email" ON "orders" ("email")'],
}
const statement = 'DROP INDEX "ix_email"'

describe('drop-index', () => {
  test('finds an index of a table that exists, and shows the statement that blocks nobody', async () => {
    expect(await lint('postgres', dropIndex, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message: 'dropping index ix_email waits for every query on orders, and all later ones wait behind it',
        help: 'Drop it CONCURRENTLY, in a revision of its own with `transaction = false`.',
        instead: ['DROP INDEX CONCURRENTLY "ix_email"'],
        table: 'orders',
        sql: statement,
      },
    ])
  })

  test('finds each of several indexes of which nothing is known', async () => {
    expect(await lint('postgres', dropIndex, [{ up: ['DROP INDEX IF EXISTS a, s."B"'] }])).toMatchObject([
      { instead: ['DROP INDEX CONCURRENTLY IF EXISTS "a"'] },
      {
        message: 'dropping index s.B waits for every query on its table, and all later ones wait behind it',
        instead: ['DROP INDEX CONCURRENTLY IF EXISTS "s"."B"'],
      },
    ])
  })

  test('shows no statement for CASCADE, which CONCURRENTLY does not take', async () => {
    const [found] = await lint('postgres', dropIndex, [table, { up: [`${statement} CASCADE`], transaction: false }])
    expect(found?.help).toBe('Drop it CONCURRENTLY.')
    expect(found?.instead).toBeUndefined()
  })

  test('notes it in the downgrade of a revision that adds the index to a table that exists', async () => {
    const revision = { up: ['CREATE INDEX "ix_id" ON orders (id)'], down: ['DROP INDEX "ix_id"'] }
    expect(await lint('postgres', dropIndex, [table, revision])).toMatchObject([
      { direction: 'down', severity: 'info', table: 'orders' },
    ])
  })

  test.each([
    ['CONCURRENTLY', [table, { up: ['DROP INDEX CONCURRENTLY ix_email'] }]],
    ['for a table of the same revision', [{ up: [...table.up, statement] }]],
    ['for an index of the same revision', [table, { up: ['CREATE INDEX b ON orders (id)', 'DROP INDEX b'] }]],
    ['in the downgrade of a revision that creates the table', [{ up: table.up, down: [statement] }]],
    [
      'for a partitioned table, which has no other form',
      [
        { up: ['CREATE TABLE p (a integer) PARTITION BY HASH (a)', 'CREATE INDEX b ON p (a)'] },
        { up: ['DROP INDEX b'] },
      ],
    ],
    ['for another object', [table, { up: ['DROP VIEW ix_email'] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', dropIndex, revisions)).toEqual([])
  })
})
