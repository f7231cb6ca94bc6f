import { backfillInTransaction } from '../../../../src/lint/rules/rewrites/backfill-in-transaction'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "email" text)'] }
const add = 'ALTER TABLE "users" ADD COLUMN "domain" text'
const statement = `UPDATE "users" SET "domain" = split_part("email", '@', 2)`

describe('backfill-in-transaction', () => {
  test('finds an update of a whole table after a statement that has locked it', async () => {
    expect(await lint('postgres', backfillInTransaction, [table, { up: [add, statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message:
          'updating users takes long, and nobody can read or write users meanwhile: an earlier statement has locked it',
        help: 'Update the rows with `batched`, in a revision of its own (docs/data-migrations.md).',
        table: 'users',
        sql: statement,
      },
    ])
  })

  test('finds an update of some rows, of another table, in a downgrade as well', async () => {
    const steps = ['ALTER TABLE s.a DROP x', 'UPDATE users SET email = NULL WHERE email = $1']
    expect(await lint('postgres', backfillInTransaction, [table, { up: steps, down: steps }])).toMatchObject([
      { direction: 'up', message: expect.stringMatching(/^updating users takes long, .* s\.a meanwhile/) as string },
      { direction: 'down', severity: 'warning' },
    ])
  })

  test('finds an update before a statement that locks its table', async () => {
    const up = [statement, 'ALTER TABLE "users" ALTER "email" SET DEFAULT 1']
    expect(await lint('postgres', backfillInTransaction, [table, { up }])).toMatchObject([
      {
        severity: 'warning',
        message:
          'updating users keeps its rows locked until the transaction ends, and a later statement of it waits for everybody who uses users',
        sql: statement,
      },
    ])
  })

  test('finds several updates of a table once, unless only the later ones have a reason', async () => {
    const other = 'UPDATE users SET email = NULL'
    const found = async (...up: string[]): Promise<unknown> =>
      (await lint('postgres', backfillInTransaction, [table, { up }])).map(({ sql }) => sql)
    expect(await found(add, statement, other)).toEqual([statement])
    expect(await found(other, statement, 'ALTER TABLE users ALTER email SET DEFAULT 1')).toEqual([other])
    expect(await found(other, 'ALTER TABLE a ADD b integer', statement)).toEqual([statement])
    expect(await found(add, other, 'UPDATE posts SET a = b')).toEqual([other, 'UPDATE posts SET a = b'])
  })

  test('is a note where the table is small', async () => {
    const found = await lint('postgres', backfillInTransaction, [table, { up: [add, statement] }], {
      rows: { users: 9 },
    })
    expect(found).toMatchObject([{ severity: 'info' }])
  })

  test.each([
    ['before the lock of another table', [table, { up: [statement, 'ALTER TABLE a ADD b integer'] }]],
    ['without a lock', [table, { up: [statement, 'CREATE TABLE a (b integer)'] }]],
    ['in a revision of its own', [table, { up: [add] }, { up: [statement] }]],
    ['outside a transaction', [table, { up: [add, statement], transaction: false as const }]],
    ['for a table of the same revision', [{ up: [...table.up, add, statement] }]],
    ['for one row', [table, { up: [add, `UPDATE users SET domain = '' WHERE "users"."id" = 5`] }]],
    ['for other statements', [table, { up: [add, 'DELETE FROM users'] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', backfillInTransaction, revisions)).toEqual([])
  })
})
