import type { DataSource } from 'typeorm'

import { render } from '../../../src/dialect/postgres/render'
import { reverseOperations } from '../../../src/operations'
import { planOperations } from '../../../src/schema/plan'
import type { RenameAnswer } from '../../../src/schema/renames'
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

async function build(database: DataSource, script: string): Promise<void> {
  await empty(database)
  await runScript(database, script)
}

/** From the one to the other and back, with a row in the table that moves. */
async function move(before: string, after: string, answer: RenameAnswer): Promise<string[]> {
  await build(live, before)
  await build(wanted, after)
  const [from, to] = [await read(live), await read(wanted)]
  const operations = planOperations(from, to, [answer])
  const up = render(operations, from)
  await apply(live, up)
  expect(differences(await read(live), to)).toEqual([])
  await apply(live, render(reverseOperations(operations), to))
  expect(differences(await read(live), from)).toEqual([])
  expect(await live.query('SELECT code FROM audit.users')).toEqual([{ code: 'kept' }])
  return up.map(({ sql }) => sql)
}

const answer: RenameAnswer = { kind: 'table', from: 'audit.users', to: 'people' }

describe('a table that moves to another schema under another name', () => {
  test('does not meet a table there that has the name it had', async () => {
    await move(
      `CREATE TABLE users (code text);
       CREATE SCHEMA audit;
       CREATE TABLE audit.users (code text);
       INSERT INTO audit.users VALUES ('kept');`,
      `CREATE TABLE users (code text);
       CREATE TABLE people (code text);`,
      answer,
    )
  })

  test('goes under a third name where both are taken on the way', async () => {
    const statements = await move(
      `CREATE TABLE users (code text);
       CREATE SCHEMA audit;
       CREATE TABLE audit.users (code text);
       INSERT INTO audit.users VALUES ('kept');
       CREATE TABLE audit.people (id integer);`,
      `CREATE TABLE users (code text);
       CREATE TABLE people (code text);
       CREATE SCHEMA audit;
       CREATE TABLE audit.people (id integer);`,
      answer,
    )
    expect(statements[0]).toBe(`ALTER TABLE "audit"."users" RENAME TO "aludel_aside"`)
  })

  test('takes its keys and indexes along under names that are free there', async () => {
    await move(
      `CREATE TABLE users (code text, CONSTRAINT users_key UNIQUE (code));
       CREATE INDEX by_code ON users (code);
       CREATE SCHEMA audit;
       CREATE TABLE audit.users (code text, CONSTRAINT users_key UNIQUE (code));
       CREATE INDEX by_code ON audit.users (code);
       INSERT INTO audit.users VALUES ('kept');`,
      `CREATE TABLE users (code text, CONSTRAINT users_key UNIQUE (code));
       CREATE INDEX by_code ON users (code);
       CREATE TABLE people (code text, CONSTRAINT people_key UNIQUE (code));
       CREATE INDEX people_by_code ON people (code);`,
      answer,
    )
  })
})
