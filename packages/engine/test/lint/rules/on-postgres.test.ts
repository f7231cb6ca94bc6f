import type { DataSource } from 'typeorm'

import { postgresMajor } from '../../../../../tools/testing/databases'
import type { Rule } from '../../../src/lint/rule'
import { keyTypeMismatch } from '../../../src/lint/rules/compatibility/key-type-mismatch'
import { renameTable } from '../../../src/lint/rules/compatibility/rename-table'
import { requiredColumn } from '../../../src/lint/rules/compatibility/required-column'
import { duplicateColumn } from '../../../src/lint/rules/hygiene/duplicate-column'
import { enumValuePlace } from '../../../src/lint/rules/hygiene/enum-value-place'
import { newEnumValueUsed } from '../../../src/lint/rules/hygiene/new-enum-value-used'
import { castRows } from '../../../src/lint/rules/rows/cast-rows'
import { constraintRows } from '../../../src/lint/rules/rows/constraint-rows'
import { nullRows } from '../../../src/lint/rules/rows/null-rows'
import { uniqueRows } from '../../../src/lint/rules/rows/unique-rows'
import { TestDatabases } from '../../dialect/postgres/support'
import { lint } from '../support'

/*
 * What findings claim, tried on a server: statements that they say fail do, their queries find the rows because of which they
 * fail, and the statements that they show instead run.
 */

const databases = new TestDatabases()
let database: DataSource
beforeAll(async () => {
  database = await databases.open()
})
afterAll(() => databases.close())

const schema = [
  `CREATE TYPE "state" AS ENUM ('open', 'done')`,
  'CREATE TABLE "users" ("id" integer PRIMARY KEY, "Name" text, "age" integer, "org" integer NOT NULL DEFAULT 1)',
  'CREATE TABLE "posts" ("id" integer, "user_id" integer, "price" text, "state" "state", "key" uuid)',
]

/** Gives the schema to the test, and takes everything back after it. */
async function inSchema(test: (query: (sql: string) => Promise<unknown[]>) => Promise<void>): Promise<void> {
  const runner = database.createQueryRunner()
  const query = async (sql: string): Promise<unknown[]> => {
    const rows: unknown = await runner.query(sql)
    return Array.isArray(rows) ? rows : []
  }
  try {
    await query('CREATE SCHEMA IF NOT EXISTS public')
    for (const sql of schema) await query(sql)
    await test(query)
  } finally {
    await query('DROP SCHEMA public CASCADE')
    await runner.release()
  }
}

interface RowCase {
  readonly rule: Rule
  readonly statement: string
  /** Inserts rows that the statement refuses. */
  readonly rows: string
  /** Changes those rows. */
  readonly mend: string
}

const rowCases: readonly RowCase[] = [
  {
    rule: uniqueRows,
    statement: 'ALTER TABLE "users" ADD CONSTRAINT "u" UNIQUE ("Name")',
    rows: `INSERT INTO users VALUES (1, 'a'), (2, 'a'), (3, NULL), (4, NULL)`,
    mend: 'DELETE FROM users WHERE id = 2',
  },
  {
    rule: uniqueRows,
    statement: `CREATE UNIQUE INDEX ON users USING btree (org DESC, lower("Name") text_pattern_ops, (age + 1)) WHERE age > 1 OR id = 9`,
    rows: `INSERT INTO users VALUES (1, 'a', 2), (2, 'A', 2), (3, 'a', 1), (4, 'a', 1)`,
    mend: 'DELETE FROM users WHERE id = 2',
  },
  {
    rule: nullRows,
    statement: 'ALTER TABLE users ALTER "Name" SET NOT NULL',
    rows: 'INSERT INTO users (id) VALUES (1)',
    mend: `UPDATE users SET "Name" = ''`,
  },
  {
    rule: constraintRows,
    statement: `ALTER TABLE users ADD CONSTRAINT c CHECK ("Name" <> ')' AND age > 0)`,
    rows: `INSERT INTO users VALUES (1, ')', 1), (2, NULL, NULL)`,
    mend: `UPDATE users SET "Name" = ''`,
  },
  {
    rule: constraintRows,
    statement: 'ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES users',
    rows: 'INSERT INTO posts (user_id) VALUES (7), (NULL)',
    mend: 'UPDATE posts SET user_id = NULL',
  },
  {
    rule: castRows,
    statement: 'ALTER TABLE posts ALTER price TYPE numeric(4, 2) USING price::numeric(4, 2)',
    rows: `INSERT INTO posts (price) VALUES ('1.5'), ('x'), (NULL)`,
    mend: `DELETE FROM posts WHERE price = 'x'`,
  },
]

// The query of cast-rows calls a function of PostgreSQL 16.
const runnable = rowCases.filter(({ rule }) => rule !== castRows || postgresMajor >= 16)

