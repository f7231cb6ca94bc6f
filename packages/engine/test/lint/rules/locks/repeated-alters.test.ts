import { repeatedAlters } from '../../../../src/lint/rules/locks/repeated-alters'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "orders" ("id" integer, "a" text, "b" integer)'] }
const first = 'ALTER TABLE "orders" ALTER COLUMN "id" SET NOT NULL'
const second = 'ALTER TABLE "orders" ADD CONSTRAINT "positive" CHECK ("b" > 0), ALTER COLUMN "b" TYPE bigint'

describe('repeated-alters', () => {
  test('is a note where two statements in a row read all rows, and shows one that does both', async () => {
    expect(await lint('postgres', repeatedAlters, [table, { up: [first, second] }])).toEqual([
      {
        direction: 'up',
        severity: 'info',
        message: 'two statements in a row read all rows of orders, where one would do',
        help: 'Put their commands into one ALTER TABLE.',
        instead: [
          'ALTER TABLE "orders" ALTER COLUMN "id" SET NOT NULL, ADD CONSTRAINT "positive" CHECK ("b" > 0), ALTER COLUMN "b" TYPE bigint',
        ],
        table: 'orders',
        sql: second,
      },
    ])
  })

  test('counts all statements in a row, and shows one for all of them', async () => {
    const up = ['a', 'b', 'id'].map((column) => `ALTER TABLE orders ALTER ${column} SET NOT NULL`)
    expect(await lint('postgres', repeatedAlters, [table, { up }])).toMatchObject([
      {
        message: '3 statements in a row read all rows of orders, where one would do',
        instead: ['ALTER TABLE orders ALTER a SET NOT NULL, ALTER b SET NOT NULL, ALTER id SET NOT NULL'],
        sql: up[2],
      },
    ])
  })

  test('finds two rows of statements apart from each other', async () => {
    const up = [first, second, 'UPDATE orders SET b = 1', first, second]
    expect(await lint('postgres', repeatedAlters, [table, { up }])).toHaveLength(2)
  })

  test('finds rewrites, in a downgrade as well', async () => {
    const down = ['ALTER TABLE orders ADD n serial', 'ALTER TABLE orders ALTER b TYPE bigint']
    expect(await lint('postgres', repeatedAlters, [table, { down }])).toMatchObject([{ direction: 'down' }])
  })

  test.each([
    ['for a table of the same revision', [{ up: [...table.up, first, second] }]],
    ['for other tables', [table, { up: [first, 'ALTER TABLE users ALTER id SET NOT NULL'] }]],
    ['if a statement between them prepares the rows', [table, { up: [first, 'UPDATE orders SET b = 1', second] }]],
    ['if the first is fast', [table, { up: ['ALTER TABLE "orders" ADD x integer', second] }]],
    ['if the second is fast', [table, { up: [first, 'ALTER TABLE "orders" ADD x integer'] }]],
    [
      'for NOT VALID',
      [table, { up: ['a', 'b'].map((name) => `ALTER TABLE orders ADD CONSTRAINT ${name} CHECK (b > 0) NOT VALID`) }],
    ],
    [
      'for foreign keys, each of which is work of its own',
      [table, { up: ['a', 'b'].map((name) => `ALTER TABLE orders ADD FOREIGN KEY (b) REFERENCES ${name}`) }],
    ],
    [
      'for indexes of constraints',
      [table, { up: ['a', 'b'].map((name) => `ALTER TABLE orders ADD UNIQUE (${name})`) }],
    ],
    [
      'if the first is proved',
      [table, { up: ['ALTER TABLE orders ADD CHECK (id IS NOT NULL)'] }, { up: [first, second] }],
    ],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', repeatedAlters, revisions)).toEqual([])
  })
})
