import { addSerial } from '../../../../src/lint/rules/rewrites/add-serial'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "orders" ("id" integer PRIMARY KEY)'] }
const statement = 'ALTER TABLE "orders" ADD COLUMN "number" serial'

describe('add-serial', () => {
  test('finds a serial column of a table that exists', async () => {
    expect(await lint('postgres', addSerial, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'adding the serial column orders.number rewrites orders while nobody can read or write it',
        help: 'Add a nullable column, create a sequence and make it the default, number the existing rows in batches (docs/data-migrations.md), and set the column NOT NULL.',
        table: 'orders',
        sql: statement,
      },
    ])
  })

  test('finds an identity column among other commands', async () => {
    const up = ['ALTER TABLE a."B" ADD x integer, ADD COLUMN IF NOT EXISTS n bigint GENERATED ALWAYS AS IDENTITY']
    expect(await lint('postgres', addSerial, [{ up }])).toMatchObject([
      { table: 'a.B', message: 'adding the identity column a.B.n rewrites a.B while nobody can read or write it' },
    ])
  })

  test('is a warning in a downgrade', async () => {
    expect(await lint('postgres', addSerial, [table, { down: ['ALTER TABLE orders ADD n bigserial'] }])).toMatchObject([
      { direction: 'down', severity: 'warning' },
    ])
  })

  test.each([
    ['for a table of the same revision', [{ up: [...table.up, statement] }]],
    ['in a new table', [table, { up: ['CREATE TABLE a (b serial)'] }]],
    [
      'for an identity of a column that exists',
      [table, { up: ['ALTER TABLE orders ALTER id ADD GENERATED ALWAYS AS IDENTITY'] }],
    ],
    ['for a plain column', [table, { up: ['ALTER TABLE orders ADD "serial" integer'] }]],
    [
      'for a default, which another rule finds',
      [table, { up: [`ALTER TABLE orders ADD n integer DEFAULT nextval('s')`] }],
    ],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', addSerial, revisions)).toEqual([])
  })
})
