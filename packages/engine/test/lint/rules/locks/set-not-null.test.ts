import { setNotNull } from '../../../../src/lint/rules/locks/set-not-null'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "email" text)'] }
const statement = 'ALTER TABLE "users" ALTER COLUMN "email" SET NOT NULL'

describe('set-not-null', () => {
  test('finds a column that may be NULL, and shows the statements that block nobody', async () => {
    expect(await lint('postgres', setNotNull, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'setting users.email NOT NULL blocks reads and writes of users until every row is checked',
        help: 'Prove it first: a check that is added NOT VALID and validated in a later revision blocks nobody, and SET NOT NULL then checks no row.',
        instead: [
          'ALTER TABLE "users" ADD CONSTRAINT "users_email_not_null_check" CHECK ("email" IS NOT NULL) NOT VALID',
          'ALTER TABLE "users" VALIDATE CONSTRAINT "users_email_not_null_check"',
          'ALTER TABLE "users" ALTER COLUMN "email" SET NOT NULL',
          'ALTER TABLE "users" DROP CONSTRAINT "users_email_not_null_check"',
        ],
        table: 'users',
        sql: statement,
      },
    ])
  })

  test('shows a NOT NULL constraint that is NOT VALID from PostgreSQL 18', async () => {
    const found = await lint('postgres', setNotNull, [table, { up: [statement] }], { server: 18 })
    expect(found[0]?.instead).toEqual([
      'ALTER TABLE "users" ADD CONSTRAINT "users_email_not_null" NOT NULL "email" NOT VALID',
      'ALTER TABLE "users" VALIDATE CONSTRAINT "users_email_not_null"',
    ])
  })

  test('finds a NOT NULL constraint that is added as valid', async () => {
    const up = ['ALTER TABLE users ADD NOT NULL email']
    const [found] = await lint('postgres', setNotNull, [table, { up }], { server: 18 })
    expect(found?.instead).toEqual([
      'ALTER TABLE users ADD CONSTRAINT "users_email_not_null" NOT NULL email NOT VALID',
      'ALTER TABLE "users" VALIDATE CONSTRAINT "users_email_not_null"',
    ])
  })

  test('keeps the other commands of the statement after those', async () => {
    const up = ['ALTER TABLE users ADD a text, ALTER email SET NOT NULL, ADD b text']
    const found = await lint('postgres', setNotNull, [table, { up }], { server: 18 })
    expect(found[0]?.instead?.at(-1)).toBe('ALTER TABLE users ADD a text, ADD b text')
  })

  test('finds it in a table of which nothing is known, and for a column of the same revision', async () => {
    const found = await lint('postgres', setNotNull, [
      { up: ['ALTER TABLE a.b ADD c text', `UPDATE a.b SET c = ''`, 'ALTER TABLE a.b ALTER c SET NOT NULL'] },
    ])
    expect(found).toMatchObject([{ table: 'a.b', sql: 'ALTER TABLE a.b ALTER c SET NOT NULL' }])
  })

  test('finds it if the check that would prove it is not valid', async () => {
    const check = { up: ['ALTER TABLE users ADD CONSTRAINT c CHECK (email IS NOT NULL) NOT VALID'] }
    expect(await lint('postgres', setNotNull, [table, check, { up: [statement] }])).toHaveLength(1)
    const constraint = { up: ['ALTER TABLE users ADD CONSTRAINT n NOT NULL email NOT VALID'] }
    expect(await lint('postgres', setNotNull, [table, constraint, { up: [statement] }])).toHaveLength(1)
  })

  test('is a warning in a downgrade', async () => {
    const revision = {
      up: ['ALTER TABLE users ALTER id DROP NOT NULL'],
      down: ['ALTER TABLE users ALTER id SET NOT NULL'],
    }
    expect(await lint('postgres', setNotNull, [table, revision])).toMatchObject([
      { direction: 'down', severity: 'warning' },
    ])
  })

  test.each([
    ['for a table of the same revision', [{ up: [...table.up, statement] }]],
    ['for a column that is NOT NULL already', [table, { up: ['ALTER TABLE users ALTER id SET NOT NULL'] }]],
    [
      'if a valid check proves it',
      [table, { up: ['ALTER TABLE users ADD CHECK (id > 0 AND email IS NOT NULL)'] }, { up: [statement] }],
    ],
    [
      'if a check that was validated proves it',
      [
        table,
        { up: ['ALTER TABLE users ADD CONSTRAINT c CHECK (email IS NOT NULL) NOT VALID'] },
        { up: ['ALTER TABLE users VALIDATE CONSTRAINT c', statement] },
      ],
    ],
    ['for DROP NOT NULL', [table, { up: ['ALTER TABLE users ALTER id DROP NOT NULL'] }]],
    ['for a new column', [table, { up: ['ALTER TABLE users ADD a integer NOT NULL DEFAULT 0'] }]],
    [
      'for a NOT NULL constraint that is NOT VALID',
      [table, { up: ['ALTER TABLE users ADD NOT NULL email NOT VALID'] }],
    ],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', setNotNull, revisions)).toEqual([])
  })
})
