import { uniqueRows } from '../../../../src/lint/rules/rows/unique-rows'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "email" text, "org" integer NOT NULL)'] }
const statement = 'ALTER TABLE "users" ADD CONSTRAINT "uq_users_email" UNIQUE ("email")'

describe('unique-rows', () => {
  test('warns of rows with the same values, and shows the query that finds them', async () => {
    expect(await lint('postgres', uniqueRows, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message: 'creating unique constraint uq_users_email fails if two rows of users have the same email',
        help:
          'Look for them in every database: SELECT "email", count(*) FROM "users" WHERE "email" IS NOT NULL ' +
          'GROUP BY "email" HAVING count(*) > 1. Remove or change them in an earlier revision.',
        table: 'users',
        sql: statement,
      },
    ])
  })

  test.each([
    [
      'an index of expressions with a condition',
      `CREATE UNIQUE INDEX "ix" ON "users" USING btree ("org" DESC, lower("email") text_pattern_ops, (org || 'x')) WHERE "org" > 1 OR "id" = 2`,
      `SELECT "org", lower("email"), (org || 'x'), count(*) FROM "users" WHERE ("org" > 1 OR "id" = 2) GROUP BY "org", lower("email"), (org || 'x') HAVING`,
    ],
    [
      'columns of which nothing is known',
      'CREATE UNIQUE INDEX ON app."Things" (a, "B")',
      'SELECT "a", "B", count(*) FROM "app"."Things" WHERE "a" IS NOT NULL AND "B" IS NOT NULL GROUP BY',
    ],
    [
      'NULLs that are not distinct',
      'CREATE UNIQUE INDEX ON users (email) NULLS NOT DISTINCT',
      'SELECT "email", count(*) FROM "users" GROUP BY',
    ],
    [
      'a column that is never NULL',
      'ALTER TABLE users ADD UNIQUE (org)',
      'SELECT "org", count(*) FROM "users" GROUP BY',
    ],
    [
      'a new column with a default',
      `ALTER TABLE users ADD a text DEFAULT 'x' UNIQUE`,
      'SELECT "a", count(*) FROM "users" WHERE "a" IS NOT NULL GROUP BY',
    ],
  ])('knows %s', async (_, sql, query) => {
    const found = await lint('postgres', uniqueRows, [table, { up: [sql] }])
    expect(found.map(({ help }) => help)).toEqual([expect.stringContaining(query)])
  })

  test('knows a new column that the revision fills', async () => {
    const up = ['ALTER TABLE users ADD a text', 'UPDATE users SET a = email', 'CREATE UNIQUE INDEX ON users (a)']
    expect(await lint('postgres', uniqueRows, [table, { up }])).toHaveLength(1)
  })

  test('says that a primary key accepts no NULL', async () => {
    const found = await lint('postgres', uniqueRows, [{ up: ['ALTER TABLE things ADD PRIMARY KEY (a, b)'] }])
    expect(found).toMatchObject([
      { message: 'creating the primary key fails if two rows of things have the same a, b, or if one is NULL' },
    ])
  })

  test('only notes what an earlier statement has cleaned up, and warns if that filled a new column', async () => {
    const severities = async (...up: readonly string[]): Promise<readonly string[]> =>
      (await lint('postgres', uniqueRows, [table, { up }])).map(({ severity }) => severity)
    expect(
      await severities('DELETE FROM users a USING users b WHERE a.email = b.email AND a.id > b.id', statement),
    ).toEqual(['info'])
    expect(await severities(`UPDATE users SET email = NULL WHERE email = ''`, statement)).toEqual(['info'])
    expect(await severities('UPDATE users SET org = 1', 'DELETE FROM others', statement)).toEqual(['warning'])
    const unique = 'CREATE UNIQUE INDEX ON users (a)'
    expect(await severities('ALTER TABLE users ADD a text', 'UPDATE users SET a = email', unique)).toEqual(['warning'])
  })

  test('warns in a downgrade of duplicates that were written since', async () => {
    const revision = { up: ['ALTER TABLE users DROP CONSTRAINT uq_users_email'], down: [statement] }
    const found = await lint('postgres', uniqueRows, [table, { up: [statement] }, revision])
    expect(found).toMatchObject([{ direction: 'down', severity: 'warning' }])
  })

  test.each([
    ['the table is of the same revision', [{ up: [...table.up, statement] }]],
    ['the index is not unique', [table, { up: ['CREATE INDEX ix ON users (email)'] }]],
    ['a constraint takes over an index', [table, { up: ['ALTER TABLE users ADD UNIQUE USING INDEX ix'] }]],
    ['some of the columns are unique already', [table, { up: ['CREATE UNIQUE INDEX ON users (org, id)'] }]],
    [
      'the index exists already',
      [
        { up: [...table.up, 'CREATE INDEX ix ON users (org)'] },
        { up: ['CREATE UNIQUE INDEX IF NOT EXISTS ix ON users (org)'] },
      ],
    ],
    [
      'the column is new and NULL',
      [table, { up: ['ALTER TABLE users ADD a text', 'CREATE UNIQUE INDEX ON users (a)'] }],
    ],
    [
      'the constraint only gets another name',
      [
        { up: [...table.up, statement] },
        {
          up: ['ALTER TABLE users DROP CONSTRAINT uq_users_email', 'ALTER TABLE users ADD CONSTRAINT u UNIQUE (email)'],
        },
      ],
    ],
    [
      'an index of the same columns is dropped',
      [
        { up: [...table.up, 'CREATE UNIQUE INDEX ix ON users (email)'] },
        { up: ['DROP INDEX ix', 'CREATE UNIQUE INDEX i ON users (email, org)'] },
      ],
    ],
    ['the new column is numbered', [table, { up: ['ALTER TABLE users ADD a bigserial UNIQUE'] }]],
    [
      'the new column gets random values',
      [table, { up: ['ALTER TABLE users ADD a uuid DEFAULT gen_random_uuid()', 'CREATE UNIQUE INDEX ON users (a)'] }],
    ],
  ])('finds nothing if %s', async (_, revisions) => {
    expect(await lint('postgres', uniqueRows, revisions)).toEqual([])
  })

  test('finds it where a wider constraint is replaced, and where the old one went in an earlier revision', async () => {
    const wide = { up: [...table.up, 'CREATE UNIQUE INDEX ix ON users (email, org)'] }
    expect(await lint('postgres', uniqueRows, [wide, { up: ['DROP INDEX ix', statement] }])).toHaveLength(1)
    const gone = [{ up: [...table.up, statement] }, { up: ['ALTER TABLE users DROP CONSTRAINT uq_users_email'] }]
    expect(await lint('postgres', uniqueRows, [...gone, { up: [statement] }])).toHaveLength(1)
  })

  test('finds what only a part of the rows has in common', async () => {
    const partial = { up: [...table.up, 'CREATE UNIQUE INDEX ix ON users (email) WHERE org = 1'] }
    expect(await lint('postgres', uniqueRows, [partial, { up: [statement] }])).toHaveLength(1)
  })
})
