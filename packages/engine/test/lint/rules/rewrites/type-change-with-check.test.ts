import { typeChangeWithCheck } from '../../../../src/lint/rules/rewrites/type-change-with-check'
import { lint } from '../../support'

const table = {
  up: [
    'CREATE TABLE "users" ("id" integer, "name" varchar(50), "note" varchar(9), CONSTRAINT "short" CHECK (length("name") < 50))',
  ],
}
const statement = 'ALTER TABLE "users" ALTER COLUMN "name" TYPE varchar(80)'

describe('type-change-with-check', () => {
  test('finds a change of a column that a check mentions', async () => {
    expect(await lint('postgres', typeChangeWithCheck, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message: 'changing the type of users.name checks every row by short while nobody can read or write users',
        help: 'Drop short in the same revision, and add it again NOT VALID. Validate in a later one.',
        table: 'users',
        sql: statement,
      },
    ])
  })

  test('finds several checks, in a downgrade as well, and follows a column that was renamed', async () => {
    const check = { up: ['ALTER TABLE users ADD CHECK (name <> note)', 'ALTER TABLE users RENAME name TO title'] }
    const down = ['ALTER TABLE users ADD x integer, ALTER title TYPE text']
    expect(await lint('postgres', typeChangeWithCheck, [table, check, { down }])).toMatchObject([
      {
        direction: 'down',
        severity: 'warning',
        message: expect.stringMatching(/by short, users_check while/) as string,
      },
    ])
  })

  test.each([
    ['for a table of the same revision', [{ up: [...table.up, statement] }]],
    ['for a column that no check mentions', [table, { up: ['ALTER TABLE users ALTER note TYPE text'] }]],
    [
      'for a change that rewrites the table, which another rule finds',
      [table, { up: ['ALTER TABLE users ALTER name TYPE integer USING 1'] }],
    ],
    ['if the check was dropped before', [table, { up: ['ALTER TABLE users DROP CONSTRAINT short', statement] }]],
    ['for another change of the column', [table, { up: [`ALTER TABLE users ALTER name SET DEFAULT ''`] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', typeChangeWithCheck, revisions)).toEqual([])
  })
})
