import { missingDown } from '../../../../src/lint/rules/hygiene/missing-down'
import { loadDialect } from '../../../../src/dialect/registry'
import type { LintStep } from '../../../../src/lint/rule'
import { lint } from '../../support'

const up = ['CREATE TABLE a (id integer)']

describe('missing-down', () => {
  test.each(['postgres', 'sqlite'] as const)('finds an empty downgrade on %s', async (dialect) => {
    expect(await lint(dialect, missingDown, [{ up }])).toEqual([
      {
        direction: 'down',
        severity: 'warning',
        message: 'a downgrade takes this revision out of the history, and leaves what it did in the database',
        help: 'Write down(). If there is no way back, throw an error in it that says so.',
      },
    ])
  })

  test.each([
    ['has one', { up, down: ['DROP TABLE a'] }],
    ['only reads', { up: ['SELECT 1'] }],
    ['does nothing', { up: [] }],
    ['only sets the session', { up: [`SET lock_timeout = '1s'`] }],
  ])('finds nothing for a revision that %s', async (_, revision) => {
    expect(await lint('postgres', missingDown, [revision])).toEqual([])
  })

  describe('with statements that are not known', () => {
    const both = async (upgrade: string | undefined, downgrade: string | undefined): Promise<number> => {
      const linter = await loadDialect('postgres').lint.linter({ rules: [missingDown], rows: () => undefined })
      const step = (direction: LintStep['direction'], unread: string | undefined): LintStep => ({
        revision: 'a',
        direction,
        statements: unread === undefined ? (direction === 'upgrade' ? up : []) : null,
        unread,
        transactional: true,
        declaresOutside: false,
        generated: false,
      })
      linter.lint(step('upgrade', upgrade))
      return linter.lint(step('downgrade', downgrade)).length
    }

    test('finds an empty downgrade of an upgrade that does something unknown', async () => {
      expect(await both('line 3 calls queryRunner.createTable', undefined)).toBe(1)
    })

    test('finds a downgrade that the class does not have', async () => {
      expect(await both(undefined, 'down() is not written in the class itself')).toBe(1)
    })

    test.each([['line 9 throws an error'], ['line 9 calls queryRunner.dropTable']])(
      'finds nothing for a downgrade whose %s',
      async (unread) => {
        expect(await both(undefined, unread)).toBe(0)
      },
    )
  })
})
