import { dropConstraint } from '../../../../src/lint/rules/loss/drop-constraint'
import { lint, type TestRevision } from '../../support'

const tables: TestRevision = {
  up: [
    'CREATE TABLE users (id integer PRIMARY KEY)',
    `CREATE TABLE orders (id integer PRIMARY KEY, code text, "user" integer, CONSTRAINT uq UNIQUE (code),
       CONSTRAINT fk FOREIGN KEY ("user") REFERENCES users (id), CONSTRAINT ck CHECK (code <> ''))`,
  ],
}
const drop = (name: string): string => `ALTER TABLE "orders" DROP CONSTRAINT "${name}"`
const dialects = ['postgres', 'sqlite'] as const

describe('drop-constraint', () => {
  test.each(dialects)('finds a constraint that is not added again on %s', async (dialect) => {
    expect(await lint(dialect, dropConstraint, [tables, { up: ['SELECT 1', drop('fk')] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message: 'dropping foreign key fk lets rows of orders refer to rows that do not exist',
        help: 'It cannot be added again before every row meets it. If it is replaced, add the new one in the same revision.',
        table: 'orders',
        sql: drop('fk'),
      },
    ])
  })

  test.each(dialects)('tells what comes in without it on %s', async (dialect) => {
    const up = [drop('uq'), drop('ck'), 'ALTER TABLE unknown DROP CONSTRAINT other']
    expect((await lint(dialect, dropConstraint, [tables, { up }])).map(({ message }) => message)).toEqual([
      'dropping unique constraint uq lets duplicates into orders',
      'dropping check ck lets rows into orders that it refused',
      ...(dialect === 'postgres' ? ['dropping constraint other lets rows into unknown that it refused'] : []),
    ])
  })

  test('finds every part of an ALTER TABLE', async () => {
    const up = ['ALTER TABLE orders DROP CONSTRAINT IF EXISTS uq CASCADE, DROP CONSTRAINT orders_pkey']
    expect((await lint('postgres', dropConstraint, [tables, { up }])).map(({ message }) => message)).toEqual([
      'dropping unique constraint uq lets duplicates into orders',
      'dropping primary key orders_pkey lets rows with the same key into orders',
    ])
  })

  describe.each(dialects)('on %s', (dialect) => {
    test.each<[string, TestRevision[]]>([
      ['a table of the same revision', [{ up: [...(tables.up ?? []), drop('uq')] }]],
      ['a table that is dropped', [tables, { up: [drop('fk'), 'DROP TABLE orders'] }]],
      ['a foreign key to a table that is dropped', [tables, { up: [drop('fk'), 'DROP TABLE users'] }]],
      [
        'a unique constraint that an index replaces',
        [tables, { up: [drop('uq'), 'CREATE UNIQUE INDEX ix ON orders (code)'] }],
      ],
      [
        'a check that is added again',
        [tables, { up: [drop('ck'), 'ALTER TABLE orders ADD CONSTRAINT ck CHECK (length(code) > 1)'] }],
      ],
      [
        'the constraint that the upgrade added in its downgrade',
        [tables, { up: [`ALTER TABLE orders ADD CONSTRAINT ck2 CHECK (id > 0)`], down: [drop('ck2')] }],
      ],
    ])('finds nothing for %s', async (_, revisions) => {
      expect(await lint(dialect, dropConstraint, revisions)).toEqual([])
    })
  })

  test.each([
    [
      'ALTER TABLE orders DROP CONSTRAINT fk, ADD CONSTRAINT fk2 FOREIGN KEY ("user") REFERENCES users ON DELETE CASCADE',
    ],
    ['ALTER TABLE orders DROP CONSTRAINT uq, DROP COLUMN code'],
    ['ALTER TABLE orders DROP CONSTRAINT orders_pkey, ADD PRIMARY KEY (id, code)'],
    ["ALTER TABLE orders ADD CONSTRAINT x CHECK (code <> 'y'); ALTER TABLE orders DROP CONSTRAINT x"],
  ])('finds nothing on PostgreSQL for %s', async (sql) => {
    expect(await lint('postgres', dropConstraint, [tables, { up: [sql] }])).toEqual([])
  })

  test('finds nothing for constraints of which only the names are known, if as many of their kind are added', async () => {
    const old = { up: ['ALTER TABLE old ADD COLUMN a integer, ADD COLUMN b integer'] }
    const drops = [
      'ALTER TABLE old DROP CONSTRAINT "FK_old_a"',
      'ALTER TABLE old DROP CONSTRAINT old_b_fkey',
      'ALTER TABLE old DROP CONSTRAINT "PK_old"',
    ]
    const adds = [
      'ALTER TABLE old ADD CONSTRAINT x FOREIGN KEY (a) REFERENCES users',
      'ALTER TABLE old ADD FOREIGN KEY (b) REFERENCES users',
      'ALTER TABLE old ADD PRIMARY KEY (a)',
    ]
    expect(await lint('postgres', dropConstraint, [tables, old, { up: [...drops, ...adds] }])).toEqual([])
    expect(await lint('postgres', dropConstraint, [tables, old, { up: [...drops, ...adds.slice(1)] }])).toHaveLength(1)
    const unnamed = ['ALTER TABLE old DROP CONSTRAINT "whatever"', ...adds]
    expect(await lint('postgres', dropConstraint, [tables, old, { up: unnamed }])).toHaveLength(1)
  })

  test('knows a constraint after its table, its columns or the other table have another name', async () => {
    const renames = [
      'ALTER TABLE orders RENAME COLUMN "user" TO user_id',
      'ALTER TABLE orders RENAME TO purchases',
      'ALTER TABLE users RENAME TO people',
    ]
    const found = await lint('postgres', dropConstraint, [tables, { up: [drop('fk'), ...renames] }])
    expect(found).toMatchObject([{ table: 'purchases' }])
    const again = 'ALTER TABLE purchases ADD FOREIGN KEY (user_id) REFERENCES people'
    expect(await lint('postgres', dropConstraint, [tables, { up: [drop('fk'), ...renames, again] }])).toEqual([])
  })

  test('finds nothing for a check that has served to set NOT NULL', async () => {
    const check = { up: ['ALTER TABLE orders ADD CONSTRAINT nn CHECK (code IS NOT NULL) NOT VALID'] }
    const up = ['ALTER TABLE orders ALTER code SET NOT NULL', drop('nn')]
    expect(await lint('postgres', dropConstraint, [tables, check, { up }])).toEqual([])
    expect(await lint('postgres', dropConstraint, [tables, check, { up: [drop('nn')] }])).toHaveLength(1)
  })

  describe.each(dialects)('for a unique index on %s', (dialect) => {
    const index = { up: ['CREATE UNIQUE INDEX "ix" ON orders ("user", code)'] }

    test('finds one that is not created again', async () => {
      expect(await lint(dialect, dropConstraint, [tables, index, { up: ['DROP INDEX IF EXISTS ix'] }])).toMatchObject([
        {
          severity: 'warning',
          message: 'dropping unique index ix lets duplicates into orders',
          table: 'orders',
          sql: 'DROP INDEX IF EXISTS ix',
        },
      ])
    })

    test.each<[string, TestRevision[]]>([
      [
        'if it gets another name',
        [index, { up: ['DROP INDEX ix', 'CREATE UNIQUE INDEX iy ON orders ("user", code)'] }],
      ],
      ['if its table is dropped', [index, { up: ['DROP INDEX ix', 'DROP TABLE orders'] }]],
      ['if the upgrade made it', [{ ...index, down: ['DROP INDEX ix'] }]],
      [
        'if it covers some rows',
        [{ up: ['CREATE UNIQUE INDEX ix ON orders (code) WHERE id > 5'] }, { up: ['DROP INDEX ix'] }],
      ],
      ['if it is not unique', [{ up: ['CREATE INDEX ix ON orders (code)'] }, { up: ['DROP INDEX ix'] }]],
      ['if nothing is known of it', [{ up: ['DROP INDEX other'] }]],
    ])('finds nothing %s', async (_, revisions) => {
      expect(await lint(dialect, dropConstraint, [tables, ...revisions])).toEqual([])
    })
  })

  describe('in a rebuild', () => {
    const rebuild = (definition: string, columns = 'id, code, "user"', from = columns): string[] => [
      `CREATE TABLE n (id integer PRIMARY KEY, ${definition})`,
      `INSERT INTO n (${columns}) SELECT ${from} FROM orders`,
      'DROP TABLE orders',
      'ALTER TABLE n RENAME TO orders',
    ]

    test('finds every constraint that the new table does not have', async () => {
      const found = await lint('sqlite', dropConstraint, [tables, { up: rebuild('code text, "user" integer') }])
      expect(found.map(({ message, sql }) => [message, sql])).toEqual([
        ['dropping unique constraint uq lets duplicates into orders', 'ALTER TABLE n RENAME TO orders'],
        [
          'dropping foreign key fk lets rows of orders refer to rows that do not exist',
          'ALTER TABLE n RENAME TO orders',
        ],
        ['dropping check ck lets rows into orders that it refused', 'ALTER TABLE n RENAME TO orders'],
      ])
    })

    test.each<[string, string[]]>([
      [
        'if it has them',
        rebuild(`code text UNIQUE, "user" integer REFERENCES users ON DELETE CASCADE, CHECK ("code"<>'')`),
      ],
      [
        'if a column is renamed',
        rebuild(
          `title text UNIQUE CHECK (title <> ''), "user" integer REFERENCES users, CONSTRAINT ck CHECK (title <> '')`,
          'id, title, "user"',
          'id, code, "user"',
        ),
      ],
      ['if their columns are not kept', rebuild('x text', 'id')],
      [
        'if a second rebuild adds them again, as TypeORM does',
        [
          ...rebuild('code text, "user" integer'),
          ...rebuild(`code text UNIQUE, "user" integer REFERENCES users, CONSTRAINT ck CHECK (code <> '')`),
        ],
      ],
    ])('finds nothing %s', async (_, up) => {
      expect(await lint('sqlite', dropConstraint, [tables, { up }])).toEqual([])
    })

    test('finds nothing in a downgrade for what the upgrade added', async () => {
      const plain = {
        up: ['CREATE TABLE users (id integer PRIMARY KEY)', 'CREATE TABLE orders (id integer PRIMARY KEY, code text)'],
      }
      const up = rebuild('code text UNIQUE', 'id, code')
      const down = rebuild('code text', 'id, code')
      expect(await lint('sqlite', dropConstraint, [plain, { up, down }])).toEqual([])
    })
  })
})
