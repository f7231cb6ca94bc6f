import { workUnderLock } from '../../../../src/lint/rules/locks/work-under-lock'
import { lint } from '../../support'

const tables = {
  up: ['CREATE TABLE "orders" ("id" integer PRIMARY KEY, "total" integer)', 'CREATE TABLE "users" ("id" integer)'],
}
const lock = 'ALTER TABLE "users" ADD COLUMN "note" text'
const statement = 'DELETE FROM "orders" WHERE "total" IS NULL'

describe('work-under-lock', () => {
  test('finds long work after a statement that has locked a table', async () => {
    expect(await lint('postgres', workUnderLock, [tables, { up: [lock, statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message:
          'deleting rows of orders takes long, and nobody can read or write users meanwhile: an earlier statement has locked it',
        help: 'Move it to a revision of its own, so that the lock ends before it begins.',
        table: 'orders',
        sql: statement,
      },
    ])
  })

  test.each([
    ['ALTER TABLE orders VALIDATE CONSTRAINT c', 'checking every row of orders'],
    ['INSERT INTO totals SELECT * FROM orders', 'copying rows of orders'],
    ['CREATE TABLE copy AS SELECT * FROM orders', 'copying rows of orders'],
    ['MERGE INTO orders USING users ON true WHEN MATCHED THEN DELETE', 'merging rows into orders'],
    ['DELETE FROM orders', 'deleting rows of orders'],
    ['DELETE FROM orders WHERE total = 1', 'deleting rows of orders'],
  ])('finds %s', async (sql, words) => {
    const [found, ...others] = await lint('postgres', workUnderLock, [tables, { up: [lock, sql] }])
    expect(found?.message).toMatch(new RegExp(`^${words} takes long`))
    expect(others).toEqual([])
  })

  test('finds it in a downgrade, and is a note where the table is small', async () => {
    const revisions = [tables, { down: [lock, statement] }]
    expect(await lint('postgres', workUnderLock, revisions)).toMatchObject([{ direction: 'down', severity: 'warning' }])
    expect(await lint('postgres', workUnderLock, revisions, { rows: { orders: 3 } })).toMatchObject([
      { severity: 'info' },
    ])
  })

  test.each([
    ['before the lock', [tables, { up: [statement, lock] }]],
    ['without a lock', [tables, { up: [statement, 'CREATE INDEX ix ON orders (total)'] }]],
    ['outside a transaction', [tables, { up: [lock, statement], transaction: false as const }]],
    ['for one row', [tables, { up: [lock, 'DELETE FROM orders WHERE id = 5'] }]],
    ['for rows of literals', [tables, { up: [lock, 'INSERT INTO orders VALUES (1, 2)'] }]],
    [
      'for a new table',
      [tables, { up: [lock, 'CREATE TABLE a (b integer)', 'CREATE INDEX ON a (b)', 'INSERT INTO a SELECT 1'] }],
    ],
    [
      'under the lock of a new table',
      [tables, { up: ['CREATE TABLE a ()', 'ALTER TABLE a ADD b integer', statement] }],
    ],
    ['after a table was dropped', [tables, { up: ['DROP TABLE users', statement] }]],
    [
      'for what is fast',
      [
        tables,
        { up: [lock, 'ALTER TABLE orders ADD a integer DEFAULT 1', 'ALTER TABLE orders ADD CHECK (a > 0) NOT VALID'] },
      ],
    ],
    ['for an update, which another rule finds', [tables, { up: [lock, 'UPDATE orders SET total = 0'] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', workUnderLock, revisions)).toEqual([])
  })

  test.each([
    'CREATE INDEX ix ON orders (total)',
    'ALTER TABLE orders ADD CHECK (total > 0)',
    'ALTER TABLE orders ADD FOREIGN KEY (id) REFERENCES users',
    'ALTER TABLE orders ADD UNIQUE (total)',
    'ALTER TABLE orders ALTER total SET NOT NULL',
    'ALTER TABLE orders ALTER total TYPE bigint',
    'ALTER TABLE orders ADD n serial',
  ])('leaves %s to the rule that finds it without a lock before it, too', async (sql) => {
    expect(await lint('postgres', workUnderLock, [tables, { up: [lock, sql] }])).toEqual([])
  })
})
