import { unknownStatement } from '../../../../src/lint/rules/hygiene/unknown-statement'
import { lint } from '../../support'

describe('unknown-statement', () => {
  test('finds a statement whose effects cannot be read', async () => {
    expect(await lint('postgres', unknownStatement, [{ up: ['SELECT app.cleanup()'] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message: 'no rule knows what this does: calls a function that is not known: app.cleanup()',
        help: 'Check what it does, and ignore this with the reason why it is safe.',
        sql: 'SELECT app.cleanup()',
      },
    ])
  })

  test('finds it on SQLite, and a text with several statements once', async () => {
    const up = ['SELECT 1; SELECT cleanup(); SELECT 2', 'WHATEVER THIS IS']
    expect(await lint('sqlite', unknownStatement, [{ up }])).toMatchObject([{ sql: 'SELECT 1' }, { sql: up[1] }])
  })

  test('finds a text that is no statement', async () => {
    const up = ['-- nothing', '', 'SELECT 1', 'CREATE INDX a ON b (c)']
    expect(await lint('postgres', unknownStatement, [{ up }])).toMatchObject([
      { message: 'no rule knows what this does: it is not a statement of PostgreSQL', sql: up[3] },
    ])
  })

  test.each(['postgres', 'sqlite'] as const)(
    'finds a revision whose statements are not known on %s',
    async (dialect) => {
      const [found] = await lint(dialect, unknownStatement, [{ unread: 'line 12 calls queryRunner.createTable' }])
      expect(found?.message).toBe(
        'no rule knows what this revision does, because its statements are known only when it runs: line 12 calls queryRunner.createTable',
      )
    },
  )

  test.each([
    ['line 3 calls queryRunner.clearDatabase'],
    ['line 3 uses queryRunner.manager'],
    ['line 3 throws an error'],
    ['down() is not written in the class itself'],
  ])('leaves it to other rules if they know more: %s', async (unread) => {
    expect(await lint('postgres', unknownStatement, [{ unread }])).toEqual([])
  })

  test('finds nothing in what the tool has written', async () => {
    const up = ['DO $do$ BEGIN RAISE EXCEPTION $x$ $x$; END $do$']
    expect(await lint('postgres', unknownStatement, [{ up, generated: true }])).toEqual([])
    expect(await lint('postgres', unknownStatement, [{ up }])).toHaveLength(1)
  })

  test.each(['postgres', 'sqlite'] as const)('finds nothing for statements that it knows on %s', async (dialect) => {
    const up = ['SELECT count(*) FROM a', 'DROP TABLE a', 'DELETE FROM b', 'CREATE VIEW v AS SELECT lower(x) FROM b']
    expect(await lint(dialect, unknownStatement, [{ up }])).toEqual([])
  })
})
