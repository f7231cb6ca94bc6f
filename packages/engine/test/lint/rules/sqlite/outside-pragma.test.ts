import { outsidePragma } from '../../../../src/lint/rules/sqlite/outside-pragma'
import { lint } from '../../support'

describe('outside-pragma', () => {
  test('finds a statement in a transaction that the revision begins', async () => {
    const up = ['BEGIN', 'VACUUM', 'COMMIT']
    expect(await lint('sqlite', outsidePragma, [{ up, transaction: false }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'SQLite refuses or ignores vacuum in the transaction that this revision begins',
        help: 'Move it before the beginning or after the end of the transaction.',
        sql: 'VACUUM',
      },
    ])
  })

  test.each([
    ['PRAGMA journal_mode = WAL'],
    ['PRAGMA synchronous(OFF)'],
    [`ATTACH 'x.db' AS x`],
    ['PRAGMA wal_checkpoint'],
  ])('warns that the whole revision loses its transaction: %s', async (sql) => {
    expect(await lint('sqlite', outsidePragma, [{ up: ['CREATE TABLE a (b)', sql] }])).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('takes the whole revision out of its transaction'), sql },
    ])
  })

  test.each([
    ['a revision of its own', { up: ['VACUUM'] }],
    ['a revision that says so', { up: ['CREATE TABLE a (b)', 'VACUUM'], transaction: false } as const],
    ['what comes after the transaction', { up: ['BEGIN', 'COMMIT', 'VACUUM'], transaction: false } as const],
    ['a pragma that only reads', { up: ['CREATE TABLE a (b)', 'PRAGMA journal_mode'] }],
    [
      'a pragma that a transaction takes',
      { up: ['CREATE TABLE a (b)', 'PRAGMA user_version = 5', 'PRAGMA foreign_keys = OFF'] },
    ],
  ])('finds nothing for %s', async (_, revision) => {
    expect(await lint('sqlite', outsidePragma, [revision])).toEqual([])
  })
})
