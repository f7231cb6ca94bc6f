import { renameTable } from '../../../../src/lint/rules/compatibility/rename-table'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "jobs" ("id" integer PRIMARY KEY)', 'CREATE INDEX "ix_jobs" ON "jobs" ("id")'] }
const statement = 'ALTER TABLE "jobs" RENAME TO "tasks"'

describe('rename-table', () => {
  test('finds a table that running code knows, and shows a view of its old name', async () => {
    expect(await lint('postgres', renameTable, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'renaming jobs to tasks breaks running code, which uses the old name until it is replaced',
        help:
          'Create a view of the old name in the same transaction, and drop it in a later release: running code can read and write ' +
          'through it. Roles other than the owner need rights on it.',
        instead: [statement, 'CREATE VIEW "jobs" AS SELECT * FROM "tasks"'],
        table: 'jobs',
        sql: statement,
      },
    ])
  })

  test.each([
    [
      'another schema',
      'ALTER TABLE audit."Events" RENAME TO "Log"',
      'CREATE VIEW "audit"."Events" AS SELECT * FROM "audit"."Log"',
    ],
    ['SET SCHEMA', 'ALTER TABLE jobs SET SCHEMA work', 'CREATE VIEW "jobs" AS SELECT * FROM "work"."jobs"'],
    ['a view', 'ALTER VIEW recent RENAME TO latest', 'CREATE VIEW "recent" AS SELECT * FROM "latest"'],
  ])('knows %s', async (_, sql, view) => {
    const found = await lint('postgres', renameTable, [table, { up: [sql] }])
    expect(found.map(({ instead }) => instead)).toEqual([[sql, view]])
  })

  test('shows no view for a table that need not exist', async () => {
    const found = await lint('postgres', renameTable, [table, { up: ['ALTER TABLE IF EXISTS jobs RENAME TO tasks'] }])
    expect(found).toHaveLength(1)
    expect(found[0]?.instead).toBeUndefined()
  })

  test('finds both tables that exchange their names, and not the name between', async () => {
    const tables = { up: ['CREATE TABLE a (id integer)', 'CREATE TABLE b (id integer)'] }
    const up = ['ALTER TABLE a RENAME TO aside', 'ALTER TABLE b RENAME TO a', 'ALTER TABLE aside RENAME TO b']
    const down = ['ALTER TABLE b RENAME TO aside', 'ALTER TABLE a RENAME TO b', 'ALTER TABLE aside RENAME TO a']
    const found = await lint('postgres', renameTable, [tables, { up, down }])
    expect(found.map(({ sql }) => sql)).toEqual(up.slice(0, 2))
  })

  test('finds a rename in a downgrade that undoes nothing', async () => {
    const found = await lint('postgres', renameTable, [table, { down: [statement] }])
    expect(found).toMatchObject([{ direction: 'down', severity: 'warning' }])
  })

  test('finds only the rename of the upgrade where the downgrade undoes it', async () => {
    const revision = { up: [statement], down: ['ALTER TABLE "tasks" RENAME TO "jobs"'] }
    expect(await lint('postgres', renameTable, [table, revision])).toMatchObject([{ direction: 'up' }])
  })

  test.each([
    ['the table is of the same revision', [{ up: [...table.up, statement, 'ALTER TABLE tasks RENAME TO works'] }]],
    ['a view takes the old name', [table, { up: [statement, 'CREATE VIEW jobs AS SELECT * FROM tasks'] }]],
    ['a view takes the old name of an unknown table', [{ up: [statement, 'CREATE VIEW jobs AS TABLE tasks'] }]],
    [
      'a new table takes the old name',
      [table, { up: ['CREATE TABLE new_jobs (id bigint)', statement, 'ALTER TABLE new_jobs RENAME TO jobs'] }],
    ],
    ['it is an index', [table, { up: ['ALTER INDEX ix_jobs RENAME TO idx'] }]],
    ['it is an index that ALTER TABLE renames', [table, { up: ['ALTER TABLE ix_jobs RENAME TO idx'] }]],
    ['it is a sequence', [table, { up: ['ALTER SEQUENCE s RENAME TO t', 'ALTER TYPE a RENAME TO b'] }]],
  ])('finds nothing if %s', async (_, revisions) => {
    expect(await lint('postgres', renameTable, revisions)).toEqual([])
  })
})
