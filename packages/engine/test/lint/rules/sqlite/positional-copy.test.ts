import Database from 'better-sqlite3'

import { positionalCopy } from '../../../../src/lint/rules/sqlite/positional-copy'
import { lint, type TestRevision } from '../../support'

const users: TestRevision = { up: ['CREATE TABLE "users" (id integer PRIMARY KEY, "Name" text, nick text)'] }
const found = (columns: string, insert: string) =>
  lint('sqlite', positionalCopy, [users, { up: [`CREATE TABLE "n" (${columns})`, insert] }])

describe('positional-copy', () => {
  test('finds a copy without names, and shows one with names', async () => {
    const sql = 'INSERT INTO "n" SELECT * FROM "users"'
    expect(await found('id integer PRIMARY KEY, nick text, name text', sql)).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'this copies users into n by the position of columns, and not by their names',
        help: 'Name the columns on both sides.',
        instead: ['INSERT INTO "n" ("id", "Name", "nick") SELECT "id", "Name", "nick" FROM "users"'],
        table: 'users',
        sql,
      },
    ])
  })

  test('shows a statement that keeps values in their columns', async () => {
    const create = 'id integer PRIMARY KEY, nick text, name text'
    const [only] = await found(create, 'INSERT INTO n SELECT * FROM users')
    const database = new Database(':memory:')
    for (const sql of users.up ?? []) database.exec(sql)
    database.exec(`INSERT INTO users VALUES (1, 'a', 'b'); CREATE TABLE n (${create}); ${only?.instead?.[0] ?? ''}`)
    expect(database.prepare('SELECT * FROM n').get()).toEqual({ id: 1, nick: 'b', name: 'a' })
    database.close()
  })

  test('finds a list of values without a list of columns', async () => {
    const [only] = await found('id, nick, name', 'INSERT INTO n SELECT id, name, nick FROM users')
    expect(only?.message).toContain('by the position')
    expect(only?.instead).toBeUndefined()
  })

  test('shows no statement if a column is not in the new table, or nothing is known of the old one', async () => {
    const [first] = await found('id, name', 'INSERT INTO n SELECT * FROM users')
    const [second] = await found('id, name', 'INSERT INTO n SELECT * FROM unknown')
    expect([first?.message, second?.message]).toEqual([
      expect.stringContaining('copies users into n'),
      expect.stringContaining('copies unknown into n'),
    ])
    expect([first?.instead, second?.instead]).toEqual([undefined, undefined])
  })

  test.each([
    ['names on both sides', 'id, nick, name', 'INSERT INTO n (id, name) SELECT id, name FROM users'],
    ['the same columns in the same order', 'ID, name, nick', 'INSERT INTO n SELECT * FROM users'],
    ['the same columns, named once', 'id, nick', 'INSERT INTO n SELECT id, nick FROM users'],
    ['values', 'id, name', `INSERT INTO n VALUES (1, 'a')`],
    ['a query that is no copy', 'id, name', 'INSERT INTO n SELECT id, name FROM users WHERE id > 5'],
  ])('finds nothing for %s', async (_, columns, insert) => {
    expect(await found(columns, insert)).toEqual([])
  })

  test('finds nothing for rows that are moved between tables that exist', async () => {
    const tables = { up: ['CREATE TABLE a (x, y)', 'CREATE TABLE b (y, x)'] }
    expect(await lint('sqlite', positionalCopy, [tables, { up: ['INSERT INTO a SELECT * FROM b'] }])).toEqual([])
  })
})
