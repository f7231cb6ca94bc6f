import { constrainedDomain } from '../../../../src/lint/rules/style/constrained-domain'
import { lint } from '../../support'

describe('constrained-domain', () => {
  const statement = `CREATE DOMAIN "email" AS text CHECK (value LIKE '%@%')`

  test('notes a domain with a check', async () => {
    expect(await lint('postgres', constrainedDomain, [{ up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'info',
        message: 'a change of the constraints of email reads every table with a column of it',
        help: 'Use the plain type, and a check of each column.',
        sql: statement,
      },
    ])
  })

  test.each([
    ['CREATE DOMAIN app.d AS integer NOT NULL', 'a change of the constraints of app.d reads'],
    ['ALTER DOMAIN d ADD CONSTRAINT c CHECK (value > 0)', 'the statement reads every table with a column of d,'],
    ['ALTER DOMAIN d SET NOT NULL', 'the statement reads every table with a column of d,'],
  ])('notes: %s', async (sql, message) => {
    const found = await lint('postgres', constrainedDomain, [{ up: [sql] }])
    expect(found.map((one) => one.message)).toEqual([expect.stringContaining(message)])
  })

  test.each([
    ['a domain without a constraint', { up: ['CREATE DOMAIN d AS text DEFAULT $$x$$'] }],
    ['a constraint that is not validated', { up: ['ALTER DOMAIN d ADD CONSTRAINT c CHECK (value > 0) NOT VALID'] }],
    ['a constraint that is dropped', { up: ['ALTER DOMAIN d DROP CONSTRAINT c', 'ALTER DOMAIN d DROP NOT NULL'] }],
    ['a downgrade', { down: [statement] }],
  ])('finds nothing in %s', async (_, revision) => {
    expect(await lint('postgres', constrainedDomain, [revision])).toEqual([])
  })
})
