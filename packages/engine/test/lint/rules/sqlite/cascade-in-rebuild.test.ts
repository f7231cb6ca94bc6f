import { cascadeInRebuild } from '../../../../src/lint/rules/sqlite/cascade-in-rebuild'
import { lint, type TestRevision } from '../../support'

const tables = (action: string): TestRevision => ({
  up: [
    'CREATE TABLE orders (id integer PRIMARY KEY)',
    `CREATE TABLE items (id integer PRIMARY KEY, "order" integer REFERENCES orders (id) ${action})`,
  ],
})
const rebuild = [
  'CREATE TABLE n (id integer PRIMARY KEY, note text)',
  'INSERT INTO n (id) SELECT id FROM orders',
  'DROP TABLE orders',
  'ALTER TABLE n RENAME TO orders',
]
const setAside = [
  'ALTER TABLE orders RENAME TO temporary_orders',
  'CREATE TABLE orders (id integer PRIMARY KEY)',
  'INSERT INTO orders (id) SELECT id FROM temporary_orders',
  'DROP TABLE temporary_orders',
]

describe('cascade-in-rebuild', () => {
  test('finds a rebuild with foreign keys on, outside a transaction', async () => {
    const up = ['PRAGMA foreign_keys = ON', ...rebuild]
    expect(await lint('sqlite', cascadeInRebuild, [tables('ON DELETE CASCADE'), { up, transaction: false }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'dropping orders changes or deletes the rows of items that reference it, because foreign keys are on',
        help: 'Leave out PRAGMA foreign_keys: a run turns foreign keys off, and checks them at its end.',
        table: 'orders',
        sql: 'DROP TABLE orders',
      },
    ])
  })

  test.each(['SET NULL', 'SET DEFAULT'])('finds ON DELETE %s, and a table that is only dropped', async (action) => {
    const up = ['PRAGMA foreign_keys(yes)', 'DROP TABLE IF EXISTS Orders']
    const revisions = [tables(`ON DELETE ${action}`), { up, transaction: false } as const]
    expect(await lint('sqlite', cascadeInRebuild, revisions)).toHaveLength(1)
  })

  test.each([
    ['DROP TABLE orders', rebuild],
    ['DROP TABLE temporary_orders', setAside],
  ])('notes in a downgrade that a revert by TypeORM leaves them on: %s', async (sql, down) => {
    expect(await lint('sqlite', cascadeInRebuild, [tables('ON DELETE CASCADE'), { down }])).toMatchObject([
      { direction: 'down', severity: 'info', message: expect.stringMatching(/^if TypeORM itself reverts this/), sql },
    ])
  })

  test.each<[string, string, TestRevision]>([
    ['a run turns them off', 'ON DELETE CASCADE', { up: rebuild }],
    ['a pragma does nothing in a transaction', 'ON DELETE CASCADE', { up: ['PRAGMA foreign_keys = ON', ...rebuild] }],
    [
      'a pragma does nothing in its own transaction',
      'ON DELETE CASCADE',
      { up: ['BEGIN', 'PRAGMA foreign_keys = ON', ...rebuild, 'COMMIT'], transaction: false },
    ],
    [
      'it turns them off again',
      'ON DELETE CASCADE',
      { up: ['PRAGMA foreign_keys = ON', 'PRAGMA foreign_keys = OFF', ...rebuild], transaction: false },
    ],
    ['the rows stay', 'ON DELETE RESTRICT', { up: ['PRAGMA foreign_keys = ON', ...rebuild], transaction: false }],
    ['nothing references it', '', { down: ['DROP TABLE items'] }],
    ['a table is only dropped in a downgrade', 'ON DELETE CASCADE', { down: ['DROP TABLE orders'] }],
  ])('finds nothing if %s', async (_, action, revision) => {
    expect(await lint('sqlite', cascadeInRebuild, [tables(action), revision])).toEqual([])
  })
})
