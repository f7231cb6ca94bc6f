import { dropTable } from '../../../../src/lint/rules/loss/drop-table'
import { lint, type TestRevision } from '../../support'

const orders: TestRevision = { up: ['CREATE TABLE "orders" ("id" integer PRIMARY KEY)'] }
const dialects = ['postgres', 'sqlite'] as const

describe('drop-table', () => {
  test.each(dialects)('finds a table that existed before on %s', async (dialect) => {
    expect(await lint(dialect, dropTable, [orders, { up: ['DROP TABLE "orders"'] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'dropping orders deletes all its rows, and code that still uses it fails',
        help:
          'First release code that no longer uses it, and drop it in a later revision. With `upgrade --keep-dropped`, its rows ' +
          'are set aside, and a downgrade gives them back.',
        table: 'orders',
        sql: 'DROP TABLE "orders"',
      },
    ])
  })

  test.each(dialects)('finds a table of which nothing is known, also with IF EXISTS, on %s', async (dialect) => {
    const found = await lint(dialect, dropTable, [{ up: ['DROP TABLE IF EXISTS Orders'] }])
    expect(found).toHaveLength(1)
  })

  test('finds every table of a list, and tells what CASCADE drops', async () => {
    const found = await lint('postgres', dropTable, [{ up: ['DROP TABLE reports."Daily", b CASCADE'] }])
    expect(found.map(({ table, message }) => [table, message])).toEqual([
      [
        'reports.Daily',
        'dropping reports.Daily deletes all its rows, and code that still uses it fails; CASCADE also drops the foreign keys and views that depend on it',
      ],
      ['b', expect.stringContaining('; CASCADE also drops')],
    ])
  })

  test('finds the tables of an extension and of a role', async () => {
    const found = await lint('postgres', dropTable, [
      { up: ['DROP EXTENSION postgis', 'DROP EXTENSION pgcrypto', 'DROP OWNED BY old_role'] },
    ])
    expect(found.map(({ message }) => message)).toEqual([
      'dropping extension postgis deletes all rows of its tables',
      'drop owned by old_role deletes all rows of the tables that they own',
    ])
  })

  test.each(dialects)('finds a table of an earlier revision in a downgrade on %s', async (dialect) => {
    const found = await lint(dialect, dropTable, [orders, { up: ['SELECT 1'], down: ['DROP TABLE orders'] }])
    expect(found).toMatchObject([{ direction: 'down', severity: 'warning', table: 'orders' }])
  })

  test('finds nothing in a downgrade for what nobody knows, if its upgrade is not known', async () => {
    const revision = { unread: 'line 3 has a loop', down: ['DROP TABLE other', 'DROP TABLE orders'] }
    expect(await lint('postgres', dropTable, [orders, revision])).toMatchObject([{ table: 'orders' }])
    expect(await lint('postgres', dropTable, [orders, { down: revision.down }])).toHaveLength(2)
  })

  test.each(dialects)(
    'finds nothing in a downgrade on %s for IF EXISTS and a table that nobody knows',
    async (dialect) => {
      const down = ['DROP TABLE IF EXISTS other', 'DROP TABLE IF EXISTS "orders"']
      expect(await lint(dialect, dropTable, [orders, { down }])).toMatchObject([{ table: 'orders' }])
    },
  )

  test.each(dialects)('finds a table that was renamed before it is dropped on %s', async (dialect) => {
    const up = ['ALTER TABLE orders RENAME TO gone', 'DROP TABLE gone']
    expect(await lint(dialect, dropTable, [orders, { up }])).toMatchObject([{ table: 'gone' }])
  })

  test('finds a table on SQLite of which only some rows are copied', async () => {
    const up = [
      'CREATE TABLE n (id integer)',
      'INSERT INTO n (id) SELECT id FROM orders WHERE id > 5',
      'DROP TABLE orders',
      'ALTER TABLE n RENAME TO orders',
    ]
    expect(await lint('sqlite', dropTable, [orders, { up }])).toMatchObject([{ sql: 'DROP TABLE orders' }])
  })

  describe.each(dialects)('on %s', (dialect) => {
    test.each<[string, TestRevision[]]>([
      ['a table of the same revision', [{ up: [...(orders.up ?? []), 'DROP TABLE orders'] }]],
      ['the table that the upgrade made in its downgrade', [{ ...orders, down: ['DROP TABLE orders'] }]],
      ['a view', [orders, { up: ['DROP VIEW IF EXISTS orders_view'] }]],
      ['an index', [orders, { up: ['DROP INDEX ix_orders'] }]],
    ])('finds nothing for %s', async (_, revisions) => {
      expect(await lint(dialect, dropTable, revisions)).toEqual([])
    })
  })

  test.each([['DROP MATERIALIZED VIEW orders'], ['DROP FOREIGN TABLE orders'], ['DROP TABLE pg_temp.orders']])(
    'finds nothing on PostgreSQL for %s',
    async (sql) => {
      expect(await lint('postgres', dropTable, [{ up: [sql] }])).toEqual([])
    },
  )

  test('finds nothing in a rebuild that copies all rows', async () => {
    const up = [
      'CREATE TABLE "temporary_orders" ("id" integer PRIMARY KEY, "note" text)',
      'INSERT INTO "temporary_orders"("id") SELECT "id" FROM "orders"',
      'DROP TABLE "orders"',
      'ALTER TABLE "temporary_orders" RENAME TO "orders"',
    ]
    const down = [
      'ALTER TABLE "orders" RENAME TO "temporary_orders"',
      'CREATE TABLE "orders" ("id" integer PRIMARY KEY)',
      'INSERT INTO "orders"("id") SELECT "id" FROM "temporary_orders"',
      'DROP TABLE "temporary_orders"',
    ]
    expect(await lint('sqlite', dropTable, [orders, { up, down }])).toEqual([])
  })
})
