import { addUnique } from '../../../../src/lint/rules/locks/add-unique'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "email" text)'] }
const statement = 'ALTER TABLE "users" ADD CONSTRAINT "uq_users_email" UNIQUE ("email")'

async function insteadOf(sql: string): Promise<readonly string[] | undefined> {
  return (await lint('postgres', addUnique, [table, { up: [sql] }]))[0]?.instead
}

describe('add-unique', () => {
  test('finds a unique constraint of a table that exists, and shows the statements that block nobody', async () => {
    expect(await lint('postgres', addUnique, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'adding unique constraint uq_users_email blocks reads and writes of users until its index is built',
        help: 'Build a unique index CONCURRENTLY, in a revision of its own with `transaction = false`, and make it the constraint.',
        instead: [
          'CREATE UNIQUE INDEX CONCURRENTLY "uq_users_email" ON "users" ("email")',
          'ALTER TABLE "users" ADD CONSTRAINT "uq_users_email" UNIQUE USING INDEX "uq_users_email"',
        ],
        table: 'users',
        sql: statement,
      },
    ])
  })

  test('keeps everything that the constraint declares about its index', async () => {
    expect(
      await insteadOf(
        'ALTER TABLE a.users ADD UNIQUE NULLS NOT DISTINCT (x, "Y") INCLUDE (z) WITH (fillfactor=70) USING INDEX TABLESPACE fast DEFERRABLE INITIALLY DEFERRED',
      ),
    ).toEqual([
      'CREATE UNIQUE INDEX CONCURRENTLY "users_x_Y_z_key" ON "a"."users" ("x", "Y") INCLUDE (z) NULLS NOT DISTINCT WITH (fillfactor=70) TABLESPACE fast',
      'ALTER TABLE a.users ADD CONSTRAINT "users_x_Y_z_key" UNIQUE USING INDEX "users_x_Y_z_key" DEFERRABLE INITIALLY DEFERRED',
    ])
  })

  test('finds it at a new column, and adds it after the column', async () => {
    expect(await insteadOf('ALTER TABLE users ADD code text UNIQUE NOT NULL DEFAULT 1, DROP email')).toEqual([
      'ALTER TABLE users ADD code text NOT NULL DEFAULT 1, DROP email',
      'CREATE UNIQUE INDEX CONCURRENTLY "users_code_key" ON "users" ("code")',
      'ALTER TABLE users ADD CONSTRAINT "users_code_key" UNIQUE USING INDEX "users_code_key"',
    ])
  })

  test('shows no statement for a partitioned table, or for one without overlaps', async () => {
    const partitioned = { up: ['CREATE TABLE users (id integer, email text) PARTITION BY HASH (id)'] }
    const [found] = await lint('postgres', addUnique, [partitioned, { up: [statement] }])
    expect(found?.help).toMatch(/^Add it to each partition first/)
    expect(found?.instead).toBeUndefined()
    expect(await insteadOf('ALTER TABLE users ADD UNIQUE (id, at WITHOUT OVERLAPS)')).toBeUndefined()
  })

  test('is a warning in a downgrade', async () => {
    const found = await lint('postgres', addUnique, [{ up: table.up, down: [statement] }])
    expect(found).toMatchObject([{ direction: 'down', severity: 'warning' }])
  })

  test.each([
    ['for a table of the same revision', [{ up: [...table.up, statement] }]],
    ['USING INDEX', [table, { up: ['ALTER TABLE users ADD CONSTRAINT u UNIQUE USING INDEX u'] }]],
    ['in a new table', [table, { up: ['CREATE TABLE a (b integer UNIQUE)'] }]],
    ['for a unique index, which another rule finds', [table, { up: ['CREATE UNIQUE INDEX u ON users (email)'] }]],
    ['for a primary key', [table, { up: ['ALTER TABLE users ADD PRIMARY KEY (email)'] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', addUnique, revisions)).toEqual([])
  })
})
