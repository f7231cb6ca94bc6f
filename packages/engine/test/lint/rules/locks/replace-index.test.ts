import { replaceIndex } from '../../../../src/lint/rules/locks/replace-index'
import { lint } from '../../support'

const table = {
  up: ['CREATE TABLE "orders" ("a" integer, "b" integer, "c" integer)', 'CREATE INDEX "ix_old" ON "orders" ("a", "b")'],
}
const drop = 'DROP INDEX "ix_old"'
const create = 'CREATE INDEX "ix_new" ON "orders" ("a")'

describe('replace-index', () => {
  test('finds an index that is dropped before the one that replaces it is built', async () => {
    expect(await lint('postgres', replaceIndex, [table, { up: [drop, create] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message: 'index ix_old is dropped before ix_new is built: nobody can read or write orders until then',
        help: 'Build the new index first, CONCURRENTLY, and drop the old one after it.',
        instead: ['CREATE INDEX CONCURRENTLY "ix_new" ON "orders" ("a")', 'DROP INDEX CONCURRENTLY "ix_old"'],
        table: 'orders',
        sql: create,
      },
    ])
  })

  test('reports slow queries outside a transaction', async () => {
    const up = ['DROP INDEX CONCURRENTLY ix_old', 'CREATE INDEX CONCURRENTLY ix_new ON orders (a, b, c)']
    expect(await lint('postgres', replaceIndex, [table, { up, transaction: false }])).toMatchObject([
      {
        message: 'index ix_old is dropped before ix_new is built: queries on orders have neither until then',
        instead: [up[1], 'DROP INDEX CONCURRENTLY "ix_old"'],
      },
    ])
  })

  test('renames an index whose name is used again, whatever its columns are', async () => {
    const up = [drop, 'CREATE INDEX "ix_old" ON orders (lower(c::text))']
    expect(await lint('postgres', replaceIndex, [table, { up }])).toMatchObject([
      {
        instead: [
          'ALTER INDEX "ix_old" RENAME TO "ix_old_old"',
          'CREATE INDEX CONCURRENTLY "ix_old" ON orders (lower(c::text))',
          'DROP INDEX CONCURRENTLY "ix_old_old"',
        ],
      },
    ])
  })

  test('finds it in a downgrade', async () => {
    const found = await lint('postgres', replaceIndex, [table, { down: [drop, create] }])
    expect(found).toMatchObject([{ direction: 'down', severity: 'warning' }])
  })

  test.each([
    ['if the new index is built first', [table, { up: [create, drop] }]],
    ['for other columns', [table, { up: [drop, 'CREATE INDEX x ON orders (b, a)'] }]],
    ['for another table', [table, { up: [drop, 'CREATE INDEX x ON customers (a)'] }]],
    ['if an earlier revision has dropped it', [table, { up: [drop] }, { up: [create] }]],
    ['for a table of the same revision', [{ up: [...table.up, drop, create] }]],
    ['for an index of which nothing is known', [table, { up: ['DROP INDEX other', create] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', replaceIndex, revisions)).toEqual([])
  })
})
