import { renameEnumValue } from '../../../../src/lint/rules/compatibility/rename-enum-value'
import { lint } from '../../support'

const type = { up: [`CREATE TYPE "state" AS ENUM ('open', 'done')`] }
const statement = `ALTER TYPE "state" RENAME VALUE 'open' TO 'new'`

describe('rename-enum-value', () => {
  test('finds a value that running code writes', async () => {
    expect(await lint('postgres', renameEnumValue, [type, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'renaming value open of state to new breaks running code, which writes and compares the old one',
        help:
          'Add new as a new value, deploy code that reads both, update the rows, and stop using open. ' +
          'Or keep the value in the database, and rename only the member of the enum in the code.',
        sql: statement,
      },
    ])
  })

  test('finds a value of a type of which nothing is known', async () => {
    const [found] = await lint('postgres', renameEnumValue, [{ up: [`ALTER TYPE app."S" RENAME VALUE 'a' TO 'b'`] }])
    expect(found?.message).toMatch(/^renaming value a of app\.S to b /)
  })

  test('finds a rename in a downgrade only if it undoes nothing', async () => {
    const undone = { up: [statement], down: [`ALTER TYPE "state" RENAME VALUE 'new' TO 'open'`] }
    expect(await lint('postgres', renameEnumValue, [type, undone])).toMatchObject([{ direction: 'up' }])
    expect(await lint('postgres', renameEnumValue, [type, { down: [statement] }])).toMatchObject([
      { direction: 'down', severity: 'warning' },
    ])
  })

  test.each([
    ['the type is of the same revision', [{ up: [...type.up, statement] }]],
    [
      'the value is of the same revision',
      [type, { up: [`ALTER TYPE state ADD VALUE 'x'`, `ALTER TYPE state RENAME VALUE 'x' TO 'y'`] }],
    ],
    ['a value is added', [type, { up: [`ALTER TYPE state ADD VALUE 'new' BEFORE 'open'`] }]],
    ['the type is renamed', [type, { up: ['ALTER TYPE state RENAME TO status'] }]],
  ])('finds nothing if %s', async (_, revisions) => {
    expect(await lint('postgres', renameEnumValue, revisions)).toEqual([])
  })
})
