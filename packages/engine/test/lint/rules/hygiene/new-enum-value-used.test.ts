import { newEnumValueUsed } from '../../../../src/lint/rules/hygiene/new-enum-value-used'
import { lint } from '../../support'

const before = {
  up: [
    `CREATE TYPE "state" AS ENUM ('open', 'done')`,
    'CREATE TABLE "jobs" ("id" integer, "state" "state", "note" text)',
  ],
}
const add = `ALTER TYPE "state" ADD VALUE 'late' AFTER 'open'`
const use = `UPDATE "jobs" SET "state" = 'late' WHERE "id" = 1`

describe('new-enum-value-used', () => {
  test('warns that a revision which uses its own value runs outside a transaction', async () => {
    expect(await lint('postgres', newEnumValueUsed, [before, { up: [add, use] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message:
          'the revision cannot run in a transaction, because it adds late to state and uses it: a failure leaves it half done',
        help: 'Add the value in a revision of its own, before this one. Or declare `transaction = false`.',
        sql: use,
      },
    ])
  })

  test.each([
    `INSERT INTO jobs (id, state) VALUES (1, 'late')`,
    `DELETE FROM jobs WHERE state IN ('open', 'late')`,
    `ALTER TABLE jobs ALTER COLUMN state SET DEFAULT 'late'`,
    `ALTER TABLE jobs ADD CHECK (state <> 'late')`,
    `ALTER TABLE jobs ADD other state DEFAULT 'late'`,
    `CREATE TABLE others (s state DEFAULT 'late')`,
    `CREATE INDEX ON jobs (id) WHERE state = 'late'`,
    `UPDATE unknown SET x = 'late'::state`,
  ])('finds it in: %s', async (sql) => {
    expect(await lint('postgres', newEnumValueUsed, [before, { up: [add, sql] }])).toMatchObject([{ sql }])
  })

  test('finds it for a type of which nothing else is known', async () => {
    const up = [`ALTER TYPE app.s ADD VALUE 'x'`, `ALTER TABLE t ALTER c SET DEFAULT 'x'::app.s`]
    expect(await lint('postgres', newEnumValueUsed, [{ up }])).toHaveLength(1)
  })

  test.each([false, undefined] as const)(
    'finds it in one text, because its statements share a transaction: transaction = %s',
    async (transaction) => {
      const found = await lint('postgres', newEnumValueUsed, [before, { transaction, up: [`${add}; ${use}`] }])
      expect(found).toMatchObject([
        {
          severity: 'error',
          message:
            'the statement fails: late is added to state in the same transaction, and cannot be used before that ends',
        },
      ])
    },
  )

  test('finds it in a downgrade', async () => {
    expect(await lint('postgres', newEnumValueUsed, [before, { down: [add, use] }])).toMatchObject([
      { direction: 'down', severity: 'warning' },
    ])
  })

  test.each([
    ['the value was added by an earlier revision', [before, { up: [add] }, { up: [use] }]],
    ['the type is of the same revision', [{ up: [...before.up, add, use] }]],
    [
      'the revision declares that it runs outside a transaction',
      [before, { transaction: false as const, up: [add, use] }],
    ],
    ['another value is used', [before, { up: [add, `UPDATE jobs SET state = 'done'`] }]],
    ['another column has such a text', [before, { up: [add, `UPDATE jobs SET note = 'late'`] }]],
    [
      'the value existed',
      [before, { up: [`ALTER TYPE state ADD VALUE IF NOT EXISTS 'done'`, `UPDATE jobs SET state = 'done'`] }],
    ],
    ['the value has only another name', [before, { up: [`ALTER TYPE state RENAME VALUE 'open' TO 'late'`, use] }]],
    ['the value is added after its use', [before, { up: [`UPDATE jobs SET note = 'late'`, add] }]],
  ])('finds nothing if %s', async (_, revisions) => {
    expect(await lint('postgres', newEnumValueUsed, revisions)).toEqual([])
  })
})
