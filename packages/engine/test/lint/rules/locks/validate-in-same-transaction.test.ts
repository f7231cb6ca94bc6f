import { validateInSameTransaction } from '../../../../src/lint/rules/locks/validate-in-same-transaction'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE orders (id integer, user_id integer)'] }
const add = 'ALTER TABLE "orders" ADD CONSTRAINT "positive" CHECK ("id" > 0) NOT VALID'
const statement = 'ALTER TABLE "orders" VALIDATE CONSTRAINT "positive"'

describe('validate-in-same-transaction', () => {
  test('finds the validation of a constraint that the same transaction has added', async () => {
    expect(await lint('postgres', validateInSameTransaction, [table, { up: [add, statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message:
          'validating positive in the transaction that added it blocks reads and writes of orders until every row is checked',
        help: 'Validate it in a later revision. The lock of ADD CONSTRAINT is held until the transaction ends.',
        table: 'orders',
        sql: statement,
      },
    ])
  })

  test('reports that a foreign key blocks only writes', async () => {
    const up = [
      'ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (user_id) REFERENCES users NOT VALID',
      'ALTER TABLE orders VALIDATE CONSTRAINT fk',
    ]
    expect((await lint('postgres', validateInSameTransaction, [table, { up }]))[0]?.message).toBe(
      'validating fk in the transaction that added it blocks writes to orders until every row is checked',
    )
  })

  test('finds both in one statement, even outside a transaction', async () => {
    const up = ['ALTER TABLE orders ADD CONSTRAINT c CHECK (id > 0) NOT VALID, VALIDATE CONSTRAINT c']
    expect(await lint('postgres', validateInSameTransaction, [table, { up, transaction: false }])).toHaveLength(1)
  })

  test('is a warning in a downgrade', async () => {
    const found = await lint('postgres', validateInSameTransaction, [table, { down: [add, statement] }])
    expect(found).toMatchObject([{ direction: 'down', severity: 'warning', sql: statement }])
  })

  test.each([
    ['if an earlier revision has added it', [table, { up: [add] }, { up: [statement] }]],
    ['outside a transaction', [table, { up: [add, statement], transaction: false as const }]],
    ['for a table of the same revision', [{ up: [...table.up, add, statement] }]],
    ['if another constraint is validated', [table, { up: [add, 'ALTER TABLE orders VALIDATE CONSTRAINT other'] }]],
    ['if it is valid already', [table, { up: [add.replace(' NOT VALID', ''), statement] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', validateInSameTransaction, revisions)).toEqual([])
  })
})
