import { createIndex } from '../../../../src/lint/rules/locks/create-index'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "orders" ("id" integer PRIMARY KEY, "email" text)'] }
const statement = 'CREATE INDEX "ix_orders_email" ON "orders" ("email")'

describe('create-index', () => {
  test('finds an index of a table that exists, and shows the statement that blocks nobody', async () => {
    expect(await lint('postgres', createIndex, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'creating index ix_orders_email blocks writes to orders until it is built',
        help: 'Create it CONCURRENTLY, in a revision of its own with `transaction = false`.',
        instead: ['CREATE INDEX CONCURRENTLY "ix_orders_email" ON "orders" ("email")'],
        table: 'orders',
        sql: statement,
      },
    ])
  })

  test('finds it in a table of which nothing is known, and in one with another schema', async () => {
    const [found] = await lint('postgres', createIndex, [{ up: ['CREATE UNIQUE INDEX ON reports.orders (email)'] }])
    expect(found).toMatchObject({
      table: 'reports.orders',
      message: 'creating an index blocks writes to reports.orders until it is built',
      instead: ['CREATE UNIQUE INDEX CONCURRENTLY ON reports.orders (email)'],
    })
  })

  test('finds it in a downgrade, where the table that the upgrade made has rows by now', async () => {
    const revision = { up: ['DROP INDEX "ix_orders_email"'], down: [statement] }
    const [found, ...others] = await lint('postgres', createIndex, [table, { up: [statement] }, revision])
    expect(found).toMatchObject({ direction: 'down', severity: 'warning' })
    expect(others).toEqual([])
  })

  test('is a note where the table is small', async () => {
    const found = async (orders: number) =>
      (await lint('postgres', createIndex, [table, { up: [statement] }], { rows: { orders } }))[0]?.severity
    expect(await found(9999)).toBe('info')
    expect(await found(10_000)).toBe('error')
  })

  test('tells how to create an index of a partitioned table', async () => {
    const partitioned = { up: ['CREATE TABLE orders (id integer, at date) PARTITION BY RANGE (at)'] }
    const [found] = await lint('postgres', createIndex, [partitioned, { up: ['CREATE INDEX ix ON orders (at)'] }])
    expect(found?.help).toMatch(/^Create it ON ONLY the parent/)
    expect(found?.instead).toBeUndefined()
  })

  test.each([
    ['on a table of the same revision', [{ up: [...table.up, statement] }]],
    ['CONCURRENTLY', [table, { up: ['CREATE INDEX CONCURRENTLY ix ON orders (email)'] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', createIndex, revisions)).toEqual([])
  })
})
