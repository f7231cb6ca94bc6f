import { databasePair, type Rows, applyRevertReapply } from './database-pair'

const pair = databasePair()

const change = (before: string, after: string, rows?: Rows) => applyRevertReapply(pair, before, after, rows)

describe('reversal of a removed enum value', () => {
  test('restores the value before a default names it, despite operations in between', async () => {
    await change(
      `CREATE TYPE mood AS ENUM ('good', 'bad');
       CREATE TABLE a (id integer, note text);
       CREATE TABLE b (mood mood DEFAULT 'bad');`,
      `CREATE TYPE mood AS ENUM ('good');
       CREATE TABLE a (id integer);
       CREATE TABLE b (mood mood DEFAULT 'good');`,
    )
  })

  test('restores the value before it recreates a table whose default names it', async () => {
    await change(
      `CREATE TYPE mood AS ENUM ('good', 'bad');
       CREATE TABLE a (mood mood);
       CREATE TABLE b (mood mood DEFAULT 'bad', moods mood[] DEFAULT '{bad}');`,
      `CREATE TYPE mood AS ENUM ('good');
       CREATE TABLE a (mood mood);`,
    )
  })

  test('restores the value before it recreates a column whose default names it', async () => {
    await change(
      `CREATE TYPE mood AS ENUM ('good', 'bad');
       CREATE TABLE a (mood mood, other mood DEFAULT 'bad');`,
      `CREATE TYPE mood AS ENUM ('good');
       CREATE TABLE a (mood mood);`,
    )
  })

  test('removes an added value only after the column that contains it is dropped', async () => {
    await change(
      `CREATE TYPE mood AS ENUM ('good', 'bad');
       CREATE TABLE a (id integer);
       CREATE TABLE b (mood mood DEFAULT 'bad');`,
      `CREATE TYPE mood AS ENUM ('good', 'new');
       CREATE TABLE a (id integer, extra mood DEFAULT 'new');
       CREATE TABLE b (mood mood DEFAULT 'good');`,
      { up: 'INSERT INTO b VALUES (NULL)', down: `INSERT INTO a VALUES (1, 'new')` },
    )
  })
})

test('removes a value from an enum only after the table whose rows contain it is dropped', async () => {
  await change(
    `CREATE TYPE mood AS ENUM ('good', 'bad');
     CREATE TABLE a (mood mood NOT NULL);
     CREATE TABLE b (id integer);`,
    `CREATE TYPE mood AS ENUM ('new');
     CREATE TABLE b (id integer, mood mood DEFAULT 'new');`,
    { up: `INSERT INTO a VALUES ('bad')` },
  )
  expect(await pair.live.query('SELECT enum_range(NULL::mood)::text AS moods')).toEqual([{ moods: '{new}' }])
})
