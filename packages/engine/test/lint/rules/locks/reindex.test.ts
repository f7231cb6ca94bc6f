import { reindex } from '../../../../src/lint/rules/locks/reindex'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "orders" ("id" integer)', 'CREATE INDEX "ix" ON "orders" ("id")'] }

describe('reindex', () => {
  test('finds the indexes of a table that are rebuilt, and shows the statement that blocks nobody', async () => {
    const statement = 'REINDEX (VERBOSE) TABLE "orders"'
    expect(await lint('postgres', reindex, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'rebuilding the indexes of orders blocks writes, and reads that would use it, until it is done',
        help: 'Rebuild it CONCURRENTLY, in a revision of its own with `transaction = false`.',
        instead: ['REINDEX (VERBOSE) TABLE CONCURRENTLY "orders"'],
        table: 'orders',
        sql: statement,
      },
    ])
  })

  test('names the table of an index if it is known', async () => {
    expect(await lint('postgres', reindex, [table, { up: ['REINDEX INDEX ix'] }])).toMatchObject([
      { table: 'orders', message: expect.stringMatching(/^rebuilding index ix blocks/) as string },
    ])
    const [unknown] = await lint('postgres', reindex, [{ down: ['REINDEX INDEX s.ix'] }])
    expect(unknown).toMatchObject({ severity: 'warning', instead: ['REINDEX INDEX CONCURRENTLY s.ix'] })
    expect(unknown?.table).toBeUndefined()
  })

  test('finds a schema, a database and the system catalogs, which have no other form', async () => {
    const up = ['REINDEX SCHEMA s', 'REINDEX DATABASE d', 'REINDEX SYSTEM d']
    const found = await lint('postgres', reindex, [{ up, transaction: false }])
    expect(found.map(({ instead }) => instead?.[0])).toEqual([
      'REINDEX SCHEMA CONCURRENTLY s',
      'REINDEX DATABASE CONCURRENTLY d',
      undefined,
    ])
  })

  test.each([
    ['CONCURRENTLY', [table, { up: ['REINDEX TABLE CONCURRENTLY orders', 'REINDEX (CONCURRENTLY) INDEX ix'] }]],
    ['for a table of the same revision', [{ up: [...table.up, 'REINDEX TABLE orders', 'REINDEX INDEX ix'] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', reindex, revisions)).toEqual([])
  })
})
