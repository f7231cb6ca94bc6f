import { objectsOf } from '../../../src/dialect/sqlite/observer'

const read = (sql: string, type = 'table') => objectsOf({ type, name: 'T', owner: 'T', sql })
const texts = (sql: string, type?: string): readonly string[] =>
  read(sql, type)
    .map(({ text }) => text)
    .toSorted()

describe('what is read of a statement of SQLite', () => {
  test('is a table, its columns and its constraints, each on its own', () => {
    const sql = `CREATE TABLE "T" ("Id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "b c" varchar(20) DEFAULT ('x'), CONSTRAINT "Ck" CHECK (("b c" > 'a')), FOREIGN KEY ("b c") REFERENCES u ("x") ON DELETE CASCADE) STRICT`
    expect(read(sql)).toEqual([
      { kind: 'table', table: { name: 'T' }, name: 'T', text: 'table t strict', declared: 'table t' },
      {
        kind: 'column',
        table: { name: 'T' },
        name: 'Id',
        text: 'column t . id: integer not null',
        declared: 'column t . id: integer not null',
      },
      {
        kind: 'primaryKey',
        table: { name: 'T' },
        name: '',
        text: 'constraint of t: primary key ( id autoincrement )',
        declared: 'constraint of t: primary key ( id autoincrement )',
        nameless: 'constraint of t: primary key ( id autoincrement )',
      },
      {
        kind: 'column',
        table: { name: 'T' },
        name: 'b c',
        text: `column t . "b c": varchar ( 20 ) default 'x'`,
        declared: `column t . "b c": varchar ( 20 ) default 'x'`,
      },
      {
        kind: 'check',
        table: { name: 'T' },
        name: 'Ck',
        text: `constraint ck of t: check ( "b c" > 'a' )`,
        declared: `constraint ck of t: check ( "b c" > 'a' )`,
        nameless: `constraint of t: check ( "b c" > 'a' )`,
      },
      {
        kind: 'foreignKey',
        table: { name: 'T' },
        name: '',
        text: 'constraint of t: foreign key ( "b c" ) references u ( x ) on delete cascade',
        declared: 'constraint of t: foreign key ( "b c" ) references u ( x ) on delete cascade',
        nameless: 'constraint of t: foreign key ( "b c" ) references u ( x ) on delete cascade',
      },
    ])
  })

  test.each([
    ['quotes and case', 'CREATE TABLE T (A Integer)', 'create table "t" (`a` INTEGER)'],
    ['spaces and comments', 'CREATE TABLE T (a/**/text -- b\n, c)', 'CREATE TABLE T(a text,c)'],
    ['the order of columns', 'CREATE TABLE T (a, b)', 'CREATE TABLE T (b, a)'],
    ['where a key is', 'CREATE TABLE T (a PRIMARY KEY ASC)', 'CREATE TABLE T (a, PRIMARY KEY (a))'],
    [
      'where a unique constraint is',
      'CREATE TABLE T (a CONSTRAINT u UNIQUE)',
      'CREATE TABLE T (a, CONSTRAINT u UNIQUE (a))',
    ],
    ['where a check is', 'CREATE TABLE T (a CHECK (a > 1))', 'CREATE TABLE T (a, CHECK ((a > 1)))'],
    [
      'the order and the defaults of a foreign key',
      'CREATE TABLE T (a REFERENCES u (x) ON UPDATE CASCADE ON DELETE SET NULL)',
      'CREATE TABLE T (a, FOREIGN KEY (a) REFERENCES u (x) ON DELETE SET NULL MATCH SIMPLE ON UPDATE CASCADE NOT DEFERRABLE)',
    ],
    ['what is the default', 'CREATE TABLE T (a NULL DEFAULT NULL COLLATE BINARY)', 'CREATE TABLE T (a)'],
    ['the order of clauses', 'CREATE TABLE T (a DEFAULT 1 NOT NULL)', 'CREATE TABLE T (a NOT NULL DEFAULT (1))'],
    ['a constraint that is there twice', 'CREATE TABLE T (a, UNIQUE (a), UNIQUE (a))', 'CREATE TABLE T (a UNIQUE)'],
    [
      'how a generated column is spelled',
      'CREATE TABLE T (a, b AS (a))',
      'CREATE TABLE T (a, b GENERATED ALWAYS AS ((a)) VIRTUAL)',
    ],
    ['case of bytes', `CREATE TABLE T (a DEFAULT X'FF')`, `CREATE TABLE T (a DEFAULT x'ff')`],
  ])('does not depend on %s', (_name, one, other) => {
    expect(texts(one)).toEqual(texts(other))
  })

  test.each([
    ['a type', 'CREATE TABLE T (a text)', 'CREATE TABLE T (a clob)'],
    ['a literal', `CREATE TABLE T (a DEFAULT 'X')`, `CREATE TABLE T (a DEFAULT 'x')`],
    ['what a conflict does', 'CREATE TABLE T (a UNIQUE ON CONFLICT IGNORE)', 'CREATE TABLE T (a UNIQUE)'],
    [
      'when a foreign key is checked',
      'CREATE TABLE T (a REFERENCES u DEFERRABLE INITIALLY DEFERRED)',
      'CREATE TABLE T (a REFERENCES u)',
    ],
    ['an action', 'CREATE TABLE T (a REFERENCES u ON DELETE RESTRICT)', 'CREATE TABLE T (a REFERENCES u)'],
    ['AUTOINCREMENT', 'CREATE TABLE T (a INTEGER PRIMARY KEY AUTOINCREMENT)', 'CREATE TABLE T (a INTEGER PRIMARY KEY)'],
    ['a collation', 'CREATE TABLE T (a COLLATE NOCASE)', 'CREATE TABLE T (a)'],
    ['WITHOUT ROWID', 'CREATE TABLE T (a PRIMARY KEY) WITHOUT ROWID', 'CREATE TABLE T (a PRIMARY KEY)'],
    ['whether a column is stored', 'CREATE TABLE T (a, b AS (a) STORED)', 'CREATE TABLE T (a, b AS (a))'],
  ])('depends on %s', (_name, one, other) => {
    expect(texts(one)).not.toEqual(texts(other))
  })

  test('takes a quoted keyword for a name', () => {
    expect(texts('CREATE TABLE T ("check" text, "primary" integer)')).toEqual([
      'column t . check: text',
      'column t . primary: integer',
      'table t',
    ])
  })

  test('is an index with and without its name', () => {
    expect(read('CREATE UNIQUE INDEX "ix" ON "T" ("a" ASC, b DESC) WHERE a > 1', 'index')).toEqual([
      {
        kind: 'index',
        table: { name: 'T' },
        name: 'T',
        text: 'create unique index ix on t ( a , b desc ) where a > 1',
        declared: 'create unique index ix on t ( a , b desc ) where a > 1',
        nameless: 'create unique index on t ( a , b desc ) where a > 1',
      },
    ])
  })

  test('is a trigger of its table, which no entity declares', () => {
    const [trigger] = read('CREATE TRIGGER tr AFTER INSERT ON T BEGIN SELECT 1; END', 'trigger')
    expect(trigger).toMatchObject({ kind: 'trigger', table: { name: 'T' }, declared: null })
  })

  test('is a virtual table as a whole', () => {
    expect(texts('CREATE VIRTUAL TABLE "T" USING fts5(a, b)')).toEqual(['create virtual table t using fts5 ( a , b )'])
  })
})
