import { valueType } from '../../../../src/lint/rules/compatibility/value-type'
import { lint } from '../../support'

const table = {
  up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" varchar(50), "at" timestamp(3), "tags" text)'],
}
const statement = 'ALTER TABLE "users" ALTER COLUMN "id" TYPE bigint'

describe('value-type', () => {
  test('warns that a bigint is a string in JavaScript', async () => {
    expect(await lint('postgres', valueType, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message: 'running code that reads users.id gets a string from the driver instead of a number',
        help: 'Deploy code that accepts both before this revision, or convert the value in a transformer of the column.',
        table: 'users',
        sql: statement,
      },
    ])
  })

  test('knows arrays, and each of several columns', async () => {
    const sql = `ALTER TABLE users ALTER tags TYPE text[] USING ARRAY[tags], ALTER at TYPE text, ALTER name TYPE jsonb USING name::jsonb`
    const found = await lint('postgres', valueType, [table, { up: [sql] }])
    expect(found.map(({ message }) => message.slice('running code that reads '.length))).toEqual([
      'users.tags gets an array from the driver instead of a string',
      'users.at gets a string from the driver instead of a Date',
      'users.name gets a parsed value from the driver instead of a string',
    ])
  })

  test.each([
    ['the table is of the same revision', [{ up: [...table.up, statement] }]],
    ['the value stays a string', [table, { up: ['ALTER TABLE users ALTER name TYPE text'] }]],
    ['the value stays a Date', [table, { up: ['ALTER TABLE users ALTER at TYPE timestamptz'] }]],
    ['the type before is not known', [{ up: ['ALTER TABLE things ALTER id TYPE bigint'] }]],
    ['the type after is not known', [table, { up: ['ALTER TABLE users ALTER name TYPE state USING name::state'] }]],
    ['a downgrade restores it', [table, { up: ['SELECT 1'], down: [statement] }]],
  ])('finds nothing if %s', async (_, revisions) => {
    expect(await lint('postgres', valueType, revisions)).toEqual([])
  })
})
