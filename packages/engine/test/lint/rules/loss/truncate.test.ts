import { truncate } from '../../../../src/lint/rules/loss/truncate'
import { lint, type TestRevision } from '../../support'

const orders: TestRevision = {
  up: [
    'CREATE TABLE orders (id integer PRIMARY KEY)',
    'CREATE TABLE items (id integer PRIMARY KEY, "order" integer REFERENCES orders)',
  ],
}

describe('truncate', () => {
  test('finds a table that existed before', async () => {
    expect(await lint('postgres', truncate, [orders, { up: ['TRUNCATE items'] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'truncating items deletes all its rows',
        help: 'Delete the rows that must go, with a WHERE.',
        table: 'items',
        sql: 'TRUNCATE items',
      },
    ])
  })

  test('names the tables that CASCADE empties as well', async () => {
    const [found] = await lint('postgres', truncate, [orders, { up: ['TRUNCATE TABLE ONLY public.orders CASCADE'] }])
    expect(found).toMatchObject({
      message: 'truncating orders with CASCADE also deletes all rows of every table that references it, such as items',
      help: 'Leave out CASCADE, and name every table that is to be emptied.',
    })
  })

  test('finds the old tables of a list, of which nothing else is known', async () => {
    const up = ['CREATE TABLE n (id int)', 'TRUNCATE n, s.a, "B" RESTART IDENTITY CASCADE']
    expect((await lint('postgres', truncate, [{ up }])).map(({ message }) => message)).toEqual([
      'truncating s.a, B with CASCADE also deletes all rows of every table that references them',
    ])
  })

  test.each<[string, TestRevision[]]>([
    ['a table of the same revision', [{ up: [...(orders.up ?? []), 'TRUNCATE items'] }]],
    ['the table that the upgrade made in its downgrade', [{ ...orders, down: ['TRUNCATE items'] }]],
    ['a deletion of some rows', [orders, { up: ['DELETE FROM items WHERE id < 5'] }]],
  ])('finds nothing for %s', async (_, revisions) => {
    expect(await lint('postgres', truncate, revisions)).toEqual([])
  })
})
