import Database from 'better-sqlite3'

import { dropColumnRefused } from '../../../../src/lint/rules/sqlite/drop-column-refused'
import { lint } from '../../support'

const drop = 'ALTER TABLE t DROP COLUMN b'

/** Whether SQLite refuses the last statement. */
function isRefused(statements: readonly string[]): boolean {
  const database = new Database(':memory:')
  try {
    for (const sql of statements) database.exec(sql)
    database.pragma('foreign_keys = OFF')
    database.exec(drop)
    return false
  } catch {
    return true
  } finally {
    database.close()
  }
}

describe('drop-column-refused', () => {
  test('finds a column of an index, and shows the statements in order', async () => {
    const up = ['CREATE TABLE t (a, b)', 'CREATE INDEX "by b" ON t (lower(b))']
    expect(await lint('sqlite', dropColumnRefused, [{ up }, { up: [drop] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'SQLite refuses to drop t.b: index by b uses it',
        help: 'Drop the index first.',
        instead: ['DROP INDEX "by b"', drop],
        table: 't',
        sql: drop,
      },
    ])
  })

  test.each([
    [['CREATE TABLE t (a, b PRIMARY KEY)'], 'it is in the primary key'],
    [['CREATE TABLE t (a, b UNIQUE)'], 'it is UNIQUE'],
    [['CREATE TABLE t (a, b, UNIQUE (a, "B"))'], 'it is UNIQUE'],
    [['CREATE TABLE t (a, b, CONSTRAINT positive CHECK (b > 0))'], 'check positive uses it'],
    [['CREATE TABLE t (a CHECK (a > b), b)'], 'check uses it'],
    [
      ['CREATE TABLE p (id integer PRIMARY KEY)', 'CREATE TABLE t (a, b, FOREIGN KEY (b) REFERENCES p)'],
      'foreign key uses it',
    ],
    [['CREATE TABLE t (a, b, c AS (b + 1))'], 'generated column c uses it'],
    [['CREATE TABLE t (b)'], 'the table has no other column'],
    [['CREATE TABLE t (a, b)', 'CREATE INDEX i ON t (a) WHERE b > 1'], 'index i uses it'],
    [['CREATE TABLE t (a, b)', 'CREATE VIEW v AS SELECT b FROM t'], 'view v reads it'],
    [['CREATE TABLE t (a, b)', 'CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT new.b; END'], 'trigger x reads it'],
  ])('finds what SQLite refuses: %s', async (made, reason) => {
    const found = await lint('sqlite', dropColumnRefused, [{ up: made }, { up: [drop] }])
    expect(found).toMatchObject([{ message: `SQLite refuses to drop t.b: ${reason}` }])
    expect(isRefused(made)).toBe(true)
  })

  test.each([
    [['CREATE TABLE t (a, b)']],
    [['CREATE TABLE t (a, b CHECK (b > 0))']],
    [['CREATE TABLE p (id integer PRIMARY KEY)', 'CREATE TABLE t (a, b REFERENCES p)']],
    [['CREATE TABLE t (a, b)', 'CREATE VIEW v AS SELECT * FROM t', 'CREATE VIEW w AS SELECT a FROM t']],
    [['CREATE TABLE t (a, b)', 'CREATE TRIGGER x AFTER UPDATE OF b ON t BEGIN SELECT new.a; END']],
    [['CREATE TABLE t (a, b)', 'CREATE INDEX i ON t (b)', 'DROP INDEX i']],
    [['CREATE TABLE t (a, b)', 'CREATE TABLE o (b)', 'CREATE INDEX i ON o (b)']],
    [['CREATE TABLE t (a, b, CHECK (abs(a) > 0))', 'CREATE INDEX i ON t (a)']],
  ])('finds nothing where SQLite does it: %s', async (made) => {
    expect(await lint('sqlite', dropColumnRefused, [{ up: made }, { up: [drop] }])).toEqual([])
    expect(isRefused(made)).toBe(false)
  })

  test('finds nothing in a table of which nothing is known', async () => {
    expect(await lint('sqlite', dropColumnRefused, [{ up: [drop] }])).toEqual([])
  })
})
