import { unfinishedTransaction } from '../../../../src/lint/rules/hygiene/unfinished-transaction'
import { lint, type TestRevision } from '../../support'

const dialects = ['postgres', 'sqlite'] as const

describe('unfinished-transaction', () => {
  test.each(dialects)('finds a BEGIN without a COMMIT in a revision outside a transaction on %s', async (dialect) => {
    expect(
      await lint(dialect, unfinishedTransaction, [{ up: ['SELECT 1', 'BEGIN', 'SELECT 2'], transaction: false }]),
    ).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message: 'the transaction that begins here is never committed: another runner keeps nothing after it',
        help: 'End it with COMMIT, or leave out its beginning.',
        sql: 'BEGIN',
      },
    ])
  })

  test('finds it in a revision that runs outside a transaction because of a statement', async () => {
    const up = ['COMMIT', 'CREATE INDEX CONCURRENTLY a ON b (c)', 'BEGIN']
    expect(await lint('postgres', unfinishedTransaction, [{ up }])).toMatchObject([{ sql: 'BEGIN' }])
  })

  test('finds a savepoint on SQLite, where it begins a transaction', async () => {
    const up = ['SAVEPOINT a', 'SAVEPOINT b', 'RELEASE b']
    expect(await lint('sqlite', unfinishedTransaction, [{ up, transaction: false }])).toMatchObject([
      { sql: 'SAVEPOINT a' },
    ])
  })

  describe.each(dialects)('on %s', (dialect) => {
    test.each<[string, TestRevision]>([
      ['that ends', { up: ['BEGIN', 'SELECT 1', 'COMMIT'], transaction: false }],
      ['that is rolled back', { up: ['BEGIN; SELECT 1', 'ROLLBACK'], transaction: false }],
      ['of a run', { up: ['BEGIN'] }],
      ['that ends twice', { up: ['BEGIN', 'END', 'COMMIT'], transaction: false }],
    ])('finds nothing for a transaction %s', async (_, revision) => {
      expect(await lint(dialect, unfinishedTransaction, [revision])).toEqual([])
    })
  })

  test('finds nothing for the savepoints of a rebuild', async () => {
    const up = ['SAVEPOINT "aludel_rebuild"', 'SELECT 1', 'RELEASE "aludel_rebuild"']
    expect(await lint('sqlite', unfinishedTransaction, [{ up, transaction: false }])).toEqual([])
  })
})
