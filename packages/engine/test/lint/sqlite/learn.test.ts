import { SqliteKnowledge } from '../../../src/lint/sqlite/read'
import type { SqliteCatalog } from '../../../src/lint/sqlite/catalog'
import type { SqliteName } from '../../../src/lint/sqlite/facts'
import type { LintStep } from '../../../src/lint/rule'
import { sqliteEffects } from '../../../src/sql/sqlite/effects'

/** What is known after the upgrades of some revisions. */
function after(...revisions: readonly (readonly string[])[]): SqliteCatalog {
  const knowledge = new SqliteKnowledge({ effects: sqliteEffects, rows: () => undefined })
  const catalogs = revisions.flatMap((statements, index) => {
    const step: LintStep = {
      revision: `r${String(index)}`,
      direction: 'upgrade',
      statements,
      transactional: true,
      declaresOutside: false,
      generated: false,
    }
    return [...knowledge.subjects(step)].map(({ catalog }) => catalog)
  })
  const catalog = catalogs.at(-1)
  if (catalog === undefined) throw new Error('no statement')
  return catalog
}

const named = (catalog: SqliteCatalog, name: string, schema?: string): SqliteName => catalog.name({ schema, name })
const columnsOf = (catalog: SqliteCatalog, table: string): readonly string[] =>
  [...(catalog.table(named(catalog, table))?.columns.values() ?? [])].map(({ name }) => name)

const users = `CREATE TABLE "Users" (
  id integer PRIMARY KEY AUTOINCREMENT NOT NULL, email varchar(50) NOT NULL UNIQUE, age integer DEFAULT 1 CHECK (age > 0),
  kind text CHECK (kind IN ('a', 'b')), team integer REFERENCES teams (id) ON DELETE CASCADE,
  initial text GENERATED ALWAYS AS (substr(email, 1, 1)) STORED, CONSTRAINT uq UNIQUE (email, age))`

