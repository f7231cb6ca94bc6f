import { sequenceLost } from '../../../../src/lint/rules/sqlite/sequence-lost'
import { lint, type TestRevision } from '../../support'

const counting: TestRevision = { up: ['CREATE TABLE orders (id integer PRIMARY KEY AUTOINCREMENT, code text)'] }
const rebuild = (key = 'AUTOINCREMENT', ...between: string[]): string[] => [
  `CREATE TABLE n (id integer PRIMARY KEY ${key}, code varchar)`,
  'INSERT INTO n (id, code) SELECT id, code FROM orders',
  ...between,
  'DROP TABLE orders',
  'ALTER TABLE n RENAME TO orders',
]

describe('sequence-lost', () => {
  test('finds a rebuild that leaves out the counter', async () => {
    expect(await lint('sqlite', sequenceLost, [counting, { up: rebuild() }])).toEqual([
      {
        direction: 'up',
        severity: 'info',
        message: 'rebuilding orders loses its AUTOINCREMENT counter: ids of rows that were deleted may be given again',
        help: `Copy it before the rows: INSERT INTO sqlite_sequence (name, seq) SELECT 'the new table', seq FROM sqlite_sequence WHERE name = 'orders'.`,
        table: 'orders',
        sql: 'ALTER TABLE n RENAME TO orders',
      },
    ])
  })

  test('finds a rebuild that sets the table aside, and nothing in a downgrade', async () => {
    const aside = [
      'ALTER TABLE orders RENAME TO temporary_orders',
      'CREATE TABLE orders (id integer PRIMARY KEY AUTOINCREMENT)',
      'INSERT INTO orders (id) SELECT id FROM temporary_orders',
      'DROP TABLE temporary_orders',
    ]
    expect(await lint('sqlite', sequenceLost, [counting, { up: aside }])).toMatchObject([
      { direction: 'up', table: 'orders' },
    ])
    expect(await lint('sqlite', sequenceLost, [counting, { down: aside }])).toEqual([])
  })

  test.each<[string, string[]]>([
    [
      'that copies it',
      rebuild(
        'AUTOINCREMENT',
        `INSERT INTO sqlite_sequence (name, seq) SELECT 'n', seq FROM sqlite_sequence WHERE name = 'orders'`,
      ),
    ],
    ['to a table that does not count', rebuild('')],
    ['of the tool', ['SAVEPOINT aludel_rebuild', ...rebuild(), 'RELEASE aludel_rebuild']],
  ])('finds nothing in a rebuild %s', async (_, up) => {
    expect(await lint('sqlite', sequenceLost, [counting, { up }])).toEqual([])
  })

  test('finds nothing in a rebuild of a table that does not count', async () => {
    const plain = { up: ['CREATE TABLE orders (id integer PRIMARY KEY, code text)'] }
    expect(await lint('sqlite', sequenceLost, [plain, { up: rebuild() }])).toEqual([])
  })
})
