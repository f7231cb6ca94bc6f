import { transactionStatement } from '../../../../src/lint/rules/hygiene/transaction-statement'
import { lint } from '../../support'

const help =
  'Leave it out. If the statements need transactions of their own, set `transaction = false` and write both ends.'
const dialects = ['postgres', 'sqlite'] as const

describe('transaction-statement', () => {
  test.each(dialects)('finds a COMMIT in a revision that runs in a transaction on %s', async (dialect) => {
    expect(await lint(dialect, transactionStatement, [{ up: ['SELECT 1', 'COMMIT'] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message:
          'this commits the transaction of the run: what comes before it stays, even if a later statement fails, and a run with one transaction for all revisions refuses it',
        help,
        sql: 'COMMIT',
      },
    ])
  })

  test('tells what a second BEGIN does in each database', async () => {
    const message = async (dialect: 'postgres' | 'sqlite'): Promise<string | undefined> =>
      (await lint(dialect, transactionStatement, [{ up: ['BEGIN'] }]))[0]?.message
    expect(await message('postgres')).toBe(
      'the run has begun a transaction: PostgreSQL only warns that a transaction is open already, and the next COMMIT ends that one',
    )
    expect(await message('sqlite')).toBe(
      'the run has begun a transaction: SQLite refuses it, because a transaction is open already',
    )
  })

  test.each(['START TRANSACTION', 'END', 'ROLLBACK', 'ABORT', 'COMMIT AND CHAIN', `PREPARE TRANSACTION 'x'`])(
    'finds %s',
    async (sql) => {
      expect(await lint('postgres', transactionStatement, [{ up: [sql] }])).toHaveLength(1)
    },
  )

  test('finds one among several statements of a text, and in a downgrade', async () => {
    expect(await lint('postgres', transactionStatement, [{ down: ['SELECT 1; ROLLBACK'] }])).toMatchObject([
      { direction: 'down', severity: 'warning', sql: 'ROLLBACK' },
    ])
  })

  describe.each(dialects)('on %s', (dialect) => {
    test.each([['SAVEPOINT a'], ['RELEASE SAVEPOINT a'], ['ROLLBACK TO SAVEPOINT a'], [`SELECT 'COMMIT'`]])(
      'finds nothing for %s',
      async (sql) => {
        expect(await lint(dialect, transactionStatement, [{ up: [sql] }])).toEqual([])
      },
    )

    test('finds nothing in a revision outside a transaction, which may have its own', async () => {
      const up = ['BEGIN', 'SELECT 1', 'COMMIT']
      expect(await lint(dialect, transactionStatement, [{ up, transaction: false }])).toEqual([])
    })
  })

  test('finds nothing in the body of a trigger or a function', async () => {
    const trigger = 'CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END'
    expect(await lint('sqlite', transactionStatement, [{ up: [trigger] }])).toEqual([])
    const block = 'DO $$ BEGIN COMMIT; END $$'
    expect(await lint('postgres', transactionStatement, [{ up: [block] }])).toEqual([])
  })
})
