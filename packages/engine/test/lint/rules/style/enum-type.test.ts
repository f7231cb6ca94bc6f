import { enumType } from '../../../../src/lint/rules/style/enum-type'
import { lint } from '../../support'

describe('enum-type', () => {
  const statement = `CREATE TYPE "state" AS ENUM ('a')`

  test('notes an enum', async () => {
    expect(await lint('postgres', enumType, [{ up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'info',
        message: 'a value of state can be removed or moved only by a new type, to which all its columns are converted',
        help: 'Use a table of the values with a foreign key, or text with a check, if they are likely to change.',
        sql: statement,
      },
    ])
  })

  test.each([
    ['a composite type', { up: ['CREATE TYPE t AS (a integer)'] }],
    ['a new value', { up: [`ALTER TYPE state ADD VALUE 'b'`] }],
    ['a downgrade', { down: [statement] }],
  ])('finds nothing in %s', async (_, revision) => {
    expect(await lint('postgres', enumType, [revision])).toEqual([])
  })
})
