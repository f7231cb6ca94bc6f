import { noStatementTimeout } from '../../../../src/lint/rules/locks/no-statement-timeout'
import { lint } from '../../support'

const change = 'ALTER TABLE "orders" ADD COLUMN "note" text'

describe('no-statement-timeout', () => {
  test('is a note where the limit is switched off before a change', async () => {
    expect(await lint('postgres', noStatementTimeout, [{ up: ['SET LOCAL statement_timeout = 0', change] }])).toEqual([
      {
        direction: 'up',
        severity: 'info',
        message: 'statement_timeout is switched off: a statement keeps its locks for as long as it runs',
        help: 'Give the revision a `statementTimeout` instead (docs/deployment.md).',
        sql: 'SET LOCAL statement_timeout = 0',
      },
    ])
  })

  test('finds it in a downgrade', async () => {
    const down = [`SELECT set_config('statement_timeout', '0', false)`, change]
    expect(await lint('postgres', noStatementTimeout, [{ down }])).toMatchObject([{ direction: 'down' }])
  })

  test.each([
    ['for another limit', [{ up: [`SET statement_timeout = '30min'`, change] }]],
    ['for its default', [{ up: ['RESET statement_timeout', change] }]],
    ['without a change after it', [{ up: [change, 'SET statement_timeout = 0'] }]],
    ['for another setting', [{ up: ['SET lock_timeout = 0', change] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', noStatementTimeout, revisions)).toEqual([])
  })
})
