import { renameColumn } from '../../../../src/lint/rules/compatibility/rename-column'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" text)'] }
const statement = 'ALTER TABLE "users" RENAME COLUMN "name" TO "full_name"'

describe('rename-column', () => {
  test('finds a column that running code knows, and says how to keep its name', async () => {
    expect(await lint('postgres', renameColumn, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'renaming users.name to full_name breaks running code, which uses the old name until it is replaced',
        help:
          "Keep the name in the database, and rename only the property: `@Column({ name: 'name' })`. " +
          'Or add full_name, write both columns, fill it from name, and drop name in a later release.',
        table: 'users',
        sql: statement,
      },
    ])
  })

  test.each([
    [
      'of a table of which nothing is known',
      'ALTER TABLE audit."Events" RENAME "At" TO "Time"',
      'audit.Events.At to Time',
    ],
    ['of a view', 'ALTER VIEW recent RENAME COLUMN a TO b', 'recent.a to b'],
    ['that need not exist', 'ALTER TABLE IF EXISTS users RENAME COLUMN name TO nick', 'users.name to nick'],
  ])('finds a column %s', async (_, sql, names) => {
    const [found, ...others] = await lint('postgres', renameColumn, [table, { up: [sql] }])
    expect(found?.message).toContain(`renaming ${names} breaks`)
    expect(others).toEqual([])
  })

  test('finds both columns that exchange their names, and not the name between', async () => {
    const up = ['a TO aside', 'b TO a', 'aside TO b'].map((names) => `ALTER TABLE t RENAME ${names}`)
    const found = await lint('postgres', renameColumn, [{ up: ['CREATE TABLE t (a text, b text)'] }, { up }])
    expect(found.map(({ sql }) => sql)).toEqual(up.slice(0, 2))
  })

  test('finds a rename in a downgrade that undoes nothing', async () => {
    const found = await lint('postgres', renameColumn, [table, { up: ['SELECT 1'], down: [statement] }])
    expect(found).toMatchObject([{ direction: 'down', severity: 'warning' }])
  })

  test.each([
    ['of a table of the same revision', [{ up: [...table.up, statement] }]],
    ['of the same revision', [table, { up: ['ALTER TABLE users ADD name text', statement] }]],
    [
      'whose name a new one takes',
      [table, { up: [statement, 'ALTER TABLE users ADD name integer', 'ALTER TABLE users DROP full_name'] }],
    ],
    [
      'whose name a new one takes by another rename',
      [table, { up: ['ALTER TABLE users ADD n integer', statement, 'ALTER TABLE users RENAME n TO name'] }],
    ],
    ['that is a constraint', [table, { up: ['ALTER TABLE users RENAME CONSTRAINT users_pkey TO pk_users'] }]],
    ['that is an attribute of a type', [{ up: ['ALTER TYPE pair RENAME ATTRIBUTE a TO b'] }]],
    ['that is an index', [{ up: ['ALTER INDEX a RENAME TO b'] }]],
  ])('finds no column %s', async (_, revisions) => {
    expect(await lint('postgres', renameColumn, revisions)).toEqual([])
  })

  test('finds only the rename of the upgrade where the downgrade undoes it, even if its table is renamed, too', async () => {
    const up = [statement, 'ALTER TABLE "users" RENAME TO "people"']
    const down = ['ALTER TABLE "people" RENAME TO "users"', 'ALTER TABLE "users" RENAME COLUMN "full_name" TO "name"']
    expect(await lint('postgres', renameColumn, [table, { up, down }])).toMatchObject([{ direction: 'up' }])
  })
})
