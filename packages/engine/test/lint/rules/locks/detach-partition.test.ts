import { detachPartition } from '../../../../src/lint/rules/locks/detach-partition'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "logs" ("at" date) PARTITION BY RANGE ("at")'] }
const statement = 'ALTER TABLE "logs" DETACH PARTITION "logs_2020"'

describe('detach-partition', () => {
  test('finds a partition that is detached, and shows the statement that blocks nobody', async () => {
    expect(await lint('postgres', detachPartition, [table, { up: [statement] }], { server: 14 })).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'detaching logs_2020 waits for every query on logs, and all later ones wait behind it',
        help: 'Detach it CONCURRENTLY, in a revision of its own with `transaction = false`. That is not possible beside a default partition.',
        instead: [`${statement} CONCURRENTLY`],
        table: 'logs',
        sql: statement,
      },
    ])
  })

  test('is a warning where servers may be older than PostgreSQL 14', async () => {
    const [found] = await lint('postgres', detachPartition, [table, { up: [statement] }], { server: 13 })
    expect(found?.severity).toBe('warning')
    expect(found?.instead).toBeUndefined()
  })

  test('finds it in the downgrade of a revision that attaches a partition', async () => {
    const revision = {
      up: [`ALTER TABLE logs ATTACH PARTITION s.p DEFAULT`],
      down: ['ALTER TABLE logs DETACH PARTITION s.p'],
    }
    expect(await lint('postgres', detachPartition, [table, revision], { server: 18 })).toMatchObject([
      { direction: 'down', severity: 'warning', instead: ['ALTER TABLE logs DETACH PARTITION s.p CONCURRENTLY'] },
    ])
  })

  test.each([
    ['CONCURRENTLY', [table, { up: [`${statement} CONCURRENTLY`] }]],
    ['for FINALIZE', [table, { up: [`${statement} FINALIZE`] }]],
    ['for a table of the same revision', [{ up: [...table.up, statement] }]],
    ['in the downgrade of a revision that creates the table', [{ up: table.up, down: [statement] }]],
    ['if a partition is attached', [table, { up: [`ALTER TABLE logs ATTACH PARTITION p DEFAULT`] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', detachPartition, revisions, { server: 18 })).toEqual([])
  })
})
