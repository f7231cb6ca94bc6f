import { concurrentlyOn14 } from '../../../../src/lint/rules/locks/concurrently-on-14'
import { lint } from '../../support'

const statement = 'CREATE INDEX CONCURRENTLY "ix" ON "orders" ("email")'

describe('concurrently-on-14', () => {
  test('finds an index that PostgreSQL 14 builds concurrently', async () => {
    expect(await lint('postgres', concurrentlyOn14, [{ up: [statement] }], { server: 14 })).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message:
          'PostgreSQL 14.0 to 14.3 can leave rows out of an index that is built CONCURRENTLY, and queries then miss them',
        help: 'Update the servers to 14.4 or later first. bt_index_check(index, true) of the extension amcheck finds a damaged index.',
        sql: statement,
      },
    ])
  })

  test('finds one that is rebuilt, in a downgrade as well', async () => {
    const revision = { down: ['REINDEX INDEX CONCURRENTLY ix'] }
    expect(await lint('postgres', concurrentlyOn14, [revision], { server: 14 })).toMatchObject([{ direction: 'down' }])
  })

  test.each([
    ['on other versions', [{ up: [statement] }], 13],
    ['on later versions', [{ up: [statement] }], 15],
    ['without CONCURRENTLY', [{ up: ['CREATE INDEX ix ON a (b)', 'REINDEX TABLE a'] }], 14],
    ['for an index that is dropped', [{ up: ['DROP INDEX CONCURRENTLY ix'] }], 14],
  ])('finds nothing %s', async (_, revisions, server) => {
    expect(await lint('postgres', concurrentlyOn14, revisions, { server })).toEqual([])
  })
})
