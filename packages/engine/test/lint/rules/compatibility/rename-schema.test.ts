import { renameSchema } from '../../../../src/lint/rules/compatibility/rename-schema'
import { lint } from '../../support'

const statement = 'ALTER SCHEMA "app" RENAME TO "core"'

describe('rename-schema', () => {
  test('finds a schema that running code knows', async () => {
    expect(await lint('postgres', renameSchema, [{ up: ['CREATE SCHEMA "app"'] }, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'renaming schema app to core breaks running code, which uses the old name in every query',
        help:
          'Create schema core, move one table at a time into it, and leave a view of the old name in app for each until ' +
          'the running code is replaced.',
        sql: statement,
      },
    ])
  })

  test('finds a rename in a downgrade only if it undoes nothing', async () => {
    const undone = { up: [statement], down: ['ALTER SCHEMA core RENAME TO app'] }
    expect(await lint('postgres', renameSchema, [undone])).toMatchObject([{ direction: 'up' }])
    expect(await lint('postgres', renameSchema, [{ down: [statement] }])).toMatchObject([
      { direction: 'down', severity: 'warning' },
    ])
  })

  test.each([
    ['the schema is of the same revision', ['CREATE SCHEMA app', statement]],
    ['a table is renamed in a schema', ['ALTER TABLE app.a RENAME TO b']],
    ['the schema gets another owner', ['ALTER SCHEMA app OWNER TO me']],
  ])('finds nothing if %s', async (_, up) => {
    expect(await lint('postgres', renameSchema, [{ up }])).toEqual([])
  })
})