describe.each(runnable)('$rule.name: $statement', ({ rule, statement, rows, mend }) => {
  test('fails on the rows that its query finds, and on no others', async () => {
    const [found] = await lint('postgres', rule, [{ up: schema }, { up: [statement] }], { server: 16 })
    const help = found?.help ?? ''
    const select = /SELECT .*?(?=\. (?:Change|Fill|Remove))/.exec(help)?.[0] ?? ''
    await inSchema(async (query) => {
      await query(rows)
      expect(isFound(await query(select))).toBe(true)
      await expect(query(statement)).rejects.toThrow()
      await query(mend)
      expect(isFound(await query(select))).toBe(false)
      await query(statement)
    })
  })
})

/** True for a count that is not 0, and for any row of another query. */
function isFound(rows: readonly unknown[]): boolean {
  return rows.length > 0 && !rows.some((row) => JSON.stringify(row) === '{"count":"0"}')
}

test('cast-rows: the query for older servers fails at the rows at which the statement fails', async () => {
  const statement = 'ALTER TABLE posts ALTER price TYPE date USING price::date'
  const [found] = await lint('postgres', castRows, [{ up: schema }, { up: [statement] }])
  const select = /SELECT .*?(?= fails at)/.exec(found?.help ?? '')?.[0] ?? ''
  await inSchema(async (query) => {
    await query(`INSERT INTO posts (price) VALUES ('2020-02-02'), ('x')`)
    await expect(query(select)).rejects.toThrow('invalid input syntax for type date')
    await expect(query(statement)).rejects.toThrow('invalid input syntax for type date')
    await query(`DELETE FROM posts WHERE price = 'x'`)
    expect(await query(select)).toEqual([{ count: '1' }])
    await query(statement)
  })
})

test.each([
  { rule: duplicateColumn, statement: 'UPDATE users SET age = 1, age = 2' },
  { rule: duplicateColumn, statement: 'INSERT INTO users (id, id) VALUES (1, 2)' },
  { rule: duplicateColumn, statement: 'CREATE TABLE t (a integer, a text)' },
  { rule: duplicateColumn, statement: 'ALTER TABLE users ADD a text, ADD a text' },
  { rule: duplicateColumn, statement: 'ALTER TABLE users ADD UNIQUE (age, age)' },
  { rule: keyTypeMismatch, statement: 'ALTER TABLE posts ADD FOREIGN KEY (price) REFERENCES users' },
  { rule: keyTypeMismatch, statement: 'ALTER TABLE posts ADD FOREIGN KEY (key) REFERENCES users' },
  { rule: keyTypeMismatch, statement: 'ALTER TABLE posts ADD n numeric REFERENCES users' },
  {
    rule: newEnumValueUsed,
    statement: `ALTER TYPE state ADD VALUE 'new' AFTER 'open'; UPDATE posts SET state = 'new'`,
  },
  {
    rule: newEnumValueUsed,
    statement: `ALTER TYPE state ADD VALUE 'new' AFTER 'open'; ALTER TABLE posts ALTER state SET DEFAULT 'new'`,
  },
])('$rule.name: the server refuses $statement', async ({ rule, statement }) => {
  const found = await lint('postgres', rule, [{ up: schema }, { up: [statement] }])
  expect(found.map(({ severity }) => severity)).toEqual(['error'])
  await inSchema(async (query) => {
    await expect(query(statement)).rejects.toThrow()
  })
})

test('required-column: the statement fails on rows, and the insert of running code after it', async () => {
  const statement = 'ALTER TABLE users ADD country text NOT NULL'
  expect(await lint('postgres', requiredColumn, [{ up: schema }, { up: [statement] }])).toHaveLength(1)
  await inSchema(async (query) => {
    const insert = 'INSERT INTO users (id) VALUES (1)'
    await query(insert)
    await expect(query(statement)).rejects.toThrow('contains null values')
    await query('DELETE FROM users')
    await query(statement)
    await expect(query(insert)).rejects.toThrow('violates not-null constraint')
  })
})

test('rename-table: running code reads and writes through the view', async () => {
  const statement = 'ALTER TABLE "users" RENAME TO "people"'
  const [found] = await lint('postgres', renameTable, [{ up: schema }, { up: [statement] }])
  await inSchema(async (query) => {
    for (const sql of found?.instead ?? []) await query(sql)
    await query(`INSERT INTO users (id, "Name") VALUES (1, 'a') ON CONFLICT (id) DO NOTHING`)
    await query(`UPDATE users SET "Name" = 'b' WHERE id = 1`)
    expect(await query('SELECT id, "Name" FROM people')).toEqual([{ id: 1, Name: 'b' }])
  })
})

test('enum-value-place: the statement with a place gives the same order', async () => {
  const statement = `ALTER TYPE "state" ADD VALUE 'it''s'`
  const [found] = await lint('postgres', enumValuePlace, [{ up: schema }, { up: [statement] }])
  await inSchema(async (query) => {
    for (const sql of found?.instead ?? []) await query(sql)
    expect(await query('SELECT enum_range(NULL::state)::text AS all')).toEqual([{ all: `{open,done,it's}` }])
  })
})
