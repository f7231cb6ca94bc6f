import { addPrimaryKey } from '../../../../src/lint/rules/locks/add-primary-key'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "users" ("id" integer NOT NULL, "code" text)'] }
const statement = 'ALTER TABLE "users" ADD CONSTRAINT "pk_users" PRIMARY KEY ("id")'
const using = { up: ['ALTER TABLE users ADD CONSTRAINT p PRIMARY KEY USING INDEX u'] }

async function insteadOf(sql: string): Promise<readonly string[] | undefined> {
  return (await lint('postgres', addPrimaryKey, [table, { up: [sql] }]))[0]?.instead
}

describe('add-primary-key', () => {
  test('finds a primary key of a table that exists, and shows the statements that block nobody', async () => {
    expect(await lint('postgres', addPrimaryKey, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'adding a primary key blocks reads and writes of users until its index is built',
        help: 'Build a unique index CONCURRENTLY, in a revision of its own with `transaction = false`, and make it the primary key. Its columns must be NOT NULL before.',
        instead: [
          'CREATE UNIQUE INDEX CONCURRENTLY "pk_users" ON "users" ("id")',
          'ALTER TABLE "users" ADD CONSTRAINT "pk_users" PRIMARY KEY USING INDEX "pk_users"',
        ],
        table: 'users',
        sql: statement,
      },
    ])
  })

  test('sets the columns NOT NULL first if they may be NULL', async () => {
    expect(await insteadOf('ALTER TABLE users ADD PRIMARY KEY (id, code)')).toEqual([
      'ALTER TABLE "users" ADD CONSTRAINT "users_code_not_null_check" CHECK ("code" IS NOT NULL) NOT VALID',
      'ALTER TABLE "users" VALIDATE CONSTRAINT "users_code_not_null_check"',
      'ALTER TABLE "users" ALTER COLUMN "code" SET NOT NULL',
      'ALTER TABLE "users" DROP CONSTRAINT "users_code_not_null_check"',
      'CREATE UNIQUE INDEX CONCURRENTLY "users_pkey" ON "users" ("id", "code")',
      'ALTER TABLE users ADD CONSTRAINT "users_pkey" PRIMARY KEY USING INDEX "users_pkey"',
    ])
  })

  test('finds an index whose columns may be NULL, because the server then checks every row', async () => {
    const index = { up: ['CREATE UNIQUE INDEX CONCURRENTLY u ON users (code)'] }
    const up = ['ALTER TABLE users ADD CONSTRAINT p PRIMARY KEY USING INDEX u']
    const [found] = await lint('postgres', addPrimaryKey, [table, index, { up }])
    expect(found?.message).toBe(
      'making u the primary key blocks reads and writes of users until every row is checked for NULL',
    )
    expect(found?.instead?.at(-1)).toBe(up[0])
  })

  test('shows no statement for a new column or a partitioned table', async () => {
    expect(await insteadOf('ALTER TABLE users ADD uid uuid PRIMARY KEY')).toBeUndefined()
    const partitioned = { up: ['CREATE TABLE users (id integer) PARTITION BY HASH (id)'] }
    const [found] = await lint('postgres', addPrimaryKey, [partitioned, { up: [statement] }])
    expect(found?.instead).toBeUndefined()
    expect(found?.help).toMatch(/^Add it to each partition first/)
  })

  test('is a warning in a downgrade', async () => {
    const found = await lint('postgres', addPrimaryKey, [table, { down: [statement] }])
    expect(found).toMatchObject([{ direction: 'down', severity: 'warning' }])
  })

  test.each([
    ['for a table of the same revision', [{ up: [...table.up, statement] }]],
    ['USING INDEX on a column that is NOT NULL', [table, { up: ['CREATE UNIQUE INDEX u ON users (id)'] }, using]],
    ['USING INDEX of which nothing is known', [table, using]],
    ['in a new table', [table, { up: ['CREATE TABLE a (b integer PRIMARY KEY)'] }]],
    ['for a unique constraint', [table, { up: ['ALTER TABLE users ADD UNIQUE (id)'] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', addPrimaryKey, revisions)).toEqual([])
  })
})
