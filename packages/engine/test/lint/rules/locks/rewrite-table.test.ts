import { rewriteTable } from '../../../../src/lint/rules/locks/rewrite-table'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "orders" ("id" integer)'] }
const statement = 'VACUUM (FULL, ANALYZE) "orders"'

describe('rewrite-table', () => {
  test('finds VACUUM FULL of a table', async () => {
    expect(await lint('postgres', rewriteTable, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'VACUUM FULL rewrites orders while nobody can read or write it',
        help: 'pg_repack does the same while the table is in use. Plain VACUUM makes the space usable again and blocks nobody.',
        table: 'orders',
        sql: statement,
      },
    ])
  })

  test.each([
    ['VACUUM FULL a, s.b', ['a', 's.b']],
    ['VACUUM FULL', [undefined]],
    ['CLUSTER orders USING ix', ['orders']],
    ['CLUSTER', [undefined]],
    ['ALTER TABLE orders ADD x integer, SET UNLOGGED', ['orders']],
    ['ALTER TABLE orders SET TABLESPACE fast', ['orders']],
    ['ALTER TABLE orders SET ACCESS METHOD heap2', ['orders']],
  ])('finds %s', async (sql, tables) => {
    expect((await lint('postgres', rewriteTable, [table, { up: [sql] }])).map((found) => found.table)).toEqual(tables)
  })

  test('is a warning in a downgrade, and a note where the table is small', async () => {
    const revisions = [table, { up: [statement], down: [statement] }]
    const severities = async (orders: number) =>
      (await lint('postgres', rewriteTable, revisions, { rows: { orders } })).map(({ severity }) => severity)
    expect(await severities(1_000_000)).toEqual(['error', 'warning'])
    expect(await severities(10)).toEqual(['info', 'info'])
  })

  test.each([
    [
      'for a table of the same revision',
      [{ up: [...table.up, 'CLUSTER orders USING ix', 'ALTER TABLE orders SET LOGGED'] }],
    ],
    ['for plain VACUUM', [table, { up: ['VACUUM (ANALYZE) orders', 'VACUUM (FULL false) orders'] }]],
    ['for ANALYZE', [table, { up: ['ANALYZE orders'] }]],
    ['for a mark of CLUSTER', [table, { up: ['ALTER TABLE orders CLUSTER ON ix'] }]],
    ['for options', [table, { up: ['ALTER TABLE orders SET (fillfactor = 70)'] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', rewriteTable, revisions)).toEqual([])
  })
})
