import type { DataSource } from 'typeorm'

import { errorText } from '../../../src/dialect/sqlite/errors'
import { render, renderBothWays } from '../../../src/dialect/sqlite/render'
import { applyOperations, type Operation, reverseOperations } from '../../../src/operations'
import { normalizeSchema } from '../../support/normalize-schema'
import type { Column, ForeignKey, Index, Schema, Table } from '../../../src/schema/schema'
import { Databases, everythingSql, run, runAlone, runEnforced, schemaOf, withoutInline } from './support'

/** Leaves out the texts of triggers: SQLite rewrites them on a rename, and their effect is tested instead. */
function withTriggerNames(schema: Schema): Schema {
  const named = <T extends { readonly triggers?: Table['triggers'] }>(item: T): T =>
    item.triggers === undefined ? item : { ...item, triggers: item.triggers.map(({ name }) => ({ name, sql: '' })) }
  return normalizeSchema({ ...schema, tables: schema.tables.map(named), views: schema.views.map(named) })
}

const databases = new Databases()
afterAll(() => databases.dispose())

/** `authors` with rows and every kind of dependent: `books` are deleted with their author, `letters` set theirs to NULL. */
const library = [
  `CREATE TABLE publishers (id integer PRIMARY KEY, name text)`,
  `CREATE TABLE authors (
     id integer PRIMARY KEY AUTOINCREMENT NOT NULL, name varchar(50) NOT NULL COLLATE NOCASE, note text, age integer DEFAULT 1,
     mentor integer REFERENCES authors (id) ON DELETE CASCADE, publisher integer,
     initials text GENERATED ALWAYS AS (substr(name, 1, 1)) STORED,
     CONSTRAINT "CHK_age" CHECK (age in (abs(1), abs(2)) or age > 0), CONSTRAINT "UQ_name" UNIQUE (name),
     CONSTRAINT "FK_publisher" FOREIGN KEY (publisher) REFERENCES publishers (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED)`,
  `CREATE UNIQUE INDEX ix_partial ON authors (name DESC) where note is not null`,
  `CREATE INDEX ix_expression ON authors (lower(note), age)`,
  `CREATE TABLE books (id integer PRIMARY KEY, author integer NOT NULL, title text, CONSTRAINT "FK_author" FOREIGN KEY (author) REFERENCES authors (id) ON DELETE CASCADE)`,
  `CREATE TABLE letters (id integer PRIMARY KEY, author integer REFERENCES authors ON DELETE SET NULL)`,
  `CREATE TABLE medals (id integer PRIMARY KEY, author integer DEFAULT 1 REFERENCES authors ON DELETE SET DEFAULT)`,
  `CREATE TABLE prizes (id integer PRIMARY KEY, author integer REFERENCES authors ON DELETE RESTRICT)`,
  `CREATE TABLE pages (id integer PRIMARY KEY, book integer REFERENCES books ON DELETE CASCADE)`,
  `CREATE TABLE log (text)`,
  `CREATE VIEW names AS SELECT id, name FROM authors`,
  `CREATE VIEW titles AS SELECT names.name, books.title FROM names JOIN books ON books.author = names.id`,
  `CREATE TRIGGER author_added AFTER INSERT ON authors WHEN new.age > 0 BEGIN INSERT INTO log VALUES ('added ' || new.name); END`,
  `CREATE TRIGGER book_added AFTER INSERT ON books BEGIN UPDATE authors SET age = age + 1 WHERE id = new.author; END`,
  `CREATE TRIGGER book_kept BEFORE DELETE ON books BEGIN SELECT RAISE(ABORT, 'books are kept'); END`,
  `INSERT INTO publishers VALUES (1, 'p'), (2, 'q')`,
  `INSERT INTO authors (id, name, note, age, mentor, publisher) VALUES (1, 'Ann', 'n', 30, NULL, 1), (2, 'Bob', NULL, 40, 1, NULL), (7, 'Cid', 'm', 50, 2, 2), (9, 'gone', NULL, 1, NULL, NULL)`,
  `DELETE FROM authors WHERE id = 9`,
  `INSERT INTO books VALUES (1, 1, 'one'), (2, 2, 'two'), (3, 7, 'three')`,
  `INSERT INTO letters VALUES (1, 1), (2, 7)`,
  `INSERT INTO medals VALUES (1, 2)`,
  `INSERT INTO prizes VALUES (1, 7)`,
  `INSERT INTO pages VALUES (1, 1), (2, 3)`,
]

const authors = { name: 'authors' }
const tables = ['publishers', 'authors', 'books', 'letters', 'medals', 'prizes', 'pages', 'log'] as const

async function rowsOf(dataSource: DataSource, names: readonly string[] = tables): Promise<Record<string, unknown[]>> {
  const entries = await Promise.all(
    names.map(async (name) => [name, await dataSource.query<unknown[]>(`SELECT * FROM "${name}" ORDER BY 1`)] as const),
  )
  return Object.fromEntries(entries)
}

interface Library {
  readonly dataSource: DataSource
  readonly schema: Schema
  readonly rows: Record<string, unknown[]>
}

/** The original, which no test changes: each test works on a copy. */
let original: Promise<Library> | undefined

/** Copies the library for one test. */
async function newLibrary(): Promise<Library> {
  const { dataSource, schema, rows } = await (original ??= databases.with(...library).then(async (source) => ({
    dataSource: source,
    schema: await schemaOf(source),
    rows: await rowsOf(source),
  })))
  return { dataSource: await databases.copy(dataSource), schema, rows }
}

function findIn(schema: Schema, name: string): Table {
  const table = schema.tables.find((item) => item.name === name)
  if (table === undefined) throw new Error(`no table ${name}`)
  return table
}

function columnIn(schema: Schema, table: string, name: string): Column {
  const column = findIn(schema, table).columns.find((item) => item.name === name)
  if (column === undefined) throw new Error(`no column ${table}.${name}`)
  return column
}

