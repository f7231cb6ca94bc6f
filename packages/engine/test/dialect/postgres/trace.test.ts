import { postgres } from '../../../src/dialect/postgres'
import { lockText } from '../../../src/sql/effects'
import { openDatabase, type TestDatabase } from '../../run/databases'

describe('the trace of a statement', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase('postgres')
    for (const sql of [
      'CREATE TABLE users (id integer PRIMARY KEY, name varchar(20), age integer NOT NULL DEFAULT 1)',
      'CREATE TABLE posts (id integer PRIMARY KEY, author integer)',
      `INSERT INTO users VALUES (1, 'a', 2)`,
      'INSERT INTO posts VALUES (1, 1)',
      'CREATE SCHEMA audit',
      'CREATE TABLE tags (title varchar(20))',
      'CREATE INDEX tags_title ON tags (title)',
      'CREATE VIEW names AS SELECT name FROM users',
      'CREATE TABLE audit.events (id integer, users_id integer REFERENCES users)',
    ])
      await database.rows(sql)
  })
  afterEach(() => database.drop())

  async function traced(...statements: readonly string[]) {
    const { queryRunner } = database
    await queryRunner.startTransaction()
    try {
      const before = statements.slice(0, -1)
      for (const sql of before) await queryRunner.query(sql)
      const { locks, rewrites, rebuilds, scans } = await postgres.trace.around(queryRunner, () =>
        queryRunner.query(statements.at(-1) ?? ''),
      )
      return { locks: locks.map(lockText).sort(), rewrites, rebuilds: [...rebuilds].sort(), scans: [...scans].sort() }
    } finally {
      await queryRunner.rollbackTransaction()
    }
  }
  const nothing = { rewrites: [], rebuilds: [], scans: [] }

  test.each([
    ['SELECT 1', { ...nothing, locks: [] }],
    ['SELECT * FROM posts', { ...nothing, locks: ['ACCESS SHARE posts'], scans: ['posts'] }],
    ['CREATE TABLE other (id integer)', { ...nothing, locks: [] }],
    ['ALTER TABLE users ADD COLUMN a integer DEFAULT 1', { ...nothing, locks: ['ACCESS EXCLUSIVE users'] }],
    [
      'ALTER TABLE users ADD COLUMN a float DEFAULT random()',
      { locks: ['ACCESS EXCLUSIVE users'], rewrites: ['users'], rebuilds: ['users_pkey'], scans: ['users'] },
    ],
    [
      'ALTER TABLE users ALTER COLUMN age TYPE bigint',
      { locks: ['ACCESS EXCLUSIVE users'], rewrites: ['users'], rebuilds: ['users_pkey'], scans: ['users'] },
    ],
    ['ALTER TABLE tags ALTER COLUMN title TYPE text', { ...nothing, locks: ['ACCESS EXCLUSIVE tags'] }],
    [
      'ALTER TABLE tags ALTER COLUMN title TYPE varchar(20) COLLATE "C"',
      { locks: ['ACCESS EXCLUSIVE tags'], rewrites: [], rebuilds: ['tags_title'], scans: ['tags'] },
    ],
    [
      'ALTER TABLE users ALTER COLUMN name SET NOT NULL',
      { ...nothing, locks: ['ACCESS EXCLUSIVE users'], scans: ['users'] },
    ],
    ['CREATE INDEX ON users (name)', { ...nothing, locks: ['SHARE users'], scans: ['users'] }],
    [
      'ALTER TABLE posts ADD FOREIGN KEY (author) REFERENCES users',
      { ...nothing, locks: ['SHARE ROW EXCLUSIVE posts', 'SHARE ROW EXCLUSIVE users'], scans: ['posts', 'users'] },
    ],
    [
      'REINDEX INDEX users_pkey',
      {
        ...nothing,
        locks: ['ACCESS EXCLUSIVE index users_pkey', 'SHARE users'],
        rebuilds: ['users_pkey'],
        scans: ['users'],
      },
    ],
    ['ALTER INDEX users_pkey RENAME TO pk', { ...nothing, locks: [] }],
    [
      'CREATE OR REPLACE VIEW names AS SELECT name FROM users',
      { ...nothing, locks: ['ACCESS EXCLUSIVE names', 'ACCESS SHARE users'] },
    ],
    ['DROP TABLE audit.events', { ...nothing, locks: ['ACCESS EXCLUSIVE audit.events', 'ACCESS EXCLUSIVE users'] }],
    [
      `DO $$ BEGIN EXECUTE 'ALTER TABLE posts ALTER COLUMN author TYPE bigint'; END $$`,
      { locks: ['ACCESS EXCLUSIVE posts'], rewrites: ['posts'], rebuilds: ['posts_pkey'], scans: ['posts'] },
    ],
  ])('measures %s', async (sql, expected) => {
    expect(await traced(sql)).toEqual(expected)
  })

  test('measures only what the statement adds, in a transaction that holds locks already', async () => {
    expect(await traced('LOCK TABLE users IN ACCESS EXCLUSIVE MODE', 'CREATE INDEX ON users (name)')).toEqual({
      ...nothing,
      locks: ['SHARE users'],
      scans: ['users'],
    })
    expect((await traced('SELECT * FROM posts', 'SELECT * FROM posts')).locks).toEqual([])
  })

  test('returns the result of the statement, and fails as it does', async () => {
    const { queryRunner } = database
    const { result } = await postgres.trace.around(queryRunner, () => queryRunner.query('SELECT 1 AS one'))
    expect(result).toEqual([{ one: 1 }])
    await expect(postgres.trace.around(queryRunner, () => queryRunner.query('SELECT nothing'))).rejects.toThrow(
      'nothing',
    )
  })
})