describe('what is known of a SQLite database', () => {
  test('has the columns and constraints of a table', () => {
    const catalog = after([users])
    const table = catalog.table(named(catalog, 'USERS'))
    expect([...(table?.columns.values() ?? [])]).toMatchObject([
      { name: 'id', type: 'integer', notNull: true, autoincrement: true, hasDefault: false, madeIn: 'r0:upgrade' },
      { name: 'email', type: 'varchar(50)', notNull: true },
      { name: 'age', hasDefault: true, notNull: false },
      { name: 'kind' },
      { name: 'team' },
      { name: 'initial', generated: 'stored', mentions: new Set(['email']) },
    ])
    expect(
      table?.constraints.map(({ name, kind, columns, inline, onDelete }) => [
        kind,
        name,
        [...columns].join(),
        inline,
        onDelete,
      ]),
    ).toEqual([
      ['primary key', undefined, 'id', undefined, undefined],
      ['unique', undefined, 'email', undefined, undefined],
      ['check', undefined, 'age', 'age', undefined],
      ['check', undefined, 'kind', 'kind', undefined],
      ['foreign key', undefined, 'team', 'team', 'CASCADE'],
      ['unique', 'uq', 'email,age', undefined, undefined],
    ])
    expect(table?.constraints[3]?.allowed).toEqual({ column: 'kind', values: ["'a'", "'b'"] })
    expect(table).toMatchObject({ complete: true, strict: false, madeIn: 'r0:upgrade' })
    expect(catalog.referring(named(catalog, 'teams')).map(({ name }) => name.text)).toEqual(['Users'])
    expect(catalog.columnsOf('users')).toEqual(['id', 'email', 'age', 'kind', 'team'])
  })

  test('follows ALTER TABLE', () => {
    const catalog = after(
      [users, 'CREATE INDEX ix ON users (email) WHERE email IS NOT NULL', 'CREATE VIEW v AS SELECT email FROM users'],
      [
        "ALTER TABLE users ADD COLUMN nick text NOT NULL DEFAULT '' REFERENCES nicks",
        'ALTER TABLE users RENAME COLUMN email TO mail',
        'ALTER TABLE users DROP COLUMN kind',
        'ALTER TABLE users DROP CONSTRAINT uq',
        'ALTER TABLE users ALTER COLUMN mail DROP NOT NULL',
        'ALTER TABLE users ADD CONSTRAINT named CHECK (length(mail) > 3)',
        'ALTER TABLE users RENAME TO people',
      ],
    )
    expect(columnsOf(catalog, 'users')).toEqual([])
    expect(columnsOf(catalog, 'people')).toEqual(['id', 'mail', 'age', 'team', 'initial', 'nick'])
    const people = named(catalog, 'people')
    expect(catalog.column(people, 'mail')).toMatchObject({ notNull: false, madeIn: 'r0:upgrade' })
    expect(catalog.column(people, 'nick')).toMatchObject({ notNull: true, hasDefault: true, madeIn: 'r1:upgrade' })
    expect(catalog.column(people, 'initial')?.mentions).toEqual(new Set(['mail']))
    expect(catalog.table(people)?.constraints.map(({ kind, name }) => name ?? kind)).toEqual([
      'primary key',
      'unique',
      'check',
      'foreign key',
      'foreign key',
      'named',
    ])
    expect(catalog.indexesOf(people)).toMatchObject([{ columns: ['mail'], partial: true, unique: false }])
    expect([...catalog.views.values()]).toMatchObject([{ reads: new Set(['people']) }])
    expect(catalog.wasKey(people.key)).toBe(named(catalog, 'users').key)
  })

  test('tells objects of the temporary schema and of attached databases from those of the main one', () => {
    const catalog = after(['CREATE TABLE a (x)', 'CREATE TEMP TABLE a (y)', 'CREATE TABLE aux.a (z)'])
    expect(named(catalog, 'a').text).toBe('temp.a')
    expect(catalog.columnsOf('a')).toEqual(['x'])
    expect(catalog.columnsOf('temp.a')).toEqual(['y'])
    expect(catalog.columnsOf('aux.a')).toEqual(['z'])
  })

  test('drops the indexes and triggers of a table with it, and keeps them in mind for the step', () => {
    const trigger = 'CREATE TRIGGER t AFTER INSERT ON users BEGIN INSERT INTO log (text) VALUES (new.email); END'
    const catalog = after([users, trigger, 'CREATE UNIQUE INDEX ix ON users (lower(email), age)'], ['DROP TABLE users'])
    expect([catalog.tables.size, catalog.indexes.size, catalog.triggers.size]).toEqual([0, 0, 0])
    expect([...catalog.lost.values()].flat()).toMatchObject([
      { unique: true, columns: [undefined, 'age'], mentions: new Set(['email', 'age']) },
      { name: { name: 't' } },
    ])
  })

  test('leaves a table that may exist already as it is', () => {
    const catalog = after(
      ['CREATE TABLE a (x)'],
      ['CREATE TABLE IF NOT EXISTS a (y)', 'CREATE TABLE IF NOT EXISTS b (y)'],
    )
    expect(columnsOf(catalog, 'a')).toEqual(['x'])
    expect(catalog.table(named(catalog, 'b'))).toMatchObject({ complete: true })
    expect(catalog.isNew(named(catalog, 'b'))).toBe(true)
    expect(catalog.isNew(named(catalog, 'a'))).toBe(false)
  })

  test('is not changed by statements that cannot be read', () => {
    const catalog = after(['CREATE TABLE a (x)', 'ALTER TABLE a', 'CREATE TABLE b (', 'DROP INDEX', 'whatever else'])
    expect([...catalog.tables.keys()]).toEqual([named(catalog, 'a').key])
  })
})

