import Database from 'better-sqlite3'

import { addColumnRefused } from '../../../../src/lint/rules/sqlite/add-column-refused'
import { lint, type TestRevision } from '../../support'

const users: TestRevision = { up: ['CREATE TABLE users (id integer PRIMARY KEY)'] }
const found = async (sql: string): Promise<string | undefined> =>
  (await lint('sqlite', addColumnRefused, [users, { up: [sql] }]))[0]?.message

describe('add-column-refused', () => {
  test('finds a unique column, and shows the index that does the same', async () => {
    const sql = 'ALTER TABLE "users" ADD COLUMN "name" varchar UNIQUE DEFAULT NULL'
    expect(await lint('sqlite', addColumnRefused, [users, { up: [sql] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'SQLite refuses to add users.name: it is UNIQUE',
        help: 'Add it without UNIQUE, and create a unique index.',
        instead: [
          'ALTER TABLE "users" ADD COLUMN "name" varchar DEFAULT NULL',
          'CREATE UNIQUE INDEX "uq_users_name" ON "users" ("name")',
        ],
        table: 'users',
        sql,
      },
    ])
  })

  test('shows statements that SQLite executes, where it refuses the first one', async () => {
    const sql = 'ALTER TABLE users ADD "full name" text UNIQUE NOT NULL DEFAULT \'\''
    const [only] = await lint('sqlite', addColumnRefused, [users, { up: [sql] }])
    const database = new Database(':memory:')
    database.exec('CREATE TABLE users (id integer PRIMARY KEY); INSERT INTO users VALUES (1)')
    expect(() => database.exec(sql)).toThrow('Cannot add a UNIQUE column')
    for (const statement of only?.instead ?? []) database.exec(statement)
    expect(database.pragma('index_list(users)')).toMatchObject([{ name: 'uq_users_full name', unique: 1 }])
    database.close()
  })

  test('shows no statements for a constraint with a name or a conflict clause', async () => {
    for (const constraint of ['CONSTRAINT uq UNIQUE', 'UNIQUE ON CONFLICT IGNORE']) {
      const [only] = await lint('sqlite', addColumnRefused, [{ up: [`ALTER TABLE users ADD x text ${constraint}`] }])
      expect(only).toMatchObject({ message: 'SQLite refuses to add users.x: it is UNIQUE' })
      expect(only?.instead).toBeUndefined()
    }
  })

  test.each([
    ['x integer PRIMARY KEY', 'SQLite refuses to add users.x: it is a primary key'],
    ['x int AS (id) STORED', 'SQLite refuses to add users.x: it is STORED'],
    [
      'x text DEFAULT CURRENT_TIMESTAMP',
      'SQLite refuses to add users.x if users has rows: its default is not a constant',
    ],
    [
      `x text DEFAULT (datetime('now'))`,
      'SQLite refuses to add users.x if users has rows: its default is not a constant',
    ],
  ])('finds %s', async (column, message) => {
    expect(await found(`ALTER TABLE users ADD COLUMN ${column}`)).toBe(message)
  })

  test('finds what is refused even for a new table without rows', async () => {
    const up = [...(users.up ?? []), 'ALTER TABLE users ADD x UNIQUE', 'ALTER TABLE users ADD y DEFAULT CURRENT_DATE']
    expect(await lint('sqlite', addColumnRefused, [{ up }])).toMatchObject([
      { message: 'SQLite refuses to add users.x: it is UNIQUE' },
    ])
  })

  test.each([
    ['x text'],
    [`x text NOT NULL DEFAULT 'a'`],
    ['x integer DEFAULT -1'],
    ['x integer DEFAULT (5)'],
    ['x integer CHECK (x > 0) REFERENCES users (id)'],
    ['x int GENERATED ALWAYS AS (id * 2) VIRTUAL'],
    ['"unique" text'],
  ])('finds nothing for %s', async (column) => {
    expect(await found(`ALTER TABLE users ADD COLUMN ${column}`)).toBeUndefined()
  })
})
