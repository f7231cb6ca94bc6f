import { ifNotExistsConcurrently } from '../../../../src/lint/rules/locks/if-not-exists-concurrently'
import { lint } from '../../support'

const statement = 'CREATE INDEX CONCURRENTLY IF NOT EXISTS "ix" ON "orders" ("email")'

describe('if-not-exists-concurrently', () => {
  test('finds an index that is accepted even if it is INVALID', async () => {
    expect(await lint('postgres', ifNotExistsConcurrently, [{ up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message:
          'IF NOT EXISTS accepts any index ix that is there, also one of other columns, or an INVALID one that no query uses',
        help: "Leave it out. Aludel drops an INVALID index of that name before it builds one, and resumes after what it has completed; TypeORM's own command line does not.",
        instead: ['CREATE INDEX CONCURRENTLY "ix" ON "orders" ("email")'],
        table: 'orders',
        sql: statement,
      },
    ])
  })

  test('finds it with a schema in a downgrade', async () => {
    const down = ['CREATE UNIQUE INDEX CONCURRENTLY if not exists "IF" ON s.orders (email)']
    expect(await lint('postgres', ifNotExistsConcurrently, [{ down }])).toMatchObject([
      { direction: 'down', table: 's.orders', instead: ['CREATE UNIQUE INDEX CONCURRENTLY "IF" ON s.orders (email)'] },
    ])
  })

  test.each([
    ['without IF NOT EXISTS', [{ up: ['CREATE INDEX CONCURRENTLY ix ON orders (email)'] }]],
    ['without CONCURRENTLY', [{ up: ['CREATE INDEX IF NOT EXISTS ix ON orders (email)'] }]],
    ['for an index that is dropped', [{ up: ['DROP INDEX CONCURRENTLY IF EXISTS ix'] }]],
    ['for a table', [{ up: ['CREATE TABLE IF NOT EXISTS orders ()'] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', ifNotExistsConcurrently, revisions)).toEqual([])
  })
})
