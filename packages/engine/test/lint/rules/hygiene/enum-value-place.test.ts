import { enumValuePlace } from '../../../../src/lint/rules/hygiene/enum-value-place'
import { lint } from '../../support'

const type = { up: [`CREATE TYPE "size" AS ENUM ('S', 'it''s')`] }
const statement = `ALTER TYPE "size" ADD VALUE 'M'`

describe('enum-value-place', () => {
  test('notes that a value without a place is the last one, and shows how to say so', async () => {
    expect(await lint('postgres', enumValuePlace, [type, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'info',
        message: 'M is sorted after all other values of size',
        help: 'State its place with BEFORE or AFTER, as it is in the enum of the entity.',
        instead: [`${statement} AFTER 'it''s'`],
        sql: statement,
      },
    ])
  })

  test('shows no statement where the other values are not known', async () => {
    const found = await lint('postgres', enumValuePlace, [{ up: [`ALTER TYPE app.s ADD VALUE IF NOT EXISTS 'M'`] }])
    expect(found.map(({ message, instead }) => [message, instead])).toEqual([
      ['M is sorted after all other values of app.s', undefined],
    ])
  })

  test.each([
    `ALTER TYPE size ADD VALUE 'M' AFTER 'S'`,
    `ALTER TYPE size ADD VALUE 'XS' BEFORE 'S'`,
    `ALTER TYPE size RENAME VALUE 'S' TO 's'`,
  ])('finds nothing in: %s', async (sql) => {
    expect(await lint('postgres', enumValuePlace, [type, { up: [sql] }])).toEqual([])
  })
})
