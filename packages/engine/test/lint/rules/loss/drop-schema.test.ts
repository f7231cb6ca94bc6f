import { dropSchema } from '../../../../src/lint/rules/loss/drop-schema'
import { lint, type TestRevision } from '../../support'

const drop = 'DROP SCHEMA reports CASCADE'

describe('drop-schema', () => {
  test('finds a schema that is dropped with what it has', async () => {
    expect(await lint('postgres', dropSchema, [{ up: [drop] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message:
          'dropping schema reports with CASCADE deletes all its tables, and columns elsewhere that have its types',
        help: 'Drop its objects by their names first. Without CASCADE, the statement fails if one is left.',
        sql: drop,
      },
    ])
  })

  test('finds every schema of a list, and a database', async () => {
    const up = ['DROP SCHEMA IF EXISTS a, "B" CASCADE', 'DROP DATABASE old']
    const found = await lint('postgres', dropSchema, [{ up, transaction: false }])
    expect(found.map(({ message }) => message.split(' with ')[0])).toEqual([
      'dropping schema a',
      'dropping schema B',
      'dropping database old deletes all its tables',
    ])
  })

  test.each<[string, TestRevision[]]>([
    ['an empty schema', [{ up: ['DROP SCHEMA reports'] }]],
    ['a schema of the same revision', [{ up: ['CREATE SCHEMA reports', drop] }]],
    ['the schema that the upgrade made in its downgrade', [{ up: ['CREATE SCHEMA reports'], down: [drop] }]],
    ['a table of a schema', [{ up: ['DROP TABLE reports.daily CASCADE'] }]],
  ])('finds nothing for %s', async (_, revisions) => {
    expect(await lint('postgres', dropSchema, revisions)).toEqual([])
  })
})
