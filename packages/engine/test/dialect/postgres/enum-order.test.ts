import { databasePair, type Rows, thereAndBack } from './database-pair'

const pair = databasePair()

const change = (before: string, after: string, rows?: Rows) => thereAndBack(pair, before, after, rows)

describe('an enum gets a value back before', () => {
  test('a default names it, whatever comes between', async () => {
    await change(
      `CREATE TYPE mood AS ENUM ('good', 'bad');
       CREATE TABLE a (id integer, note text);
       CREATE TABLE b (mood mood DEFAULT 'bad');`,
      `CREATE TYPE mood AS ENUM ('good');
       CREATE TABLE a (id integer);
       CREATE TABLE b (mood mood DEFAULT 'good');`,
    )
  })

  test('a table is made again whose default names it', async () => {
    await change(
      `CREATE TYPE mood AS ENUM ('good', 'bad');
       CREATE TABLE a (mood mood);
       CREATE TABLE b (mood mood DEFAULT 'bad', moods mood[] DEFAULT '{bad}');`,
      `CREATE TYPE mood AS ENUM ('good');
       CREATE TABLE a (mood mood);`,
    )
  })

  test('a column comes back whose default names it', async () => {
    await change(
      `CREATE TYPE mood AS ENUM ('good', 'bad');
       CREATE TABLE a (mood mood, other mood DEFAULT 'bad');`,
      `CREATE TYPE mood AS ENUM ('good');
       CREATE TABLE a (mood mood);`,
    )
  })

  test('and loses another one only when the column that has it is gone', async () => {
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

test('an enum loses a value behind the table whose rows have it', async () => {
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
