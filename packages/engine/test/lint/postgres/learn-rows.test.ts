import { Catalog, columnKey, nameOf } from '../../../src/lint/postgres/catalog'
import { learn } from '../../../src/lint/postgres/learn'
import { loadGrammar, parseStatements } from '../../../src/sql/postgres/grammar'

async function learned(...statements: readonly string[]): Promise<Catalog> {
  const grammar = await loadGrammar()
  const catalog = new Catalog()
  for (const sql of statements) for (const { node } of parseStatements(grammar, sql)) learn(catalog, node)
  return catalog
}

async function isFilled(...statements: readonly string[]): Promise<boolean> {
  return (await learned(...statements)).filled.has(columnKey(nameOf(['app', 't']), 'c'))
}

describe('the columns that a statement fills', () => {
  test.each([
    'UPDATE app.t SET c = 1',
    'UPDATE app.t SET b = 2, c = b WHERE c IS NULL',
    'UPDATE app.t SET c = 1 WHERE t.c IS NULL AND id < 10',
    'DELETE FROM app.t WHERE c IS NULL',
  ])('include that of: %s', async (sql) => {
    expect(await isFilled(sql)).toBe(true)
  })

  test.each([
    'UPDATE t SET c = 1',
    'UPDATE app.t SET c = NULL',
    'UPDATE app.t SET c = NULL::integer WHERE c IS NULL',
    'UPDATE app.t SET c = 1 WHERE c IS NOT NULL',
    'UPDATE app.t SET c = 1 WHERE b IS NULL',
    'UPDATE app.t SET c[1] = 1',
    'DELETE FROM app.t',
    'DELETE FROM app.t WHERE b IS NULL',
  ])('do not include that of: %s', async (sql) => {
    expect(await isFilled(sql)).toBe(false)
  })

  test('are forgotten with the column, and follow its new name', async () => {
    const update = 'UPDATE app.t SET c = 1'
    expect(await isFilled(update, 'ALTER TABLE app.t DROP COLUMN c')).toBe(false)
    expect(await isFilled('UPDATE app.t SET b = 1', 'ALTER TABLE app.t RENAME b TO c')).toBe(true)
    expect(await isFilled(update, 'ALTER TABLE app.t RENAME c TO d')).toBe(false)
  })
})

describe('a renamed type', () => {
  test('is that of its columns and of arrays of it', async () => {
    const catalog = await learned(
      `CREATE TYPE state AS ENUM ('a')`,
      'CREATE TABLE t (a state, b state[], c states)',
      'ALTER TYPE state RENAME TO state_old',
    )
    const types = [...(catalog.table(nameOf(['t']))?.columns.values() ?? [])].map(({ type }) => type)
    expect(types).toEqual(['state_old', 'state_old[]', 'states'])
  })
})

describe('the columns that a foreign key references', () => {
  test('follow their new names', async () => {
    const catalog = await learned(
      'CREATE TABLE a (x integer UNIQUE)',
      'CREATE TABLE b (y integer CONSTRAINT f REFERENCES a (x), z integer CONSTRAINT g REFERENCES a)',
      'ALTER TABLE a RENAME x TO w',
    )
    expect(catalog.constraint(nameOf(['b']), 'f')?.referencedColumns).toEqual(['w'])
    expect(catalog.constraint(nameOf(['b']), 'g')?.referencedColumns).toEqual([])
  })
})

describe('a value that ADD VALUE finds in the enum', () => {
  test('is not one that the step has added', async () => {
    const catalog = await learned(
      `CREATE TYPE s AS ENUM ('a')`,
      `ALTER TYPE s ADD VALUE IF NOT EXISTS 'a'`,
      `ALTER TYPE s ADD VALUE 'b' BEFORE 'a'`,
    )
    expect(catalog.enumType(nameOf(['s']))?.values).toEqual(['b', 'a'])
    expect([...(catalog.enumType(nameOf(['s']))?.added.keys() ?? [])]).toEqual(['b'])
  })
})

describe('undoesRename', () => {
  test('is true in the downgrade of the revision that gave the name', async () => {
    const catalog = await learned()
    const grammar = await loadGrammar()
    catalog.place = 'r1:upgrade'
    for (const sql of ['ALTER TABLE t RENAME a TO b', 'ALTER TABLE app.t RENAME TO u'])
      for (const { node } of parseStatements(grammar, sql)) learn(catalog, node)
    expect(catalog.undoesRename('column', 'b')).toBe(false)
    catalog.place = 'r1:downgrade'
    expect(catalog.undoesRename('column', 'b')).toBe(true)
    expect(catalog.undoesRename('column', 'a')).toBe(false)
    expect(new Catalog(catalog).undoesRename('table', nameOf(['app', 'u']).key)).toBe(true)
    catalog.place = 'r2:downgrade'
    expect(catalog.undoesRename('column', 'b')).toBe(false)
  })
})

describe('droppedHere', () => {
  test('returns the constraints and unique indexes that the step has dropped', async () => {
    const catalog = await learned(
      'CREATE TABLE t (a integer CONSTRAINT u UNIQUE, b integer, c integer CONSTRAINT p CHECK (c > 0))',
      'CREATE UNIQUE INDEX i ON t (a, b)',
      'CREATE UNIQUE INDEX j ON t (b) WHERE a = 1',
      'CREATE INDEX k ON t (b)',
      'ALTER TABLE t DROP CONSTRAINT u, DROP CONSTRAINT IF EXISTS unknown',
      'DROP INDEX i, j, k',
    )
    const table = nameOf(['t'])
    expect(catalog.droppedHere(table).map(({ name, kind, columns }) => [name, kind, columns])).toEqual([
      ['u', 'unique', ['a']],
      ['i', 'unique', ['a', 'b']],
    ])
    expect(catalog.droppedHere(nameOf(['app', 't']))).toEqual([])
    catalog.place = 'next:upgrade'
    expect(catalog.droppedHere(table)).toEqual([])
  })
})
