import { synchronize } from '../../../../src/lint/rules/loss/synchronize'
import { lint } from '../../support'

describe('synchronize', () => {
  test.each(['postgres', 'sqlite'] as const)(
    'finds a revision that synchronizes the database on %s',
    async (dialect) => {
      expect(
        await lint(dialect, synchronize, [{ unread: 'line 12 calls queryRunner.connection.synchronize' }]),
      ).toEqual([
        {
          direction: 'up',
          severity: 'error',
          message:
            'line 12 calls queryRunner.connection.synchronize, which drops whatever the entities do not have, and does something else when they change',
          help: 'Send the statements that this revision needs: `create` writes them.',
        },
        expect.objectContaining({ direction: 'down', severity: 'warning' }),
      ])
    },
  )

  test.each([
    ['line 3 calls queryRunner.clearDatabase'],
    ['line 3 calls queryRunner.dropDatabase'],
    ['line 3 calls queryRunner.dropSchema'],
    ['line 3 calls dataSource.dropDatabase'],
  ])('finds what deletes tables: %s', async (unread) => {
    const [found] = await lint('postgres', synchronize, [{ unread }])
    expect(found?.message).toBe(`${unread}, which deletes tables with all their rows`)
  })

  test('finds the schema builder behind it', async () => {
    const unread = 'line 9 calls queryRunner.connection.driver.createSchemaBuilder'
    expect(await lint('sqlite', synchronize, [{ unread }])).toHaveLength(2)
  })

  test.each([
    ['line 3 calls queryRunner.createTable'],
    ['line 3 calls synchronizeUsers'],
    ['line 3 uses queryRunner.connection.options.synchronize'],
    ['line 3 calls queryRunner.createSchema'],
    ['its file cannot be read'],
  ])('finds nothing for %s', async (unread) => {
    expect(await lint('postgres', synchronize, [{ unread }])).toEqual([])
  })
})
