import { noLockTimeout } from '../../../../src/lint/rules/locks/no-lock-timeout'
import { lint } from '../../support'

const change = 'ALTER TABLE "orders" ADD COLUMN "note" text'

describe('no-lock-timeout', () => {
  test('finds a limit that is switched off before a change', async () => {
    expect(await lint('postgres', noLockTimeout, [{ up: ['SET lock_timeout = 0', change] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message:
          'lock_timeout is switched off: while a statement waits for a table, everybody who comes later waits behind it',
        help: 'Leave it out: every revision runs with a limit and is retried (docs/deployment.md). A revision can have another one: `lockTimeout`.',
        sql: 'SET lock_timeout = 0',
      },
    ])
  })

  test.each([
    `SET LOCAL lock_timeout TO '0ms'`,
    `SELECT set_config('lock_timeout', '0', true)`,
    'RESET lock_timeout',
    'RESET ALL',
    'SET lock_timeout TO DEFAULT',
  ])('finds %s, in a downgrade as well', async (sql) => {
    const found = await lint('postgres', noLockTimeout, [{ up: [sql, change], down: [sql, change] }])
    expect(found.map(({ direction }) => direction)).toEqual(['up', 'down'])
  })

  test.each([
    ['for another limit', [{ up: [`SET lock_timeout = '2s'`, change] }]],
    ['without a change after it', [{ up: [change, 'RESET lock_timeout', 'SELECT 1'] }]],
    ['if it is set again before a change', [{ up: ['SET lock_timeout = 0', 'SET lock_timeout = 2000', change] }]],
    ['for another setting', [{ up: ['SET statement_timeout = 0', change] }]],
    [
      'outside a transaction, where the runner sets its own',
      [{ up: ['SET lock_timeout = 0', change], transaction: false as const }],
    ],
    [
      'for a value that is not a constant',
      [{ up: [`SELECT set_config('lock_timeout', current_setting('x'), true)`, change] }],
    ],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', noLockTimeout, revisions)).toEqual([])
  })
})
