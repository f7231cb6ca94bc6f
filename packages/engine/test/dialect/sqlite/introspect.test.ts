import type { DataSource } from 'typeorm'

import { findTable, type Schema, type Table } from '../../../src/schema/schema'
import { Databases, everythingSql, schemaOf, withoutInline } from './support'

const databases = new Databases()
afterAll(() => databases.dispose())

async function introspected(...statements: string[]): Promise<Schema> {
  return withoutInline(await schemaOf(await databases.with(...statements)))
}

async function table(sql: string, ...others: string[]): Promise<Table> {
  const schema = await introspected(sql, ...others)
  const found = schema.tables.find(({ name }) => name === 't')
  if (found === undefined)
    throw new Error(`there is no table t in ${JSON.stringify(schema.tables.map(({ name }) => name))}`)
  return found
}

/** A database with everything that a schema can express for SQLite. */
const everything = [
  `CREATE TABLE "parents" (
     "a" integer NOT NULL, "b" varchar(20) NOT NULL COLLATE NOCASE, -- a comment, with a comma
     CONSTRAINT "PK_parents" PRIMARY KEY ("a", "b"), CONSTRAINT "UQ_b" UNIQUE ("b") ) WITHOUT ROWID`,
  `CREATE TABLE "children" (
     "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
     "state" varchar CHECK( "state" IN ('a','b''), (c','d') ) NOT NULL DEFAULT ('a'),
     [price] decimal ( 10 , 2 ) DEFAULT -1.5,
     \`when\` datetime NOT NULL DEFAULT (datetime('now')),
     flag boolean DEFAULT TRUE, word text DEFAULT pending, nought text DEFAULT NULL, stamp text DEFAULT current_timestamp,
     bytes blob DEFAULT x'00ff',
     parent_a integer, parent_b varchar(20), self integer REFERENCES children,
     total integer GENERATED ALWAYS AS (price*2) STORED, half integer AS ([price] / 2),
     CONSTRAINT "FK parent" FOREIGN KEY (parent_a,parent_b) REFERENCES parents(a,b) ON UPDATE CASCADE ON DELETE SET NULL MATCH FULL DEFERRABLE INITIALLY DEFERRED,
     CONSTRAINT "multi line" CHECK (
        price > 0 /* positive */ and
        (self is null or self<>id)
     ),
     UNIQUE (word, flag) ON CONFLICT REPLACE,
     CONSTRAINT "UQ_collated" UNIQUE (stamp COLLATE NOCASE)
   )`,
  `CREATE TABLE strictly (id TEXT PRIMARY KEY, n INT, anything ANY) STRICT`,
  `create unique index "IX desc" on children (state desc, word collate nocase) where flag = 1`,
  `CREATE INDEX ix_expression ON children (lower(word), (price + 1) DESC)`,
  `CREATE VIEW totals (state, sum) AS select state, sum(price) from children group by state`,
  `CREATE VIEW deep AS SELECT * FROM totals, (parents JOIN strictly ON strictly.id = parents.b) WHERE state IN (SELECT word FROM children)`,
  `CREATE TRIGGER after_insert AFTER INSERT ON children BEGIN UPDATE strictly SET n = n + 1; SELECT 'it''s; END'; END`,
  `CREATE TRIGGER instead INSTEAD OF INSERT ON totals BEGIN SELECT 1; END`,
]

