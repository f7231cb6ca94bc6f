import Database from 'better-sqlite3'

import { renameLegacy } from '../../../../src/lint/rules/sqlite/rename-legacy'
import { lint, type TestRevision } from '../../support'

const table = 'CREATE TABLE t (id integer PRIMARY KEY, a text)'
const view = 'CREATE VIEW v AS SELECT a FROM t'
const trigger = 'CREATE TRIGGER x AFTER INSERT ON o BEGIN DELETE FROM t; END'
const other = 'CREATE TABLE o (t integer REFERENCES t (id))'
const copied = ['CREATE TABLE n (id integer PRIMARY KEY, a text)', 'INSERT INTO n (id, a) SELECT id, a FROM t']
const rename = 'ALTER TABLE n RENAME TO t'
const found = async (before: string[], up: string[]): Promise<(string | undefined)[][]> =>
  (await lint('sqlite', renameLegacy, [{ up: before }, { up }])).map(({ severity, message, sql }) => [
    severity,
    message,
    sql,
  ])

describe('rename-legacy', () => {
  test('finds a rename that SQLite refuses, because a view names the dropped table', async () => {
    const up = [...copied, 'DROP TABLE t', rename]
    expect(await lint('sqlite', renameLegacy, [{ up: [table, view] }, { up }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'SQLite refuses this rename: view v names t, which does not exist at this moment',
        help: 'Drop it before, and create it again after. Or put PRAGMA legacy_alter_table = ON before the rename, and OFF after it.',
        instead: ['PRAGMA legacy_alter_table = ON', rename, 'PRAGMA legacy_alter_table = OFF'],
        table: 't',
        sql: rename,
      },
    ])
    expect(await found([table, other, trigger], up)).toMatchObject([
      ['error', expect.stringContaining('trigger x'), rename],
    ])
  })

  test('shows statements that SQLite accepts, where it refuses the first ones', () => {
    const run = (...statements: string[]): void => {
      const database = new Database(':memory:')
      for (const sql of [table, view, ...copied, 'DROP TABLE t', ...statements]) database.exec(sql)
      database.close()
    }
    expect(() => {
      run(rename)
    }).toThrow('error in view v: no such table: main.t')
    expect(() => {
      run('PRAGMA legacy_alter_table = ON', rename, 'PRAGMA legacy_alter_table = OFF')
    }).not.toThrow()
  })

  test('warns of references that a rename takes along to a table that is dropped', async () => {
    const rename = 'ALTER TABLE t RENAME TO t_old'
    const up = [rename, table, 'INSERT INTO t (id, a) SELECT id, a FROM t_old', 'DROP TABLE t_old']
    const why = 'names t_old, which does not exist: the rename took it along, and the table is dropped'
    expect(await found([table, other, view, trigger], up)).toEqual([
      ['warning', `a foreign key of o ${why}`, rename],
      ['warning', `view v ${why}`, rename],
      ['warning', `trigger x ${why}`, rename],
    ])
  })

  test('warns of references that keep the old name with the pragma', async () => {
    const rename = 'ALTER TABLE t RENAME TO people'
    expect(
      await found([table, view], ['PRAGMA legacy_alter_table = ON', rename, 'PRAGMA legacy_alter_table = OFF']),
    ).toEqual([['warning', 'view v names t, which does not exist: the table is now people', rename]])
  })

  test.each<[string, string[], TestRevision]>([
    ['a rename that references follow', [table, view, other], { up: ['ALTER TABLE t RENAME TO people'] }],
    ['a rebuild of a table that nothing names', [table], { up: [...copied, 'DROP TABLE t', rename] }],
    ['a rebuild of a table with foreign keys to it', [table, other], { up: [...copied, 'DROP TABLE t', rename] }],
    [
      'a rebuild with the pragma',
      [table, view],
      { up: [...copied, 'DROP TABLE t', 'PRAGMA legacy_alter_table = ON', rename, 'PRAGMA legacy_alter_table = OFF'] },
    ],
    [
      'a rebuild that drops the view before',
      [table, view],
      { up: ['DROP VIEW v', ...copied, 'DROP TABLE t', rename, view] },
    ],
    [
      'what TypeORM sets aside, because a run keeps the references',
      [table, view, other],
      {
        up: [
          'ALTER TABLE t RENAME TO temporary_t',
          table,
          'INSERT INTO t (id, a) SELECT id, a FROM temporary_t',
          'DROP TABLE temporary_t',
        ],
      },
    ],
    [
      'the trigger of the table itself',
      [table, 'CREATE TRIGGER y AFTER INSERT ON t BEGIN SELECT 1; END'],
      { up: [...copied, 'DROP TABLE t', rename] },
    ],
  ])('finds nothing for %s', async (_, before, revision) => {
    expect(await lint('sqlite', renameLegacy, [{ up: before }, revision])).toEqual([])
  })
})
