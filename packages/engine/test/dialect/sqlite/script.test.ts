import { spawnSync } from 'node:child_process'

import Database from 'better-sqlite3'

import { render } from '../../../src/dialect/sqlite/render'
import { script } from '../../../src/dialect/sqlite/script'
import type { Schema } from '../../../src/schema/schema'
import { applyOperations, type Operation } from '../../../src/operations'
import { normalizeSchema } from '../../support/normalize-schema'
import { Databases, schemaOf } from './support'

const databases = new Databases()
afterAll(() => databases.dispose())

const hasShell = spawnSync('sqlite3', ['--version']).error === undefined

/** Runs a script with the `sqlite3` shell; where there is none, with the driver and without the shell's commands. */
function runScript(file: string, lines: readonly string[]): { failed: boolean; error: string } {
  const text = lines.join('\n')
  if (hasShell) {
    const result = spawnSync('sqlite3', [file], { input: text, encoding: 'utf8' })
    return { failed: result.status !== 0, error: result.stderr }
  }
  const database = new Database(file)
  try {
    database.exec(text.replace(/^\..*$/gm, ''))
    return { failed: false, error: '' }
  } catch (error) {
    return { failed: true, error: String(error) }
  } finally {
    database.close()
  }
}

const library = [
  'CREATE TABLE a (id integer PRIMARY KEY AUTOINCREMENT, n text)',
  'CREATE TABLE b (id integer PRIMARY KEY, a integer REFERENCES a ON DELETE CASCADE)',
  'CREATE TRIGGER tr AFTER INSERT ON a BEGIN UPDATE a SET n = n; SELECT 1; END',
  'CREATE VIEW v AS SELECT n FROM a',
  `INSERT INTO a VALUES (1, 'x;y')`,
  'INSERT INTO b VALUES (1, 1)',
]

async function scripted(
  operations: (schema: Schema) => Operation[],
  transactional: boolean,
  ...more: string[]
): Promise<{ failed: boolean; error: string; before: Schema; after: Schema; wanted: Schema; rows: unknown }> {
  const dataSource = await databases.with(...library)
  const before = await schemaOf(dataSource)
  const list = operations(before)
  const statements = render(list, before).map(({ sql }) => `${sql};`)
  const { failed, error } = runScript(dataSource.options.database as string, [
    ...script.header,
    ...script.begin(transactional),
    ...statements,
    ...more,
    ...script.check,
    ...script.commit(transactional),
    ...script.footer,
  ])
  const after = await schemaOf(dataSource)
  return {
    failed,
    error,
    before,
    after,
    wanted: applyOperations(list, before),
    rows: await dataSource.query('SELECT a.id, n, b.id AS b FROM a JOIN b ON b.a = a.id'),
  }
}

const rebuild = (schema: Schema): Operation[] => {
  const from = schema.tables[0]?.columns[1]
  if (from === undefined) throw new Error('no column')
  return [{ op: 'alterColumn', table: { name: 'a' }, from, to: { ...from, type: 'varchar(9)', default: "'it''s;'" } }]
}

describe('script', () => {
  test.each([true, false])('rebuilds a table and keeps its rows (transactional: %s)', async (transactional) => {
    const { failed, error, after, wanted, rows } = await scripted(rebuild, transactional)
    expect({ failed, error }).toEqual({ failed: false, error: '' })
    expect(normalizeSchema(after)).toEqual(normalizeSchema(wanted))
    expect(rows).toEqual([{ id: 1, n: 'x;y', b: 1 }])
  })

  test('stops at a failing statement and rolls back', async () => {
    const { failed, error, before, after } = await scripted(rebuild, true, 'SELECT * FROM nowhere;', 'DROP TABLE b;')
    expect(failed).toBe(true)
    expect(error).toContain('no such table: nowhere')
    expect(after).toEqual(before)
  })

  const orphan = (id: number): string => `INSERT INTO b VALUES (${String(id)}, 99);`

  test('stops at new rows that reference nothing and rolls back', async () => {
    const { failed, error, before, after } = await scripted(rebuild, true, orphan(7))
    expect(failed).toBe(true)
    expect(error).toContain('rows reference a row that is not there')
    expect(after).toEqual(before)
  })

  test('ignores rows that referenced nothing before', async () => {
    library.push(`PRAGMA foreign_keys = OFF`, orphan(8), `PRAGMA foreign_keys = ON`)
    try {
      const { failed, error, after, wanted } = await scripted(rebuild, true)
      expect({ failed, error }).toEqual({ failed: false, error: '' })
      expect(normalizeSchema(after)).toEqual(normalizeSchema(wanted))
    } finally {
      library.splice(-3)
    }
  })
})