describe('introspect', () => {
  test('reads type, nullability, default and expression of columns', async () => {
    const { columns } = findTable(await introspected(...everything), { name: 'children' })!
    expect(Object.fromEntries(columns.map(({ name, ...column }) => [name, column]))).toEqual({
      id: { type: 'integer', nullable: false, autoincrement: true },
      state: { type: 'varchar', nullable: false, default: "'a'" },
      price: { type: 'decimal(10,2)', nullable: true, default: '-1.5' },
      when: { type: 'datetime', nullable: false, default: "datetime('now')" },
      flag: { type: 'boolean', nullable: true, default: 'TRUE' },
      word: { type: 'text', nullable: true, default: "'pending'" },
      nought: { type: 'text', nullable: true },
      stamp: { type: 'text', nullable: true, default: 'CURRENT_TIMESTAMP' },
      bytes: { type: 'blob', nullable: true, default: "X'00FF'" },
      parent_a: { type: 'integer', nullable: true },
      parent_b: { type: 'varchar(20)', nullable: true },
      self: { type: 'integer', nullable: true },
      total: { type: 'integer', nullable: true, generated: { expression: '"price" * 2', kind: 'stored' } },
      half: { type: 'integer', nullable: true, generated: { expression: '"price" / 2', kind: 'virtual' } },
    })
  })

  test('reads constraints with names, actions, conflict clauses and collations', async () => {
    const schema = await introspected(...everything)
    const children = findTable(schema, { name: 'children' })!
    expect(children.primaryKey).toEqual({ columns: ['id'] })
    expect(children.uniques).toEqual([
      { columns: ['word', 'flag'], onConflict: 'REPLACE' },
      { name: 'UQ_collated', columns: ['stamp'], collations: ['NOCASE'] },
    ])
    expect(children.checks).toEqual([
      { expression: `"state" IN ('a', 'b''), (c', 'd')` },
      { name: 'multi line', expression: '"price" > 0 AND ("self" IS NULL OR "self" <> "id")' },
    ])
    expect(children.foreignKeys).toEqual([
      {
        columns: ['self'],
        references: { name: 'children', columns: ['id'] },
        onDelete: 'NO ACTION',
        onUpdate: 'NO ACTION',
      },
      {
        name: 'FK parent',
        columns: ['parent_a', 'parent_b'],
        references: { name: 'parents', columns: ['a', 'b'] },
        onDelete: 'SET NULL',
        onUpdate: 'CASCADE',
        deferrable: 'initially deferred',
        match: 'FULL',
      },
    ])
    const parents = findTable(schema, { name: 'parents' })
    expect(parents?.primaryKey).toEqual({ name: 'PK_parents', columns: ['a', 'b'] })
    expect(parents?.columns[1]).toEqual({ name: 'b', type: 'varchar(20)', nullable: false, collation: 'NOCASE' })
    expect(parents?.withoutRowid).toBe(true)
    expect(findTable(schema, { name: 'strictly' })).toMatchObject({
      strict: true,
      columns: [{ name: 'id', nullable: false }, {}, { type: 'any' }],
    })
  })

  test('reads indexes, triggers and views', async () => {
    const schema = await introspected(...everything)
    const children = findTable(schema, { name: 'children' })!
    expect(children.indexes).toEqual([
      {
        name: 'IX desc',
        unique: true,
        method: 'btree',
        keys: [
          { column: 'state', order: 'DESC' },
          { column: 'word', collation: 'NOCASE' },
        ],
        where: '"flag" = 1',
      },
      {
        name: 'ix_expression',
        unique: false,
        method: 'btree',
        keys: [{ expression: 'lower("word")' }, { expression: '"price" + 1', order: 'DESC' }],
      },
    ])
    expect(children.triggers).toEqual([{ name: 'after_insert', sql: everything[7] }])
    expect(schema.views).toEqual([
      {
        name: 'deep',
        materialized: false,
        definition:
          'SELECT * FROM "totals", ("parents" JOIN "strictly" ON "strictly"."id" = "parents"."b") WHERE "state" IN (SELECT "word" FROM "children")',
        dependsOn: [{ name: 'children' }, { name: 'parents' }, { name: 'strictly' }, { name: 'totals' }],
        indexes: [],
      },
      {
        name: 'totals',
        materialized: false,
        definition:
          'WITH "totals"("state", "sum") AS (SELECT "state", sum("price") FROM "children" GROUP BY "state") SELECT * FROM "totals"',
        dependsOn: [{ name: 'children' }],
        indexes: [],
        triggers: [{ name: 'instead', sql: everything[8] }],
      },
    ])
  })

  test('reads the same schema from a copy of what it read', async () => {
    const schema = await introspected(...everything)
    const copy = await introspected(...everythingSql(schema))
    expect(copy).toEqual(schema)
    expect(await introspected(...everythingSql(copy))).toEqual(schema)
  })

  test('reads a view with column names so that a copy returns the same rows', async () => {
    const rowsSql = `INSERT INTO children (state, price, word, stamp) VALUES ('a', 2, 'x', 1), ('a', 3, 'y', 2)`
    const original = await databases.with(...everything, rowsSql)
    const copy = await databases.with(...everythingSql(await schemaOf(original)), rowsSql)
    const rows = (dataSource: DataSource): Promise<unknown> => dataSource.query('SELECT * FROM totals')
    expect(await rows(copy)).toEqual([{ state: 'a', sum: 5 }])
    expect(await rows(copy)).toEqual(await rows(original))
  })

  test.each([
    [
      `CREATE TABLE t (a text CHECK(a IN ('x','  y') or a like 'z'))`,
      `create table "t"([a] TEXT, CHECK (("a" in ( 'x' , '  y' )OR a LIKE 'z')))`,
      true,
    ],
    [`CREATE TABLE t (a int CHECK (t.a > 0))`, `CREATE TABLE T (a int CHECK ((("A" > 0))))`, true],
    [`CREATE TABLE t (a int DEFAULT 'x')`, `CREATE TABLE t (a int DEFAULT ('x'))`, true],
    [`CREATE TABLE t (a int DEFAULT "x")`, `CREATE TABLE t (a int DEFAULT x)`, true],
    [`CREATE TABLE t (a int DEFAULT null)`, `CREATE TABLE t (a int)`, true],
    [`CREATE TABLE t (a int DEFAULT (- 1))`, `CREATE TABLE t (a int DEFAULT -1)`, true],
    [`CREATE TABLE t (a text CHECK (a <> 'A  B'))`, `CREATE TABLE t (a text CHECK (a <> 'A B'))`, false],
    [`CREATE TABLE t (a text CHECK (a <> 'x'))`, `CREATE TABLE t (a text CHECK (a <> 'X'))`, false],
    [`CREATE TABLE t (a text DEFAULT '[x]')`, `CREATE TABLE t (a text DEFAULT '"x"')`, false],
    [
      `CREATE TABLE t (a int CHECK (a not between 1 and 2))`,
      `CREATE TABLE t (a int CHECK (a NOT  BETWEEN 1 AND 2))`,
      true,
    ],
    [`CREATE TABLE t (a int CHECK (a - -1 > 0))`, `CREATE TABLE t (a int CHECK ("a"- -1>0))`, true],
    [`CREATE TABLE t (a int CHECK (LENGTH(a) > 0))`, `CREATE TABLE t (a int CHECK (length( a )>0))`, true],
    [
      `CREATE TABLE t (a int CHECK (CAST(a AS Text) > ''))`,
      `CREATE TABLE t (a int CHECK (cast("a" as TEXT)>''))`,
      true,
    ],
    [`CREATE TABLE t (a int PRIMARY KEY)`, `CREATE TABLE t (a int, PRIMARY KEY (a))`, true],
    [`CREATE TABLE t (a int UNIQUE)`, `CREATE TABLE t (a int, UNIQUE ("a"))`, true],
    [`CREATE TABLE t (a int COLLATE binary)`, `CREATE TABLE t (a int)`, true],
    [`CREATE TABLE t (a int COLLATE nocase)`, `CREATE TABLE t (a int COLLATE NOCASE)`, true],
  ])('reads %s and %s as the same: %s', async (one, other, same) => {
    const normal = async (sql: string): Promise<string> =>
      JSON.stringify(await introspected(sql)).replaceAll('"T"', '"t"')
    const [a, b] = [await normal(one), await normal(other)]
    expect(a === b).toBe(same)
  })

  test('reads nullability from NOT NULL, rowid keys, WITHOUT ROWID and STRICT', async () => {
    const nullable = async (sql: string): Promise<boolean | undefined> => (await table(sql)).columns[0]?.nullable
    expect(await nullable('CREATE TABLE t (id varchar PRIMARY KEY NOT NULL)')).toBe(false)
    expect(await nullable('CREATE TABLE t (id varchar PRIMARY KEY)')).toBe(true)
    expect(await nullable('CREATE TABLE t (id INTEGER PRIMARY KEY)')).toBe(false)
    expect(await nullable('CREATE TABLE t (id integer, PRIMARY KEY (id))')).toBe(false)
    expect(await nullable('CREATE TABLE t (id int PRIMARY KEY)')).toBe(true)
    expect(await nullable('CREATE TABLE t (id integer PRIMARY KEY DESC)')).toBe(true)
    expect(await nullable('CREATE TABLE t (id varchar PRIMARY KEY) WITHOUT ROWID')).toBe(false)
    expect(await nullable('CREATE TABLE t (id text PRIMARY KEY) STRICT')).toBe(false)
  })

  test.each([
    'id varchar PRIMARY KEY',
    'id integer PRIMARY KEY DESC',
    'id integer, PRIMARY KEY (id)',
    'id int PRIMARY KEY',
    '"id" integer CONSTRAINT "PK" PRIMARY KEY AUTOINCREMENT NOT NULL',
  ])('reads a key so that a copy treats NULL the same: %s', async (columns) => {
    const original = await databases.with(`CREATE TABLE t (n text, ${columns})`)
    const copy = await databases.with(...everythingSql(await schemaOf(original)))
    const outcome = async (dataSource: DataSource): Promise<unknown> => {
      await dataSource.query('INSERT INTO t (id, n) VALUES (NULL, 1)').catch(() => undefined)
      return dataSource.query('SELECT id, typeof(id) AS type FROM t')
    }
    expect(await schemaOf(copy)).toEqual(await schemaOf(original))
    expect(await outcome(copy)).toEqual(await outcome(original))
  })

  test('resolves references without columns to the primary key, ignoring case', async () => {
    const { foreignKeys } = await table(
      'CREATE TABLE t (x int REFERENCES Other)',
      'CREATE TABLE other (Id integer PRIMARY KEY)',
    )
    expect(foreignKeys[0]?.references).toEqual({ name: 'other', columns: ['Id'] })
    const dangling = await table('CREATE TABLE t (x int REFERENCES nowhere)')
    expect(dangling.foreignKeys[0]?.references).toEqual({ name: 'nowhere', columns: [] })
  })

  test('reads columns added, renamed and dropped by ALTER TABLE', async () => {
    const { columns, checks, uniques } = await table(
      `CREATE TABLE t (a int, "b c" text, d int, UNIQUE (a), CHECK (a > 0))`,
      `ALTER TABLE t ADD COLUMN e text NOT NULL DEFAULT 'x, y' CHECK (e <> ')')`,
      `ALTER TABLE t RENAME COLUMN a TO "new a"`,
      `ALTER TABLE t DROP COLUMN d`,
    )
    expect(columns.map(({ name }) => name)).toEqual(['new a', 'b c', 'e'])
    expect(columns[2]?.default).toBe("'x, y'")
    expect(checks).toEqual([{ expression: `"e" <> ')'` }, { expression: '"new a" > 0' }])
    expect(uniques).toEqual([{ columns: ['new a'] }])
  })

  test('reads expressions after a rename like those of a new table', async () => {
    const renamed = await table(
      'CREATE TABLE t (old int CHECK (old > 0), g int AS (old * 2))',
      'CREATE INDEX i ON t (old + 1) WHERE old IS NOT NULL',
      'ALTER TABLE t RENAME COLUMN old TO new',
    )
    const made = await table(
      'CREATE TABLE t (new int CHECK (new > 0), g int AS (new * 2))',
      'CREATE INDEX i ON t (new + 1) WHERE new IS NOT NULL',
    )
    expect(renamed).toEqual(made)
  })

  test('leaves out virtual tables, their shadow tables, and ignored tables', async () => {
    const dataSource = await databases.with(
      'CREATE TABLE notes (id integer PRIMARY KEY, body text)',
      'CREATE TABLE notes_fts_mine (id integer PRIMARY KEY)',
      `CREATE VIRTUAL TABLE notes_fts USING fts5(body, content='notes', content_rowid='id')`,
      'CREATE VIRTUAL TABLE places USING rtree(id, x0, x1)',
      'CREATE VIEW found AS SELECT * FROM notes_fts',
      'CREATE TABLE migrations (id integer PRIMARY KEY AUTOINCREMENT)',
      'CREATE INDEX ignored ON migrations (id)',
      'ANALYZE',
    )
    const schema = await schemaOf(dataSource)
    expect(schema.tables.map(({ name }) => name)).toEqual(['notes', 'notes_fts_mine'])
    expect(schema.views.map(({ name, dependsOn }) => [name, dependsOn])).toEqual([['found', []]])
  })

  test('reads names with every kind of quote in them', async () => {
    const schema = await introspected(
      `CREATE TABLE "a ""b""" ("c'd" text CHECK ("c'd" <> 'e"f'), [g"h] int, \`i\`\`j\` int, 'k l' int)`,
      `CREATE TABLE "sélect" ("order" int, "тест" text, CHECK (тест <> ''))`,
    )
    expect(schema.tables.map(({ name, columns }) => [name, columns.map((column) => column.name)])).toEqual([
      ['a "b"', ["c'd", 'g"h', 'i`j', 'k l']],
      ['sélect', ['order', 'тест']],
    ])
    expect(await introspected(...everythingSql(schema))).toEqual(schema)
  })

  test('lists the constraints that are written only inline with a column', async () => {
    const { tables } = await schemaOf(
      await databases.with(
        'CREATE TABLE p (id integer PRIMARY KEY)',
        `CREATE TABLE t (a text CONSTRAINT c CHECK (a > b), b integer REFERENCES p, c integer CHECK (c > 1),
           d integer REFERENCES p ON DELETE CASCADE, CHECK (c > 1), FOREIGN KEY (d) REFERENCES p ON DELETE SET NULL)`,
      ),
    )
    const found = tables.find(({ name }) => name === 't')
    expect(Object.keys(found?.inline ?? {})).toEqual(['a', 'b', 'd'])
    expect(found?.inline?.['a']).toEqual([JSON.stringify({ expression: '"a" > "b"', name: 'c' })])
    expect(found?.inline?.['d']).toEqual([expect.stringContaining('CASCADE')])
  })

  test('reads an empty database as an empty schema', async () => {
    expect(await introspected()).toEqual({
      tables: [],
      views: [],
      enums: [],
      sequences: [],
      schemas: [],
      extensions: [],
    })
  })

  test('sends one query', async () => {
    const dataSource = await databases.with(...everything)
    const queries: string[] = []
    await schemaOf({ query: (sql: string) => (queries.push(sql), dataSource.query(sql)) } as unknown as DataSource)
    expect(queries).toHaveLength(1)
  })
})
