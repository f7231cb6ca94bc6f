import { addCheck } from '../../../../src/lint/rules/locks/add-check'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "orders" ("id" integer PRIMARY KEY, "total" numeric)'] }
const statement = 'ALTER TABLE "orders" ADD CONSTRAINT "positive" CHECK ("total" > 0)'

async function insteadOf(sql: string): Promise<readonly string[] | undefined> {
  return (await lint('postgres', addCheck, [table, { up: [sql] }]))[0]?.instead
}

describe('add-check', () => {
  test('finds a check of a table that exists, and shows the statements that block nobody', async () => {
    expect(await lint('postgres', addCheck, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'adding check positive blocks reads and writes of orders until every row is checked',
        help: 'Add it NOT VALID, so that only new rows are checked, and validate it in a later revision, which blocks nobody.',
        instead: [`${statement} NOT VALID`, 'ALTER TABLE "orders" VALIDATE CONSTRAINT "positive"'],
        table: 'orders',
        sql: statement,
      },
    ])
  })

  test('names a check that has no name as the server would', async () => {
    expect(await insteadOf('ALTER TABLE orders ADD CHECK (total > 0)')).toEqual([
      'ALTER TABLE orders ADD CONSTRAINT "orders_total_check" CHECK (total > 0) NOT VALID',
      'ALTER TABLE "orders" VALIDATE CONSTRAINT "orders_total_check"',
    ])
    expect((await insteadOf('ALTER TABLE orders ADD CHECK (total > id)'))?.[1]).toBe(
      'ALTER TABLE "orders" VALIDATE CONSTRAINT "orders_check"',
    )
  })

  test('finds it at a new column, and adds it after the column', async () => {
    expect(
      await insteadOf(
        'ALTER TABLE orders ADD tax integer DEFAULT 0 CONSTRAINT low CHECK (tax < 100) NO INHERIT NOT NULL, DROP total',
      ),
    ).toEqual([
      'ALTER TABLE orders ADD tax integer DEFAULT 0 NOT NULL, DROP total',
      'ALTER TABLE orders ADD CONSTRAINT "low" CHECK (tax < 100) NO INHERIT NOT VALID',
      'ALTER TABLE "orders" VALIDATE CONSTRAINT "low"',
    ])
  })

  test('finds each of several checks in one statement', async () => {
    const found = await lint('postgres', addCheck, [
      table,
      { up: ['ALTER TABLE orders ADD CONSTRAINT a CHECK (total > 0), ADD CONSTRAINT b CHECK (total < 9)'] },
    ])
    expect(found.map(({ instead }) => instead?.[0])).toEqual([
      'ALTER TABLE orders ADD CONSTRAINT "a" CHECK (total > 0) NOT VALID, ADD CONSTRAINT b CHECK (total < 9)',
      'ALTER TABLE orders ADD CONSTRAINT a CHECK (total > 0), ADD CONSTRAINT "b" CHECK (total < 9) NOT VALID',
    ])
  })

  test('is a note where the table is small, and a warning in a downgrade', async () => {
    const revisions = [table, { up: [], down: [statement] }]
    expect(await lint('postgres', addCheck, revisions)).toMatchObject([{ direction: 'down', severity: 'warning' }])
    expect(await lint('postgres', addCheck, revisions, { rows: { orders: 5 } })).toMatchObject([{ severity: 'info' }])
  })

  test.each([
    ['for a table of the same revision', [{ up: [...table.up, statement] }]],
    ['NOT VALID', [table, { up: [`${statement} NOT VALID`] }]],
    ['NOT ENFORCED', [table, { up: [`${statement} NOT ENFORCED`] }]],
    ['in a new table', [table, { up: ['CREATE TABLE a (b integer CHECK (b > 0))'] }]],
    ['for another constraint', [table, { up: ['ALTER TABLE orders ADD UNIQUE (total)'] }]],
    ['for a domain', [table, { up: ['ALTER DOMAIN d ADD CHECK (value > 0)'] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', addCheck, revisions)).toEqual([])
  })
})