describe('a rebuild of a table', () => {
  const before = ['CREATE TABLE t (id integer PRIMARY KEY, a varchar(50), b text)', 'CREATE INDEX ix ON t (b)']
  const copied = 'CREATE TABLE n (id integer PRIMARY KEY, a varchar(20), c text, d text)'

  test.each<[string, string[], boolean]>([
    [
      'that SQLite describes',
      [copied, 'INSERT INTO n (id, a, c) SELECT id, a, b FROM t', 'DROP TABLE t', 'ALTER TABLE n RENAME TO t'],
      false,
    ],
    [
      'that TypeORM undoes',
      [
        'ALTER TABLE t RENAME TO temporary_t',
        copied.replace('TABLE n', 'TABLE t'),
        'INSERT INTO "t"("id", "a", "c") SELECT "id", "a", "b" FROM "temporary_t"',
        'DROP TABLE temporary_t',
      ],
      false,
    ],
    [
      'that the tool writes',
      [
        'SAVEPOINT aludel_rebuild',
        'CREATE TABLE aludel_new_t (id integer PRIMARY KEY, a varchar(20), c text, d text)',
        'INSERT INTO aludel_new_t (id, a, c) SELECT id, a, b FROM t WHERE NOT (SELECT "foreign_keys" FROM pragma_foreign_keys)',
        'CREATE TABLE aludel_old_t AS SELECT id, a, b FROM t WHERE (SELECT "foreign_keys" FROM pragma_foreign_keys)',
        'DROP TABLE t',
        'PRAGMA legacy_alter_table = ON',
        'ALTER TABLE aludel_new_t RENAME TO t',
        'PRAGMA legacy_alter_table = OFF',
        'INSERT INTO t (id, a, c) SELECT id, a, b FROM aludel_old_t',
        'DROP TABLE aludel_old_t',
        'RELEASE aludel_rebuild',
      ],
      true,
    ],
    [
      'that sets all rows aside',
      [
        'SAVEPOINT "aludel_rebuild"',
        'CREATE TABLE aludel_old_t AS SELECT id, a, b FROM t',
        'DROP TABLE t',
        'CREATE TABLE t (id integer PRIMARY KEY, a varchar(20), c text, d text)',
        'INSERT INTO t (id, a, c) SELECT id, a, b FROM aludel_old_t',
        'DROP TABLE aludel_old_t',
        'RELEASE "aludel_rebuild"',
      ],
      true,
    ],
  ])('%s is a change of that table', (_, statements, isOwn) => {
    const catalog = after(before, statements)
    const t = named(catalog, 't')
    expect([...catalog.tables.keys()]).toEqual([t.key])
    expect(catalog.isNew(t)).toBe(false)
    expect(catalog.isNewColumn(t, 'a')).toBe(false)
    expect(catalog.isNewColumn(t, 'd')).toBe(true)
    expect(catalog.table(t)).toMatchObject({ madeIn: 'r0:upgrade', complete: true })
    const rebuild = catalog.rebuilds.get(t.key)
    expect(rebuild).toMatchObject({ isOwn })
    expect(rebuild?.before?.columns.get('a')?.type).toBe('varchar(50)')
    expect([...(rebuild?.columns ?? [])]).toEqual([
      ['id', 'id'],
      ['a', 'a'],
      ['c', 'b'],
    ])
    expect(catalog.lost.get(t.key)?.map(({ name }) => name.name)).toEqual(['ix'])
    expect(catalog.legacyRename).toBe(false)
  })

  test('of a table that was rebuilt before in the step leads back to the first one', () => {
    const again = (columns: string): string[] => [
      `CREATE TABLE n (${columns})`,
      `INSERT INTO n SELECT * FROM t`,
      'DROP TABLE t',
      'ALTER TABLE n RENAME TO t',
    ]
    const catalog = after(before, [...again('id, a, c'), ...again('id, x, y')])
    const rebuild = catalog.rebuilds.get(named(catalog, 't').key)
    expect([...(rebuild?.columns ?? [])]).toEqual([
      ['id', 'id'],
      ['x', 'a'],
      ['y', 'b'],
    ])
    expect(rebuild?.before?.columns.has('b')).toBe(true)
  })

  test('of a table of which nothing is known makes it one that existed before', () => {
    const catalog = after([
      copied,
      'INSERT INTO n (id, a) SELECT id, a FROM t',
      'DROP TABLE t',
      'ALTER TABLE n RENAME TO t',
    ])
    const t = named(catalog, 't')
    expect(catalog.isNew(t)).toBe(false)
    expect(catalog.isNewColumn(t, 'a')).toBe(false)
    expect(catalog.isNewColumn(t, 'c')).toBe(true)
  })

  test('that leaves out rows makes a new table', () => {
    const catalog = after(before, [
      copied,
      'INSERT INTO n (id, a) SELECT id, a FROM t WHERE id > 5',
      'DROP TABLE t',
      'ALTER TABLE n RENAME TO t',
    ])
    expect(catalog.isNew(named(catalog, 't'))).toBe(true)
    expect(catalog.rebuilds.size).toBe(0)
  })

  test('keeps references to the table when it is set aside, and takes them along for any other rename', () => {
    const referring = 'CREATE TABLE o (t integer REFERENCES t (id))'
    const target = (...statements: string[]): (string | undefined)[] =>
      after([...before, referring], statements)
        .tables.get('main\0o')
        ?.constraints.map(({ references }) => references) ?? []
    expect(target('ALTER TABLE t RENAME TO temporary_t')).toEqual(['main\0t'])
    expect(target('ALTER TABLE t RENAME TO t_old')).toEqual(['main\0t_old'])
    expect(target('PRAGMA legacy_alter_table = ON', 'ALTER TABLE t RENAME TO t_old')).toEqual(['main\0t'])
  })
})
