import { unrepeatableStep } from '../../../../src/lint/rules/hygiene/unrepeatable-step'
import { lint } from '../../support'

const message =
  'if the run crashes here, nothing shows whether this took effect, and the next run stops until somebody has checked'

describe('unrepeatable-step', () => {
  test('finds a call that may commit, in a revision outside a transaction', async () => {
    expect(await lint('postgres', unrepeatableStep, [{ up: ['CALL fill_totals()'], transaction: false }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message,
        help: 'Send its statements one by one, or make it safe to repeat and say so where it is ignored.',
        sql: 'CALL fill_totals()',
      },
    ])
  })

  test.each([
    ['DO $$ BEGIN UPDATE a SET b = 1; COMMIT; END $$'],
    ['INSERT INTO a VALUES (1); INSERT INTO a VALUES (2)'],
    ['ALTER SUBSCRIPTION s REFRESH PUBLICATION'],
    ['DROP SUBSCRIPTION s'],
  ])('finds %s, once', async (sql) => {
    expect(await lint('postgres', unrepeatableStep, [{ up: [sql], transaction: false }])).toMatchObject([{ message }])
  })

  test('finds an index without a name, and gives it the one that the server would choose', async () => {
    const up = ['CREATE UNIQUE INDEX CONCURRENTLY ON s.orders (email, lower(name))']
    expect(await lint('postgres', unrepeatableStep, [{ up }])).toMatchObject([
      {
        message:
          'if the run crashes here, nothing shows whether the index of s.orders was built, because it has no name',
        instead: ['CREATE UNIQUE INDEX CONCURRENTLY "orders_email_expr_idx" ON s.orders (email, lower(name))'],
        table: 's.orders',
      },
    ])
  })

  test('finds a copy of a SQLite file, which exists when it is written again', async () => {
    expect(await lint('sqlite', unrepeatableStep, [{ up: [`VACUUM INTO 'copy.db'`] }])).toMatchObject([
      { severity: 'warning', message: 'repeating this after a crash fails, because the file exists by then' },
    ])
  })

  test.each([
    ['a named index', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS ix ON orders (email)'],
    ['what is repeated', 'VACUUM orders'],
    ['what shares a transaction with its record', 'INSERT INTO a VALUES (1)'],
    ['a block that cannot commit', 'DO $$ BEGIN UPDATE a SET b = 1; END $$'],
    ['what creates something that can be looked for', 'CREATE TABLE a (); INSERT INTO a DEFAULT VALUES'],
    ['a setting', `SET lock_timeout = '1s'`],
    ['what only reads', 'SELECT 1; SELECT 2'],
  ])('finds nothing for %s', async (_, sql) => {
    expect(await lint('postgres', unrepeatableStep, [{ up: [sql], transaction: false }])).toEqual([])
  })

  test('finds nothing in a transaction, its own or that of the run', async () => {
    const up = ['BEGIN', 'CALL a()', 'COMMIT']
    expect(await lint('postgres', unrepeatableStep, [{ up, transaction: false }])).toEqual([])
    expect(await lint('postgres', unrepeatableStep, [{ up: ['CALL a()'] }])).toEqual([])
    expect(await lint('sqlite', unrepeatableStep, [{ up: ['VACUUM'] }])).toEqual([])
  })
})
