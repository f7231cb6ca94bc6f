import { longLockTimeout } from '../../../../src/lint/rules/locks/long-lock-timeout'
import { lint } from '../../support'

const change = 'ALTER TABLE "orders" ADD COLUMN "note" text'

describe('long-lock-timeout', () => {
  test('finds a limit of more than ten seconds', async () => {
    expect(await lint('postgres', longLockTimeout, [{ up: [`SET lock_timeout = '1min'`, change] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message: 'lock_timeout is 60 s: while a statement waits for a table, everybody who comes later waits behind it',
        help: 'Leave it out: a run waits 5 s and tries again for a minute (docs/deployment.md). Give it more time with --table-lock-budget.',
        sql: `SET lock_timeout = '1min'`,
      },
    ])
  })

  test.each([
    'SET LOCAL lock_timeout = 10001',
    `SET lock_timeout = '11 s'`,
    `SELECT set_config('lock_timeout', '0.5h', true)`,
  ])('finds %s in a downgrade', async (sql) => {
    expect(await lint('postgres', longLockTimeout, [{ down: [sql, change] }])).toMatchObject([{ direction: 'down' }])
  })

  test.each([
    ['for ten seconds', [{ up: [`SET lock_timeout = '10s'`, change] }]],
    ['for microseconds', [{ up: [`SET lock_timeout = '20000us'`, change] }]],
    ['for none, which another rule finds', [{ up: ['SET lock_timeout = 0', change] }]],
    ['for a value that is no duration', [{ up: [`SET lock_timeout = 'long'`, change] }]],
    ['without a change after it', [{ up: [change, `SET lock_timeout = '1h'`] }]],
    ['for another setting', [{ up: [`SET statement_timeout = '1h'`, change] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', longLockTimeout, revisions)).toEqual([])
  })
})
