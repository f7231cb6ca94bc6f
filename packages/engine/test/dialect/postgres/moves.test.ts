import type { DataSource } from 'typeorm'

import { render } from '../../../src/dialect/postgres/render'
import { reverseOperations } from '../../../src/operations'
import { planChanges } from '../../../src/difference/plan-changes'
import type { RenameAnswer } from '../../../src/difference/renames'
import { dropSchemas } from '../../support/drop-schemas'
import { apply, databasePair, differences } from './database-pair'
import { read, runScript } from './support'

const pair = databasePair()

async function build(database: DataSource, script: string): Promise<void> {
  await dropSchemas(database)
  await runScript(database, script)
}

/** Applies, reverts and reapplies the move, with a row in the table that moves. */
async function move(before: string, after: string, ...answers: RenameAnswer[]): Promise<string[]> {
  await build(pair.live, before)
  await build(pair.wanted, after)
  const from = await read(pair.live)
  const { operations, to } = planChanges(from, await read(pair.wanted), answers)
  const up = render(operations, from)
  await apply(pair.live, up)
  expect(differences(await read(pair.live), to)).toEqual([])
  await apply(pair.live, render(reverseOperations(operations), to))
  expect(differences(await read(pair.live), from)).toEqual([])
  expect(await pair.live.query('SELECT code FROM audit.users')).toEqual([{ code: 'kept' }])
  await apply(pair.live, up)
  expect(differences(await read(pair.live), to)).toEqual([])
  return up.map(({ sql }) => sql)
}

const answer: RenameAnswer = { kind: 'table', from: 'audit.users', to: 'people' }

describe('render of a table that moves to another schema under another name', () => {
  test('avoids a table that has its old name in the new schema', async () => {
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

  test('uses a temporary name when its old and its new name are both taken', async () => {
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

  test('keeps its keys and indexes, under names that are free in the new schema', async () => {
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

  test('drops its index although one of that name is dropped in the new schema too', async () => {
    await move(
      `CREATE TABLE users (code text);
       CREATE INDEX by_code ON users (code);
       CREATE SCHEMA audit;
       CREATE TABLE audit.users (code text);
       CREATE INDEX by_code ON audit.users (code);
       INSERT INTO audit.users VALUES ('kept');`,
      `CREATE TABLE users (code text);
       CREATE TABLE people (code text);`,
      answer,
    )
  })

  test.each([
    ['serial', 'serial'],
    ['identity', 'integer GENERATED ALWAYS AS IDENTITY'],
  ])('keeps the sequence of its %s column, under a name that is free in the new schema', async (_kind, type) => {
    const statements = await move(
      `CREATE TABLE users (id ${type}, code text);
       CREATE SCHEMA audit;
       CREATE TABLE audit.users (id ${type}, code text);
       INSERT INTO audit.users (code) VALUES ('kept');`,
      `CREATE TABLE users (id ${type}, code text);
       CREATE TABLE people (id ${type}, code text);`,
      answer,
    )
    expect(statements[0]).toBe(`ALTER SEQUENCE "audit"."users_id_seq" RENAME TO "users_id_seq1"`)
  })

  test('recreates its identity sequence under a free name when the move is reverted', async () => {
    await move(
      `CREATE TABLE users (id serial, code text);
       CREATE SCHEMA audit;
       CREATE TABLE audit.users (id integer GENERATED ALWAYS AS IDENTITY, code text);
       INSERT INTO audit.users (code) VALUES ('kept');`,
      `CREATE TABLE clients (id serial, code text);
       CREATE TABLE users (id integer NOT NULL, code text);`,
      { kind: 'table', from: 'users', to: 'clients' },
      { kind: 'table', from: 'audit.users', to: 'users' },
    )
  })

  test('gives a new serial column a sequence name that no renamed table uses', async () => {
    await move(
      `CREATE TABLE users (id serial, code text);
       CREATE SCHEMA audit;
       CREATE TABLE audit.users (id integer NOT NULL, code text);
       INSERT INTO audit.users VALUES (1, 'kept');`,
      `CREATE TABLE clients (id serial, code text);
       CREATE TABLE users (id serial, code text);`,
      { kind: 'table', from: 'users', to: 'clients' },
      { kind: 'table', from: 'audit.users', to: 'users' },
    )
  })

  test('swaps schema and name with another table', async () => {
    const tables = (first: string, second: string): string =>
      `CREATE SCHEMA audit;
       CREATE TABLE ${first} (id serial PRIMARY KEY, code text);
       CREATE INDEX by_code ON ${first} (code);
       CREATE TABLE ${second} (id serial PRIMARY KEY, note text);
       CREATE INDEX by_code ON ${second} (note);`
    await move(
      `${tables('audit.users', 'users')} INSERT INTO audit.users (code) VALUES ('kept');`,
      tables('users', 'audit.users'),
      { kind: 'table', from: 'audit.users', to: 'users' },
      { kind: 'table', from: 'users', to: 'audit.users' },
    )
  })
})
