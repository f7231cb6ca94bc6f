import { concurrentlyInTransaction } from '../../../../src/lint/rules/locks/concurrently-in-transaction'
import { lint } from '../../support'

const statement = 'CREATE UNIQUE INDEX CONCURRENTLY "ix" ON "orders" ("email")'

describe('concurrently-in-transaction', () => {
  test('finds a statement that fails in a transaction', async () => {
    expect(await lint('postgres', concurrentlyInTransaction, [{ up: ['SELECT 1', statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message:
          "CREATE UNIQUE INDEX CONCURRENTLY fails in a transaction, which TypeORM's own command line begins for this revision",
        help: 'Add `readonly transaction = false` to the class. Aludel runs it outside a transaction automatically.',
        sql: statement,
      },
    ])
  })

  test.each([
    ['DROP INDEX CONCURRENTLY IF EXISTS ix', 'DROP INDEX CONCURRENTLY'],
    ['REINDEX (VERBOSE) TABLE CONCURRENTLY a', 'REINDEX'],
    ['VACUUM (ANALYZE) a', 'VACUUM'],
    ['ALTER SYSTEM SET work_mem = 1', 'ALTER SYSTEM'],
    ['ALTER TABLE a DETACH PARTITION b CONCURRENTLY', 'ALTER TABLE'],
  ])('names %s', async (sql, words) => {
    const [found] = await lint('postgres', concurrentlyInTransaction, [{ up: [sql] }])
    expect(found?.message).toMatch(new RegExp(`^${words}\\b.* fails in a transaction`))
  })

  test('reports the first such statement of a direction, in a downgrade as well', async () => {
    const up = [statement, 'DROP INDEX CONCURRENTLY a']
    const down = ['DROP INDEX CONCURRENTLY ix']
    const found = await lint('postgres', concurrentlyInTransaction, [{ up, down }])
    expect(found.map(({ direction, sql }) => [direction, sql])).toEqual([
      ['up', statement],
      ['down', down[0]],
    ])
  })

  test.each([
    ['if the file declares that it runs outside', [{ up: [statement], transaction: false as const }]],
    ['for REFRESH MATERIALIZED VIEW CONCURRENTLY', [{ up: ['REFRESH MATERIALIZED VIEW CONCURRENTLY v'] }]],
    ['for a name', [{ up: ['CREATE INDEX "concurrently" ON "vacuum" (reindex)'] }]],
    ['for a comment', [{ up: ['CREATE INDEX /* CONCURRENTLY */ ix ON a (b)'] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', concurrentlyInTransaction, revisions)).toEqual([])
  })
})