const column = (name: string, more: Partial<Column> = {}): Column => ({ name, type: 'text', nullable: true, ...more })
const index = (name: string, more: Partial<Index> = {}): Index => ({
  name,
  unique: false,
  method: 'btree',
  keys: [{ column: 'age' }],
  ...more,
})
const foreignKey = (columns: string[], table: string, more: Partial<ForeignKey> = {}): ForeignKey => ({
  columns,
  references: { name: table, columns: ['id'] },
  onDelete: 'NO ACTION',
  onUpdate: 'NO ACTION',
  ...more,
})
const alter = (schema: Schema, table: string, name: string, more: Partial<Column>): Operation => {
  const from = columnIn(schema, table, name)
  return { op: 'alterColumn', table: { name: table }, from, to: { ...from, ...more } }
}
const find = <T extends { readonly name?: string }>(items: readonly T[], name: string): T => {
  const found = items.find((item) => item.name === name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found
}

const runners = { run, runEnforced, runAlone }

/** Checks what must hold for the library after any change that keeps its rows. */
async function expectSound(dataSource: DataSource): Promise<void> {
  expect(await dataSource.query('PRAGMA foreign_key_check')).toEqual([])
  expect(await dataSource.query('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
  const left = await dataSource.query(
    `SELECT name FROM sqlite_master WHERE name LIKE '%aludel%' UNION ALL SELECT name FROM temp.sqlite_master WHERE name LIKE '%aludel%'`,
  )
  expect(left).toEqual([])
  expect(await dataSource.query('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }])
  expect(await dataSource.query('PRAGMA legacy_alter_table')).toEqual([{ legacy_alter_table: 0 }])
}

type Change = (schema: Schema) => Operation[]

/** Drops a view before a table or column that it reads is renamed, and recreates it with the new name, as `compare` plans it. */
const withViews = (schema: Schema, operations: Operation[], rewrite: (sql: string) => string): Operation[] => {
  const [names, titles] = [find(schema.views, 'names'), find(schema.views, 'titles')]
  const dependsOn = names.dependsOn.map(({ name }) => ({ name: rewrite(`"${name}"`).slice(1, -1) }))
  return [
    { op: 'dropView', definition: titles },
    { op: 'dropView', definition: names },
    ...operations,
    { op: 'createView', definition: { ...names, definition: rewrite(names.definition), dependsOn } },
    { op: 'createView', definition: titles },
  ]
}

const newAuthors = (schema: Schema): Table => ({
  ...findIn(schema, 'publishers'),
  name: 'agents',
  foreignKeys: [],
  indexes: [],
})

/** By name: the change, how many table copies it takes, and which columns of `authors` it affects. */
const changes: Record<
  string,
  {
    readonly change: Change
    readonly copies: number
    readonly back?: number
    readonly loses?: string | readonly string[]
    readonly gains?: string
  }
> = {
  'add a nullable column': {
    change: () => [{ op: 'addColumn', table: authors, column: column('extra') }],
    copies: 0,
    gains: 'extra',
  },
  'add a column with a constant default': {
    change: () => [
      {
        op: 'addColumn',
        table: authors,
        column: column('extra', { type: 'varchar', nullable: false, default: "'it''s'", collation: 'NOCASE' }),
      },
    ],
    copies: 0,
    gains: 'extra',
  },
  'add a column with the current time as default': {
    change: () => [
      {
        op: 'addColumn',
        table: authors,
        column: column('extra', { type: 'datetime', nullable: false, default: "datetime('now')" }),
      },
    ],
    copies: 1,
    back: 0,
    gains: 'extra',
  },
  'add a stored computed column': {
    change: () => [
      {
        op: 'addColumn',
        table: authors,
        column: column('extra', { generated: { expression: '"age" * 2', kind: 'stored' } }),
      },
    ],
    copies: 1,
    back: 0,
    gains: 'extra',
  },
  'add a virtual computed column': {
    change: () => [
      {
        op: 'addColumn',
        table: authors,
        column: column('extra', { generated: { expression: '"age" * 2', kind: 'virtual' } }),
      },
    ],
    copies: 0,
    gains: 'extra',
  },
  'add a column with a foreign key': {
    change: () => [
      { op: 'addColumn', table: authors, column: column('extra', { type: 'integer' }) },
      {
        op: 'addForeignKey',
        table: authors,
        foreignKey: foreignKey(['extra'], 'publishers', { name: 'FK_extra', onDelete: 'SET NULL' }),
      },
      { op: 'createIndex', table: authors, index: index('ix_extra', { keys: [{ column: 'extra' }] }) },
    ],
    copies: 0,
    gains: 'extra',
  },
  'add a column with an enum check': {
    change: () => [
      {
        op: 'addColumn',
        table: authors,
        column: column('extra', { type: 'varchar', nullable: false, default: "'a'" }),
      },
      { op: 'addCheck', table: authors, check: { expression: `"extra" IN ('a', 'b')` } },
    ],
    copies: 0,
    gains: 'extra',
  },
  'add a column with a check that reads another column': {
    change: () => [
      { op: 'addColumn', table: authors, column: column('extra', { type: 'integer' }) },
      { op: 'addCheck', table: authors, check: { name: 'CHK_both', expression: '"extra" IS NULL OR "age" > "extra"' } },
    ],
    copies: 0,
    gains: 'extra',
  },
  'drop a column with its inline reference': {
    change: (schema) => {
      const key = findIn(schema, 'authors').foreignKeys.find(({ columns }) => columns[0] === 'mentor')
      return [
        { op: 'dropForeignKey', table: authors, foreignKey: key ?? foreignKey([], '') },
        { op: 'dropColumn', table: authors, column: columnIn(schema, 'authors', 'mentor') },
      ]
    },
    copies: 0,
    loses: 'mentor',
  },
  'drop a column with its inline reference, and one that only a rebuild restores': {
    change: (schema) => {
      const key = findIn(schema, 'authors').foreignKeys.find(({ columns }) => columns[0] === 'mentor')
      return [
        { op: 'dropForeignKey', table: authors, foreignKey: key ?? foreignKey([], '') },
        { op: 'dropColumn', table: authors, column: columnIn(schema, 'authors', 'mentor') },
        { op: 'dropColumn', table: authors, column: columnIn(schema, 'authors', 'initials') },
      ]
    },
    copies: 0,
    back: 1,
    loses: ['mentor', 'initials'],
  },
  'add an index': {
    change: () => [{ op: 'createIndex', table: authors, index: index('ix_new', { where: '"age" > 0' }) }],
    copies: 0,
  },
  'drop an index': {
    change: (schema) => [
      { op: 'dropIndex', table: authors, index: find(findIn(schema, 'authors').indexes, 'ix_expression') },
    ],
    copies: 0,
  },
  'rename an index': {
    change: () => [{ op: 'renameIndex', table: authors, from: 'ix_expression', to: 'ix_renamed' }],
    copies: 0,
  },
  'drop a column': {
    change: (schema) => [
      { op: 'dropIndex', table: authors, index: find(findIn(schema, 'authors').indexes, 'ix_expression') },
      { op: 'dropIndex', table: authors, index: find(findIn(schema, 'authors').indexes, 'ix_partial') },
      { op: 'dropColumn', table: authors, column: columnIn(schema, 'authors', 'note') },
    ],
    copies: 0,
    loses: 'note',
  },
  'drop a column with its foreign key': {
    change: (schema) => [
      { op: 'dropForeignKey', table: authors, foreignKey: find(findIn(schema, 'authors').foreignKeys, 'FK_publisher') },
      { op: 'dropColumn', table: authors, column: columnIn(schema, 'authors', 'publisher') },
    ],
    copies: 1,
    back: 0,
    loses: 'publisher',
  },
  'change a type': { change: (schema) => [alter(schema, 'authors', 'age', { type: 'bigint' })], copies: 1 },
  'change a length': { change: (schema) => [alter(schema, 'authors', 'name', { type: 'varchar(100)' })], copies: 1 },
  'change a default': { change: (schema) => [alter(schema, 'authors', 'age', { default: '5' })], copies: 1 },
  'change a collation': { change: (schema) => [alter(schema, 'authors', 'name', { collation: 'RTRIM' })], copies: 1 },
  'add a check': {
    change: () => [{ op: 'addCheck', table: authors, check: { name: 'CHK_new', expression: `"name" <> 'x), y'` } }],
    copies: 1,
  },
  'change a check': {
    change: (schema) => [
      { op: 'dropCheck', table: authors, check: find(findIn(schema, 'authors').checks, 'CHK_age') },
      { op: 'addCheck', table: authors, check: { name: 'CHK_age', expression: '"age" > -1' } },
    ],
    copies: 1,
  },
  'add a unique constraint': {
    change: () => [{ op: 'addUnique', table: authors, unique: { name: 'UQ_both', columns: ['id', 'name'] } }],
    copies: 1,
  },
  'drop a unique constraint': {
    change: (schema) => [
      { op: 'dropUnique', table: authors, unique: find(findIn(schema, 'authors').uniques, 'UQ_name') },
    ],
    copies: 1,
  },
  'rename a constraint': {
    change: () => [{ op: 'renameConstraint', table: authors, kind: 'unique', from: 'UQ_name', to: 'UQ_other' }],
    copies: 1,
  },
  'change a foreign key': {
    change: (schema) => {
      const key = find(findIn(schema, 'authors').foreignKeys, 'FK_publisher')
      return [
        { op: 'dropForeignKey', table: authors, foreignKey: key },
        { op: 'addForeignKey', table: authors, foreignKey: { ...key, onDelete: 'CASCADE' } },
      ]
    },
    copies: 1,
  },
  'make a table strict': {
    change: () => [{ op: 'alterTable', table: { name: 'publishers' }, from: {}, to: { strict: true } }],
    copies: 1,
  },
  'rename a column': { change: () => [{ op: 'renameColumn', table: authors, from: 'note', to: 'remark' }], copies: 0 },
  'rename a primary key column': {
    change: (schema) =>
      withViews(schema, [{ op: 'renameColumn', table: authors, from: 'id', to: 'key' }], (sql) =>
        sql.replace('"id"', '"key" AS "id"'),
      ),
    copies: 0,
  },
  'rename a table': {
    change: (schema) =>
      withViews(schema, [{ op: 'renameTable', table: authors, to: { name: 'writers' } }], (sql) =>
        sql.replace('"authors"', '"writers"'),
      ),
    copies: 0,
  },
  'rename and alter a column': {
    change: (schema) => {
      const from = { ...columnIn(schema, 'authors', 'age'), name: 'years' }
      return [
        { op: 'renameColumn', table: authors, from: 'age', to: 'years' },
        { op: 'alterColumn', table: authors, from, to: { ...from, type: 'bigint' } },
      ]
    },
    copies: 1,
  },
  'rename a table and alter it': {
    change: (schema) => {
      const from = columnIn(schema, 'authors', 'age')
      const writers = { name: 'writers' }
      return withViews(
        schema,
        [
          { op: 'renameTable', table: authors, to: writers },
          { op: 'alterColumn', table: writers, from, to: { ...from, type: 'bigint' } },
          { op: 'renameColumn', table: writers, from: 'note', to: 'remark' },
        ],
        (sql) => sql.replace('"authors"', '"writers"'),
      )
    },
    copies: 1,
  },
  'alter several tables that reference each other': {
    change: (schema) => [
      alter(schema, 'books', 'title', { type: 'varchar(9)' }),
      alter(schema, 'authors', 'age', { type: 'bigint' }),
      alter(schema, 'pages', 'book', { type: 'bigint' }),
      alter(schema, 'letters', 'author', { type: 'bigint' }),
    ],
    copies: 4,
  },
  'one change of each kind': {
    change: (schema) => [
      { op: 'renameColumn', table: authors, from: 'note', to: 'remark' },
      alter(schema, 'authors', 'age', { type: 'bigint', default: '3' }),
      alter(schema, 'authors', 'name', { type: 'varchar(60)' }),
      { op: 'addColumn', table: authors, column: column('extra') },
      { op: 'addCheck', table: authors, check: { name: 'CHK_new', expression: '"age" < 1000' } },
      { op: 'addUnique', table: authors, unique: { columns: ['name', 'age'] } },
      {
        op: 'addForeignKey',
        table: authors,
        foreignKey: foreignKey(['age'], 'publishers', { deferrable: 'initially deferred' }),
      },
      {
        op: 'dropForeignKey',
        table: authors,
        foreignKey: foreignKey(['age'], 'publishers', { deferrable: 'initially deferred' }),
      },
      { op: 'createIndex', table: authors, index: index('ix_new') },
      { op: 'renameIndex', table: authors, from: 'ix_partial', to: 'ix_part' },
    ],
    copies: 1,
    gains: 'extra',
  },
  'swap two columns': {
    change: () => [
      { op: 'renameColumn', table: authors, from: 'note', to: 'other' },
      { op: 'renameColumn', table: authors, from: 'publisher', to: 'note' },
      { op: 'renameColumn', table: authors, from: 'other', to: 'publisher' },
    ],
    copies: 0,
  },
  'create a table with keys, and reference it': {
    change: (schema) => [
      { op: 'createTable', table: { name: 'agents' }, definition: newAuthors(schema) },
      { op: 'addColumn', table: authors, column: column('extra', { type: 'integer' }) },
      {
        op: 'createIndex',
        table: { name: 'agents' },
        index: index('ix_agents', { keys: [{ column: 'name', order: 'DESC' }] }),
      },
      { op: 'addForeignKey', table: authors, foreignKey: foreignKey(['extra'], 'agents', { onDelete: 'CASCADE' }) },
      { op: 'addForeignKey', table: { name: 'agents' }, foreignKey: foreignKey(['id'], 'agents') },
    ],
    copies: 0,
    gains: 'extra',
  },
}

const project = (rows: Record<string, unknown[]>, without: readonly (string | undefined)[]): unknown =>
  Object.fromEntries(
    Object.entries(rows).map(([name, list]) => [
      name,
      list.map((row) =>
        Object.values(Object.fromEntries(Object.entries(row as object).filter(([key]) => !without.includes(key)))),
      ),
    ]),
  )

describe.each(Object.keys(runners) as (keyof typeof runners)[])('render, with %s', (runner) => {
  test.each(Object.keys(changes))('applies and reverts twice: %s', async (name) => {
    const { change, copies, back: copiesBack = copies, loses, gains } = changes[name]!
    const { dataSource, schema: from, rows } = await newLibrary()
    const operations = change(from)
    const wanted = applyOperations(operations, from)
    const back = reverseOperations(operations)
    const { up, down } = renderBothWays(operations, back, from, wanted)
    expect(up.filter(({ sql }) => sql.startsWith('INSERT INTO "aludel_new_'))).toHaveLength(copies)

    await runners[runner](dataSource, up)
    const after = await schemaOf(dataSource)
    expect(withTriggerNames(after)).toEqual(withTriggerNames(wanted))
    await expectSound(dataSource)
    const names = tables.map((table) =>
      table === 'authors' && wanted.tables.every((item) => item.name !== 'authors') ? 'writers' : table,
    )
    expect(Object.values(project(await rowsOf(dataSource, names), [gains]) as object)).toEqual(
      Object.values(project(rows, [loses].flat()) as object),
    )

    expect(down.filter(({ sql }) => sql.startsWith('INSERT INTO "aludel_new_'))).toHaveLength(copiesBack)
    await runners[runner](dataSource, down)
    const restored = await schemaOf(dataSource)
    expect(normalizeSchema(restored)).toEqual(normalizeSchema(from))
    await expectSound(dataSource)
    expect(project(await rowsOf(dataSource), [loses].flat())).toEqual(project(rows, [loses].flat()))

    // A reverted change can be applied and reverted again, by the same statements.
    await runners[runner](dataSource, up)
    expect(withTriggerNames(await schemaOf(dataSource))).toEqual(withTriggerNames(wanted))
    await runners[runner](dataSource, down)
    expect(normalizeSchema(await schemaOf(dataSource))).toEqual(normalizeSchema(from))

    // Counter, triggers, views and foreign key actions still work.
    expect(restored.tables.map(({ triggers }) => triggers.map((trigger) => trigger.name))).toEqual(
      from.tables.map(({ triggers }) => triggers.map((trigger) => trigger.name)),
    )
    await dataSource.query(`INSERT INTO authors (name, age) VALUES ('Dan', 5)`)
    expect(await dataSource.query(`SELECT id FROM authors WHERE name = 'DAN'`)).toEqual([{ id: 10 }])
    expect(await dataSource.query('SELECT * FROM log')).toContainEqual({ text: 'added Dan' })
    expect(await dataSource.query(`SELECT title FROM titles WHERE name = 'ann'`)).toEqual([{ title: 'one' }])
    await dataSource.query(`INSERT INTO books VALUES (9, 10, 'x')`)
    expect(await dataSource.query(`SELECT age FROM authors WHERE id = 10`)).toEqual([{ age: 6 }])
    await expect(dataSource.query('DELETE FROM authors WHERE id = 10')).rejects.toThrow('books are kept')
    await dataSource.query('DROP TRIGGER book_kept')
    await dataSource.query('DELETE FROM prizes')
    await dataSource.query('DELETE FROM authors WHERE id = 7')
    expect(await dataSource.query('SELECT id FROM books')).toEqual([{ id: 1 }, { id: 2 }, { id: 9 }])
    expect(await dataSource.query('SELECT * FROM letters')).toEqual([
      { id: 1, author: 1 },
      { id: 2, author: null },
    ])
    expect(await dataSource.query('SELECT id FROM pages')).toEqual([{ id: 1 }])
  })

  test('creates a whole schema and drops it again', async () => {
    const { schema } = await newLibrary()
    const created: Operation[] = [
      ...schema.tables.map((table): Operation => ({
        op: 'createTable',
        table: { name: table.name },
        definition: { ...table, foreignKeys: [], indexes: [] },
      })),
      ...schema.tables.flatMap((table) =>
        table.indexes.map((item): Operation => ({ op: 'createIndex', table: { name: table.name }, index: item })),
      ),
      ...schema.tables.flatMap((table) =>
        table.foreignKeys.map((item): Operation => ({
          op: 'addForeignKey',
          table: { name: table.name },
          foreignKey: item,
        })),
      ),
      ...['names', 'titles'].map((name): Operation => ({ op: 'createView', definition: find(schema.views, name) })),
    ]
    const target = await databases.with()
    const statements = render(created, await schemaOf(target))
    expect(statements.filter(({ sql }) => sql.includes('aludel_new_'))).toEqual([])
    await runners[runner](target, statements)
    expect(withoutInline(await schemaOf(target))).toEqual(withoutInline(schema))
    for (const sql of library.filter((statement) => statement.startsWith('INSERT'))) await target.query(sql)

    await target.query('DROP TRIGGER book_kept')
    await runners[runner](target, render(reverseOperations(created), await schemaOf(target)))
    expect((await schemaOf(target)).tables).toEqual([])
  })
})

describe('renderBothWays', () => {
  const columnsOf = ({ tables: all }: Schema, table: string): string[] | undefined =>
    all.find(({ name }) => name === table)?.columns.map(({ name }) => name)

  test('restores the order of columns by a rebuild, whatever their order in the entities', async () => {
    const { dataSource, schema: from, rows } = await newLibrary()
    const [self] = findIn(from, 'authors').foreignKeys.filter(({ references }) => references.name === 'authors')
    const operations: Operation[] = [
      { op: 'dropForeignKey', table: authors, foreignKey: self! },
      { op: 'dropColumn', table: authors, column: columnIn(from, 'authors', 'mentor') },
      { op: 'dropUnique', table: authors, unique: { name: 'UQ_name', columns: ['name'] } },
    ]
    const wanted = applyOperations(operations, from)
    const tablesAsDeclared = wanted.tables.map((table) => ({ ...table, columns: table.columns.toReversed() }))
    const { up, down } = renderBothWays(operations, reverseOperations(operations), from, {
      ...wanted,
      tables: tablesAsDeclared,
    })
    await runAlone(dataSource, up)
    expect(columnsOf(await schemaOf(dataSource), 'authors')).toEqual(columnsOf(wanted, 'authors'))
    await runAlone(dataSource, down)
    expect(columnsOf(await schemaOf(dataSource), 'authors')).toEqual(columnsOf(from, 'authors'))
    expect(project(await rowsOf(dataSource), ['mentor'])).toEqual(project(rows, ['mentor']))
  })
})

const odd = ['order', 'a "b" c', "it's", 'größe 表', 'SELECT', '[x]', 'a`b', 'dot.ted']

describe.each(Object.keys(runners) as (keyof typeof runners)[])('render of odd names, with %s', (runner) => {
  test.each(odd)('rebuilds and restores a table and column named %s', async (name) => {
    const [sql, other] = [`"${name.replaceAll('"', '""')}"`, `"of ${name.replaceAll('"', '""')}"`]
    const dataSource = await databases.with(
      `CREATE TABLE ${sql} ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, ${sql} text COLLATE NOCASE, "self" integer REFERENCES ${sql} ("id") ON DELETE CASCADE,
         CHECK (${sql} <> '
  two lines, ) and "quotes"'))`,
      `CREATE INDEX "ix ${sql.slice(1)} ON ${sql} (${sql} DESC) where ${sql} is not null`,
      `CREATE TABLE ${other} ("id" integer PRIMARY KEY, ${sql} integer REFERENCES ${sql} ("id") ON DELETE CASCADE)`,
      `CREATE VIEW "v ${sql.slice(1)} AS SELECT ${sql} FROM ${sql}`,
      `CREATE TRIGGER "t ${sql.slice(1)} AFTER INSERT ON ${sql} BEGIN UPDATE ${sql} SET ${sql} = ${sql} || '!' WHERE "id" = new."id"; END`,
      `INSERT INTO ${sql} VALUES (1, 'x', NULL), (5, 'y', 1)`,
      `INSERT INTO ${other} VALUES (1, 1), (2, 5)`,
    )
    const from = await schemaOf(dataSource)
    const table = { name }
    const operations: Operation[] = [
      { op: 'addColumn', table, column: column(`new ${name}`, { nullable: false, default: "datetime('now')" }) },
      { op: 'addUnique', table, unique: { name: `UQ ${name}`, columns: [name, 'id'] } },
    ]
    const reverse = reverseOperations(operations)
    const wanted = applyOperations(operations, from)
    const { up, down } = renderBothWays(operations, reverse, from, wanted)
    await runners[runner](dataSource, up)
    expect(normalizeSchema(await schemaOf(dataSource))).toEqual(normalizeSchema(wanted))
    await expectSound(dataSource)
    await runners[runner](dataSource, down)
    const after = await schemaOf(dataSource)
    expect(normalizeSchema(after)).toEqual(normalizeSchema(from))
    expect(after.tables.map(({ triggers }) => triggers)).toEqual(from.tables.map(({ triggers }) => triggers))
    await expectSound(dataSource)
    expect(await dataSource.query(`SELECT "id" FROM ${other}`)).toEqual([{ id: 1 }, { id: 2 }])
    await dataSource.query(`INSERT INTO ${sql} (${sql}) VALUES ('z')`)
    expect(await dataSource.query(`SELECT "id", ${sql} AS value FROM ${sql}`)).toContainEqual({ id: 6, value: 'z!' })
    await dataSource.query(`DELETE FROM ${sql} WHERE "id" = 1`)
    expect(await dataSource.query(`SELECT "id" FROM ${other}`)).toEqual([])
  })
})

describe('render', () => {
  async function changed(
    before: string[],
    operations: (schema: Schema) => Operation[],
  ): Promise<{ dataSource: DataSource; sql: string[] }> {
    const dataSource = await databases.with(...before)
    const from = await schemaOf(dataSource)
    const list = operations(from)
    const statements = render(list, from)
    await run(dataSource, statements)
    const after = await schemaOf(dataSource)
    const wanted = applyOperations(list, from)
    expect(withTriggerNames(after)).toEqual(withTriggerNames(wanted))
    return { dataSource, sql: statements.map(({ sql }) => sql) }
  }
  const t = { name: 't' }

  test('converts values to another type if no part of them is lost', async () => {
    const { dataSource } = await changed(
      [
        'CREATE TABLE t (a text, b integer, c blob, d text, e real)',
        `INSERT INTO t VALUES ('12', 7, x'414243', 'text', 1.5), ('-3', -1, NULL, NULL, 2)`,
      ],
      (schema) => [
        alter(schema, 't', 'a', { type: 'integer' }),
        alter(schema, 't', 'b', { type: 'varchar' }),
        alter(schema, 't', 'c', { type: 'text' }),
        alter(schema, 't', 'd', { type: 'blob' }),
        alter(schema, 't', 'e', { type: 'integer' }),
      ],
    )
    expect(await dataSource.query('SELECT a, b, c, hex(d) AS d, typeof(d) AS type, e FROM t')).toEqual([
      { a: 12, b: '7', c: 'ABC', d: '74657874', type: 'blob', e: 1.5 },
      { a: -3, b: '-1', c: null, d: '', type: 'null', e: 2 },
    ])
  })

  test.each(['abc', '007', '1.5', '99999999999999999999'])(
    'refuses to convert the text %s to integer',
    async (value) => {
      const dataSource = await databases.with('CREATE TABLE t (a text)', `INSERT INTO t VALUES ('12'), ('${value}')`)
      const from = await schemaOf(dataSource)
      const statements = render([alter(from, 't', 'a', { type: 'integer' })], from)
      const error: unknown = await run(dataSource, statements).catch((thrown: unknown) => thrown)
      expect(errorText(error)).toBe('rows of t.a that do not fit integer: 1')
      expect(await schemaOf(dataSource)).toEqual(from)
      await expectSound(dataSource)
    },
  )

  test.each(['uuid', 'datetime', 'timestamp', 'date', 'json'])(
    'keeps texts in a column of type %s, and refuses only those that SQLite would change into numbers',
    async (type) => {
      const texts = ['2024-01-01 10:00:00', '00000000-0000-4000-8000-000000000001', 'abc', '{"a":1}', '12', '12:30', '']
      const dataSource = await databases.with('CREATE TABLE t (a text)')
      const insert = (value: string) => dataSource.query(`INSERT INTO t VALUES ('${value}')`)
      for (const value of texts) await insert(value)
      const from = await schemaOf(dataSource)
      const statements = render([alter(from, 't', 'a', { type })], from)
      for (const changed of ['007', ' 5', '1e3', '1.50', '99999999999999999999']) {
        await insert(changed)
        const error: unknown = await run(dataSource, statements).catch((thrown: unknown) => thrown)
        expect(errorText(error)).toBe(`rows of t.a that do not fit ${type}: 1`)
        await dataSource.query(`DELETE FROM t WHERE a = '${changed}'`)
      }
      await run(dataSource, statements)
      expect(await dataSource.query('SELECT CAST(a AS text) AS a FROM t')).toEqual(texts.map((a) => ({ a })))
    },
  )

  test('refuses an integer that a float cannot hold, and keeps the others', async () => {
    const dataSource = await databases.with(
      'CREATE TABLE t (a int)',
      'INSERT INTO t VALUES (9007199254740992), (9007199254740993)',
    )
    const from = await schemaOf(dataSource)
    const statements = render([alter(from, 't', 'a', { type: 'float' })], from)
    const error: unknown = await run(dataSource, statements).catch((thrown: unknown) => thrown)
    expect(errorText(error)).toBe('rows of t.a that do not fit float: 1')
    await dataSource.query('DELETE FROM t WHERE a = 9007199254740993')
    await run(dataSource, statements)
    expect(await dataSource.query('SELECT CAST(a AS integer) = 9007199254740992 AS same FROM t')).toEqual([{ same: 1 }])
  })

  test('counts the rows of several columns of a table in one statement, and names the first with some', async () => {
    const dataSource = await databases.with(
      'CREATE TABLE t (a text, b text, c text)',
      `INSERT INTO t VALUES ('1', 'x', NULL), ('2', 'y', NULL)`,
    )
    const from = await schemaOf(dataSource)
    const operations = [
      alter(from, 't', 'a', { type: 'integer' }),
      alter(from, 't', 'b', { type: 'integer' }),
      alter(from, 't', 'c', { nullable: false }),
    ]
    const statements = render(operations, from)
    expect(statements.filter(({ sql }) => sql.includes('json_extract'))).toHaveLength(1)
    for (const [message, fix] of [
      ['rows of t.b that do not fit integer: 2', `UPDATE t SET b = '3'`],
      ['rows with NULL in t.c, which becomes NOT NULL: 2', `UPDATE t SET c = 'c'`],
    ] as const) {
      const error: unknown = await run(dataSource, statements).catch((thrown: unknown) => thrown)
      expect(errorText(error)).toBe(message)
      await dataSource.query(fix)
    }
    await run(dataSource, statements)
    expect(await dataSource.query('SELECT * FROM t LIMIT 1')).toEqual([{ a: 1, b: 3, c: 'c' }])
  })

  test('replaces NULL with the default when a column becomes NOT NULL', async () => {
    const { dataSource } = await changed(
      ['CREATE TABLE t (a text, b text)', `INSERT INTO t VALUES ('x', 'y'), (NULL, NULL)`],
      (schema) => [
        alter(schema, 't', 'a', { nullable: false, default: "'it''s'" }),
        alter(schema, 't', 'b', { nullable: false, default: "lower('Z')" }),
      ],
    )
    expect(await dataSource.query('SELECT * FROM t')).toEqual([
      { a: 'x', b: 'y' },
      { a: "it's", b: 'z' },
    ])
  })

  test('refuses NOT NULL without a default where a row has NULL, and changes nothing', async () => {
    const dataSource = await databases.with('CREATE TABLE t (a text)', 'INSERT INTO t VALUES (NULL)')
    const from = await schemaOf(dataSource)
    const statements = render([alter(from, 't', 'a', { nullable: false })], from)
    await expect(run(dataSource, statements)).rejects.toThrow('rows with NULL in t.a, which becomes NOT NULL: 1')
    expect(await schemaOf(dataSource)).toEqual(from)
    await expectSound(dataSource)
  })

  test('turns a computed column into a plain one, and a plain one into a computed one', async () => {
    const before = ['CREATE TABLE t (a integer, b integer AS (a * 2) STORED)', 'INSERT INTO t VALUES (1), (2)']
    const { dataSource } = await changed(before, (schema) => {
      const from = columnIn(schema, 't', 'b')
      return [{ op: 'alterColumn', table: t, from, to: column('b', { type: 'integer' }) }]
    })
    expect(await dataSource.query('SELECT * FROM t')).toEqual([
      { a: 1, b: 2 },
      { a: 2, b: 4 },
    ])
    const from = await schemaOf(dataSource)
    await run(
      dataSource,
      render([alter(from, 't', 'b', { generated: { expression: '"a" * 3', kind: 'virtual' } })], from),
    )
    expect(await dataSource.query('SELECT * FROM t')).toEqual([
      { a: 1, b: 3 },
      { a: 2, b: 6 },
    ])
  })

  test('does not copy values of a dropped column to a new one of the same name', async () => {
    const { dataSource } = await changed(
      ['CREATE TABLE t (a text, b text)', `INSERT INTO t VALUES ('x', 'y')`],
      (schema) => [
        { op: 'dropColumn', table: t, column: columnIn(schema, 't', 'a') },
        { op: 'addColumn', table: t, column: column('a', { default: "'new'" }) },
      ],
    )
    expect(await dataSource.query('SELECT a, b FROM t')).toEqual([{ a: 'new', b: 'y' }])
  })

  test('gives a column the name of a dropped one that only a rebuild can drop', async () => {
    const { dataSource, sql } = await changed(
      [
        'CREATE TABLE t (a text, b text, CHECK (b > a))',
        `INSERT INTO t VALUES ('x', 'y')`,
        'CREATE VIEW v AS SELECT 1 FROM t',
      ],
      (schema) => [
        { op: 'dropCheck', table: t, check: findIn(schema, 't').checks[0]! },
        { op: 'dropColumn', table: t, column: columnIn(schema, 't', 'b') },
        { op: 'renameColumn', table: t, from: 'a', to: 'b' },
      ],
    )
    expect(sql.slice(0, 2)).toEqual([
      'ALTER TABLE "t" RENAME COLUMN "b" TO "aludel_old_b"',
      'ALTER TABLE "t" RENAME COLUMN "a" TO "b"',
    ])
    expect(await dataSource.query('SELECT * FROM t')).toEqual([{ b: 'x' }])
  })

  test('keeps rows when every column is replaced', async () => {
    const { dataSource } = await changed(['CREATE TABLE t (a text)', `INSERT INTO t VALUES ('x'), ('y')`], (schema) => [
      { op: 'addColumn', table: t, column: column('b', { default: '5', type: 'integer' }) },
      { op: 'dropColumn', table: t, column: columnIn(schema, 't', 'a') },
    ])
    expect(await dataSource.query('SELECT * FROM t')).toEqual([{ b: 5 }, { b: 5 }])
  })

  test('keeps conflict clauses, key collations and STRICT in a rebuild', async () => {
    const { dataSource } = await changed(
      [
        `CREATE TABLE t (id integer PRIMARY KEY ON CONFLICT REPLACE AUTOINCREMENT, a text NOT NULL ON CONFLICT IGNORE, b text,
           CONSTRAINT u UNIQUE (b COLLATE NOCASE) ON CONFLICT REPLACE) STRICT`,
        `INSERT INTO t VALUES (5, 'x', 'y')`,
      ],
      (schema) => [alter(schema, 't', 'b', { default: "'z'" })],
    )
    await dataSource.query(`INSERT INTO t (a, b) VALUES ('q', 'Y')`)
    await dataSource.query(`INSERT INTO t (a) VALUES (NULL)`)
    await expect(dataSource.query(`INSERT INTO t (id, a) VALUES ('no number', 'a')`)).rejects.toThrow(
      'datatype mismatch',
    )
    expect(await dataSource.query('SELECT * FROM t')).toEqual([{ id: 6, a: 'q', b: 'Y' }])
  })

  test('keeps WITHOUT ROWID and its key in a rebuild', async () => {
    const { dataSource } = await changed(
      [
        'CREATE TABLE t (a text NOT NULL, b integer NOT NULL, c text, PRIMARY KEY (b, a)) WITHOUT ROWID, STRICT',
        `INSERT INTO t VALUES ('x', 2, 'z'), ('y', 1, NULL)`,
      ],
      (schema) => [alter(schema, 't', 'c', { default: "'it''s  two spaces -- and DROP TABLE'" })],
    )
    await dataSource.query(`INSERT INTO t (a, b) VALUES ('q', 3)`)
    expect(await dataSource.query('SELECT * FROM t')).toEqual([
      { a: 'y', b: 1, c: null },
      { a: 'x', b: 2, c: 'z' },
      { a: 'q', b: 3, c: "it's  two spaces -- and DROP TABLE" },
    ])
    await expect(dataSource.query('SELECT rowid FROM t')).rejects.toThrow('no such column: rowid')
  })

  test('gives the copy another name when a table already has its name', async () => {
    const { dataSource, sql } = await changed(
      [
        'CREATE TABLE t (a text)',
        'CREATE TABLE "aludel_NEW_t" (a text)',
        'CREATE INDEX aludel_new_aludel_new_t ON t (a)',
        `INSERT INTO t VALUES ('x')`,
        `INSERT INTO aludel_new_t VALUES ('kept')`,
      ],
      (schema) => [alter(schema, 't', 'a', { type: 'varchar(9)' })],
    )
    expect(sql).toContain('DROP TABLE "t"')
    expect(await dataSource.query('SELECT * FROM t')).toEqual([{ a: 'x' }])
    expect(await dataSource.query('SELECT * FROM aludel_new_t')).toEqual([{ a: 'kept' }])
  })

  test('fails instead of losing a row to a conflict clause', async () => {
    const dataSource = await databases.with(
      'CREATE TABLE t (id integer PRIMARY KEY, a text, b text, UNIQUE (b) ON CONFLICT REPLACE)',
      `INSERT INTO t VALUES (1, 'x', 'p'), (2, 'x', 'q')`,
    )
    const from = await schemaOf(dataSource)
    const statements = render([{ op: 'addUnique', table: t, unique: { columns: ['a'], onConflict: 'IGNORE' } }], from)
    expect(statements.filter(({ sql }) => sql.startsWith('INSERT OR ABORT INTO "aludel_new_t"'))).toHaveLength(1)
    await expect(run(dataSource, statements)).rejects.toThrow('UNIQUE constraint failed')
    expect(await dataSource.query('SELECT * FROM t')).toHaveLength(2)
  })

  test('keeps the autoincrement counter of an empty table', async () => {
    const { dataSource } = await changed(
      [
        'CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT, a text)',
        `INSERT INTO t VALUES (41, 'x')`,
        'DELETE FROM t',
      ],
      (schema) => [alter(schema, 't', 'a', { type: 'varchar' })],
    )
    await dataSource.query(`INSERT INTO t (a) VALUES ('y')`)
    expect(await dataSource.query('SELECT id FROM t')).toEqual([{ id: 42 }])
    expect(await dataSource.query('SELECT * FROM sqlite_sequence')).toEqual([{ name: 't', seq: 42 }])
  })

  test('updates triggers after renames in a rebuild, also those of other tables', async () => {
    const { dataSource } = await changed(
      [
        'CREATE TABLE t (a text, b integer)',
        'CREATE TABLE u (a text, c integer)',
        `CREATE TRIGGER t1 AFTER UPDATE OF a, b ON t WHEN new.a <> old.a BEGIN
           INSERT INTO u (a, c) SELECT x.a, x.b FROM t AS x WHERE x.a = new.a; UPDATE t SET b = b + 1 WHERE t.a = new.a; END`,
        `CREATE TRIGGER u1 AFTER DELETE ON u BEGIN DELETE FROM t WHERE a = old.a; INSERT INTO t (a, b) VALUES ('deleted', old.c); END`,
        `INSERT INTO t VALUES ('x', 1)`,
      ],
      (schema) => {
        const b = columnIn(schema, 't', 'b')
        return [
          { op: 'renameTable', table: t, to: { name: 'things' } },
          { op: 'renameColumn', table: { name: 'things' }, from: 'a', to: 'label' },
          { op: 'alterColumn', table: { name: 'things' }, from: b, to: { ...b, type: 'bigint' } },
          alter(schema, 'u', 'c', { type: 'bigint' }),
        ]
      },
    )
    await dataSource.query(`UPDATE things SET label = 'y'`)
    expect(await dataSource.query('SELECT * FROM u')).toEqual([{ a: 'y', c: 1 }])
    expect(await dataSource.query('SELECT * FROM things')).toEqual([{ label: 'y', b: 2 }])
    await dataSource.query(`DELETE FROM u`)
    expect(await dataSource.query('SELECT * FROM things')).toEqual([{ label: 'deleted', b: 1 }])
  })

  test('keeps the triggers of a view that is dropped and recreated', async () => {
    const { dataSource } = await changed(
      [
        'CREATE TABLE t (a text)',
        'CREATE VIEW v AS SELECT a FROM t',
        `CREATE TRIGGER vt INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a) VALUES (new.a || '!'); END`,
      ],
      (schema) => {
        const [definition] = schema.views as [Schema['views'][number]]
        return [
          { op: 'dropView', definition },
          { op: 'renameTable', table: t, to: { name: 'things' } },
          {
            op: 'createView',
            definition: { ...definition, definition: 'SELECT "a" FROM "things"', dependsOn: [{ name: 'things' }] },
          },
        ]
      },
    )
    await dataSource.query(`INSERT INTO v (a) VALUES ('x')`)
    expect(await dataSource.query('SELECT a FROM v')).toEqual([{ a: 'x!' }])
  })

  test('drops an index before another table creates one of the same name', async () => {
    const { sql } = await changed(
      ['CREATE TABLE t (a text)', 'CREATE TABLE u (a text)', 'CREATE INDEX i ON u (a)'],
      (schema) => [
        { op: 'dropIndex', table: { name: 'u' }, index: findIn(schema, 'u').indexes[0]! },
        { op: 'createIndex', table: t, index: findIn(schema, 'u').indexes[0]! },
        { op: 'addColumn', table: { name: 'u' }, column: column('b') },
      ],
    )
    expect(sql).toEqual(['DROP INDEX "i"', 'CREATE INDEX "i" ON "t" ("a")', 'ALTER TABLE "u" ADD COLUMN "b" text'])
  })

  test('renames indexes of two tables when one takes the old name of the other', async () => {
    const { dataSource } = await changed(
      [
        'CREATE TABLE t (a text)',
        'CREATE TABLE u (a text)',
        'CREATE INDEX i ON t (a)',
        'CREATE INDEX j ON u (a)',
        'CREATE INDEX k ON u (a, a DESC)',
      ],
      (schema) => [
        { op: 'dropIndex', table: { name: 'u' }, index: findIn(schema, 'u').indexes[1]! },
        { op: 'renameIndex', table: { name: 'u' }, from: 'j', to: 'k' },
        { op: 'renameIndex', table: t, from: 'i', to: 'j' },
      ],
    )
    expect(await dataSource.query(`SELECT name, tbl_name FROM sqlite_master WHERE type = 'index' ORDER BY 1`)).toEqual([
      { name: 'j', tbl_name: 't' },
      { name: 'k', tbl_name: 'u' },
    ])
  })

  test('gives a table the name and the index name of a dropped one', async () => {
    const { dataSource } = await changed(
      [
        'CREATE TABLE t (a text)',
        'CREATE INDEX i ON t (a)',
        'CREATE TABLE u (id integer PRIMARY KEY, x text)',
        `INSERT INTO u VALUES (1, 'kept')`,
      ],
      (schema) => {
        const old = findIn(schema, 't')
        return [
          { op: 'dropIndex', table: t, index: old.indexes[0]! },
          { op: 'dropTable', table: t, definition: { ...old, indexes: [] } },
          { op: 'renameTable', table: { name: 'u' }, to: t },
          { op: 'addCheck', table: t, check: { expression: '"x" <> \'\'' } },
          { op: 'createIndex', table: t, index: index('i', { keys: [{ column: 'x' }] }) },
        ]
      },
    )
    expect(await dataSource.query('SELECT * FROM t')).toEqual([{ id: 1, x: 'kept' }])
  })

  test('drops a foreign key before the table that it references', async () => {
    const before = [
      'CREATE TABLE p (id integer PRIMARY KEY)',
      'CREATE TABLE t (id integer PRIMARY KEY, p integer REFERENCES p ON DELETE CASCADE, note text)',
      'INSERT INTO p VALUES (1)',
      `INSERT INTO t VALUES (1, 1, 'x')`,
    ]
    const dataSource = await databases.with(...before)
    const from = await schemaOf(dataSource)
    const statements = render(
      [
        { op: 'dropForeignKey', table: t, foreignKey: findIn(from, 't').foreignKeys[0]! },
        { op: 'dropTable', table: { name: 'p' }, definition: findIn(from, 'p') },
        alter(from, 't', 'note', { type: 'varchar' }),
      ],
      from,
    )
    await runEnforced(dataSource, statements)
    expect(await dataSource.query('SELECT * FROM t')).toEqual([{ id: 1, p: 1, note: 'x' }])
  })

  test('drops tables before the tables that they reference', async () => {
    const before = [
      'CREATE TABLE a (id integer PRIMARY KEY, b integer REFERENCES b)',
      'CREATE TABLE b (id integer PRIMARY KEY, a integer REFERENCES a)',
      'CREATE TABLE c (id integer PRIMARY KEY, a integer NOT NULL REFERENCES a)',
      'INSERT INTO a VALUES (1, NULL)',
      'INSERT INTO b VALUES (1, 1)',
      'UPDATE a SET b = 1',
      'INSERT INTO c VALUES (1, 1)',
    ]
    const dataSource = await databases.with(...before)
    const from = await schemaOf(dataSource)
    const drops = from.tables.flatMap((table): Operation[] =>
      table.foreignKeys.map((item) => ({ op: 'dropForeignKey', table: { name: table.name }, foreignKey: item })),
    )
    const gone = from.tables.map((table): Operation => ({
      op: 'dropTable',
      table: { name: table.name },
      definition: { ...table, foreignKeys: [] },
    }))
    await runEnforced(dataSource, render([...drops, ...gone], from))
    expect((await schemaOf(dataSource)).tables).toEqual([])
  })

  test('renders nothing for operations that undo each other', async () => {
    const { sql } = await changed(['CREATE TABLE t (a text CHECK (a > 1), b text)'], (schema) => {
      const check = findIn(schema, 't').checks[0]!
      return [
        { op: 'dropCheck', table: t, check },
        { op: 'addCheck', table: t, check },
      ]
    })
    expect(sql).toEqual([])
  })

  test('renders readable statements with comments', async () => {
    const dataSource = await databases.with(
      'CREATE TABLE workflows (id varchar(36) PRIMARY KEY NOT NULL, note text, CHECK (note <> 1))',
    )
    const from = await schemaOf(dataSource)
    const workflows = { name: 'workflows' }
    expect(
      render(
        [
          {
            op: 'addColumn',
            table: workflows,
            column: column('state', { type: 'varchar', nullable: false, default: "'a'" }),
          },
          { op: 'addCheck', table: workflows, check: { expression: `"state" IN ('a', 'b')` } },
        ],
        from,
      ),
    ).toEqual([
      {
        comment: 'workflows: add column state, add check',
        sql: `ALTER TABLE "workflows"\n  ADD COLUMN "state" varchar CHECK ("state" IN ('a', 'b')) NOT NULL DEFAULT 'a'`,
      },
    ])
    expect(
      render(
        [
          { op: 'dropCheck', table: workflows, check: findIn(from, 'workflows').checks[0]! },
          { op: 'dropColumn', table: workflows, column: columnIn(from, 'workflows', 'note') },
          { op: 'addUnique', table: workflows, unique: { name: 'UQ', columns: ['id'] } },
        ],
        from,
      ),
    ).toEqual([
      {
        comment: 'workflows: rebuild (drop check, drop column note, add unique (id))',
        sql: 'SAVEPOINT "aludel_rebuild"',
      },
      {
        sql: `CREATE TABLE "aludel_new_workflows" (\n  "id" varchar(36) PRIMARY KEY NOT NULL,\n  CONSTRAINT "UQ" UNIQUE ("id")\n)`,
      },
      { sql: 'INSERT INTO "aludel_new_workflows" ("id") SELECT "id" FROM "workflows"' },
      { sql: 'DROP TABLE "workflows"' },
      { sql: 'PRAGMA legacy_alter_table = ON' },
      { sql: 'ALTER TABLE "aludel_new_workflows" RENAME TO "workflows"' },
      { sql: 'PRAGMA legacy_alter_table = OFF' },
      { sql: 'RELEASE "aludel_rebuild"' },
    ])
  })

  test('refuses an operation that SQLite does not support', () => {
    const empty: Schema = { tables: [], enums: [], sequences: [], views: [], schemas: [], extensions: [] }
    expect(() => render([{ op: 'createEnum', definition: { name: 'mood', values: ['a'] } }], empty)).toThrow(
      expect.objectContaining({ code: 'ALUDEL_OPERATION' }),
    )
  })

  test('recreates the same schema from the schema that it reads', async () => {
    const { schema } = await newLibrary()
    expect(withoutInline(await schemaOf(await databases.with(...everythingSql(schema))))).toEqual(withoutInline(schema))
  })
})
