import type { DataSource } from 'typeorm'

import { render } from '../../../src/dialect/postgres/render'
import { reverseOperations } from '../../../src/operations'
import { compare } from '../../../src/schema/compare'
import { apply, differences, empty } from './database-pair'
import { read, runScript, TestDatabases } from './support'

const databases = new TestDatabases()
let live: DataSource
let wanted: DataSource
beforeAll(async () => {
  live = await databases.open({ poolSize: 1 })
  wanted = await databases.open({ poolSize: 1 })
})
afterAll(() => databases.close())

/** There, back and there again; `rows` are put in before each way. */
async function change(before: string, after: string, rows: { up?: string; down?: string } = {}): Promise<string[]> {
  for (const [database, script] of [
    [live, before],
    [wanted, after],
  ] as const) {
    await empty(database)
    await runScript(database, script)
  }
  const [from, to] = [await read(live), await read(wanted)]
  const operations = compare(from, to)
  const [up, down] = [render(operations, from), render(reverseOperations(operations), to)]
  for (const [statements, goal, script] of [
    [up, to, rows.up],
    [down, from, rows.down],
    [up, to, undefined],
  ] as const) {
    if (script !== undefined) await runScript(live, script)
    await apply(live, statements)
    expect(differences(await read(live), goal)).toEqual([])
  }
  return down.map(({ sql }) => sql)
}

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

describe('what is counted before an enum becomes a number', () => {
  test.each(['bigint', 'numeric(3,1)', 'real', 'uuid'])('is its text: %s', async (type) => {
    const script = (column: string): string => `CREATE TYPE digit AS ENUM ('1', '2'); CREATE TABLE a (digit ${column});`
    await change(script('digit'), `CREATE TABLE a (digit ${type});`)
  })
})

describe('what has no cast of its own goes another way', () => {
  test.each([
    ['timestamp', 'timetz', '12:00+00'],
    ['date', 'time', '12:00'],
    ['money', 'integer', '7'],
    ['money', 'boolean', 'true'],
    ['smallint', 'money', '7'],
    ['double precision', 'money', '7.25'],
  ])('%s to %s', async (from, to, value) => {
    const rows = { up: 'INSERT INTO a VALUES (NULL)', down: `UPDATE a SET v = '${value}' WHERE '${to}' LIKE '%money%'` }
    await change(`CREATE TABLE a (v ${from});`, `CREATE TABLE a (v ${to});`, rows)
  })

  test('money that is not whole is refused by a number that is', async () => {
    await expect(
      change('CREATE TABLE a (v money);', 'CREATE TABLE a (v integer);', { up: `INSERT INTO a VALUES ('1.50')` }),
    ).rejects.toThrow('rows of a.v that do not fit integer: 1')
  })
})
