import { pragmaLeft } from '../../../../src/lint/rules/sqlite/pragma-left'
import { lint } from '../../support'

describe('pragma-left', () => {
  test('finds a switch that is not switched back', async () => {
    const up = ['PRAGMA ignore_check_constraints = ON', 'UPDATE a SET b = 1 WHERE c = 2']
    expect(await lint('sqlite', pragmaLeft, [{ up }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message:
          'ignore_check_constraints is left on for whoever uses the connection next, such as the application at its start',
        help: 'End with PRAGMA ignore_check_constraints = OFF.',
        sql: 'PRAGMA ignore_check_constraints = ON',
      },
    ])
  })

  test('notes what only this tool switches back', async () => {
    const up = ['PRAGMA foreign_keys = OFF', 'PRAGMA main.legacy_alter_table(1)']
    expect(await lint('sqlite', pragmaLeft, [{ up, transaction: false }])).toMatchObject([
      {
        severity: 'info',
        message: 'foreign_keys is left off: this tool switches it back at the end of a run, and other runners do not',
      },
      { severity: 'info', message: expect.stringContaining('legacy_alter_table is left on'), sql: up[1] },
    ])
  })

  test.each([
    ['is switched back', { up: ['PRAGMA legacy_alter_table = ON', 'SELECT 1', 'PRAGMA legacy_alter_table = 0'] }],
    ['has its usual position', { up: ['PRAGMA recursive_triggers = OFF', 'PRAGMA query_only = no'] }],
    ['does nothing in a transaction', { up: ['PRAGMA foreign_keys = OFF'] }],
    [
      'does nothing in a transaction of the revision',
      { up: ['BEGIN', 'PRAGMA foreign_keys = OFF', 'COMMIT'], transaction: false } as const,
    ],
    ['is only read', { up: ['PRAGMA writable_schema'] }],
    ['changes no statement', { up: ['PRAGMA cache_size = 500', 'PRAGMA user_version = 1'] }],
  ])('finds nothing for a pragma that %s', async (_, revision) => {
    expect(await lint('sqlite', pragmaLeft, [revision])).toEqual([])
  })
})
