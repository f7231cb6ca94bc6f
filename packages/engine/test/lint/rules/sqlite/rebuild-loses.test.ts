import { rebuildLoses } from '../../../../src/lint/rules/sqlite/rebuild-loses'
import { lint, type TestRevision } from '../../support'

const trigger = 'CREATE TRIGGER log_orders AFTER INSERT ON orders BEGIN INSERT INTO log (id) VALUES (new.id); END'
const partial = 'CREATE UNIQUE INDEX ix_open ON orders (code) WHERE closed IS NULL'
const plain = 'CREATE INDEX ix_code ON orders (code)'
const orders: TestRevision = {
  up: ['CREATE TABLE orders (id integer PRIMARY KEY, code text, closed text)', partial, plain, trigger],
}
const rebuild = (columns = 'id, code, closed', from = columns): string[] => [
  `CREATE TABLE n (${columns})`,
  `INSERT INTO n (${columns}) SELECT ${from} FROM orders`,
  'DROP TABLE orders',
  'ALTER TABLE n RENAME TO orders',
]
const messages = async (...up: string[]): Promise<string[]> =>
  (await lint('sqlite', rebuildLoses, [orders, { up }])).map(({ message }) => message)

describe('rebuild-loses', () => {
  test('finds an index and a trigger that are not created again, and shows how', async () => {
    expect(await lint('sqlite', rebuildLoses, [orders, { up: [...rebuild(), plain] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'rebuilding orders drops unique index ix_open, and nothing creates it again',
        help: 'Create it again after the table has its name.',
        instead: [partial],
        table: 'orders',
        sql: 'ALTER TABLE n RENAME TO orders',
      },
      expect.objectContaining({
        message: 'rebuilding orders drops trigger log_orders, and nothing creates it again',
        instead: [trigger],
      }),
    ])
  })

  test('finds them in a rebuild that sets the table aside first', async () => {
    expect(
      await messages(
        'ALTER TABLE orders RENAME TO temporary_orders',
        'CREATE TABLE orders (id integer PRIMARY KEY, code text, closed text)',
        'INSERT INTO orders (id, code, closed) SELECT id, code, closed FROM temporary_orders',
        'DROP TABLE temporary_orders',
      ),
    ).toHaveLength(3)
  })

  test('shows no statement if a column of it has another name now', async () => {
    const up = [...rebuild('id, title, closed', 'id, code, closed'), trigger]
    const found = await lint('sqlite', rebuildLoses, [orders, { up }])
    expect(found.map(({ message, instead }) => [message, instead])).toEqual([
      ['rebuilding orders drops unique index ix_open, and nothing creates it again', undefined],
      ['rebuilding orders drops index ix_code, and nothing creates it again', undefined],
    ])
  })

  test.each<[string, string[]]>([
    ['if they are created again', [...rebuild(), partial, plain, trigger]],
    [
      'if an index on the renamed column has another name',
      [
        ...rebuild('id, title, closed', 'id, code, closed'),
        'CREATE INDEX ix_title ON orders (title)',
        'CREATE UNIQUE INDEX ix_open ON orders (title) WHERE closed IS NULL',
        trigger,
      ],
    ],
    ['if their column is not kept', [...rebuild('id, closed'), trigger]],
    [
      'if they are dropped before',
      ['DROP INDEX ix_open', 'DROP INDEX ix_code', 'DROP TRIGGER log_orders', ...rebuild()],
    ],
    ['if the table is only dropped', ['DROP TABLE orders']],
    ['in a rebuild of the tool', ['SAVEPOINT aludel_rebuild', ...rebuild(), 'RELEASE aludel_rebuild']],
  ])('finds nothing %s', async (_, up) => {
    expect(await messages(...up)).toEqual([])
  })

  test('finds nothing in a downgrade for an index that the upgrade made', async () => {
    const table = { up: ['CREATE TABLE orders (id, code, closed)'] }
    expect(await lint('sqlite', rebuildLoses, [table, { up: [plain], down: rebuild() }])).toEqual([])
  })
})
