import { readsRows, readTest } from '../../src/execution/reads'
import { dialectNames, dialectOf } from '../run/databases'

const cases: Readonly<Record<(typeof dialectNames)[number], readonly (readonly [string, boolean])[]>> = {
  postgres: [
    ['select * from a', true],
    ['  -- why\n SELECT version()', true],
    ['SHOW search_path', true],
    ['with x as (select 1) select * from x', true],
    ['EXPLAIN select 1', true],
    [`select 'setval(' from a`, true],
    ['select to_regclass($1)', true],
    ['insert into a values (1)', false],
    [`select setval('s', coalesce(max(id), 1)) from a`, false],
    ['select my_function(1) from a', false],
    ['select * into b from a', false],
    ['with x as (delete from a returning *) select * from x', false],
    ['EXPLAIN ANALYZE delete from a', false],
    ['VACUUM', false],
    ['SELECT 1; DROP TABLE a', false],
  ],
  sqlite: [
    ['select * from a', true],
    ['PRAGMA table_info("a")', true],
    ['PRAGMA foreign_keys', true],
    ['PRAGMA foreign_keys = OFF', false],
    ['PRAGMA user_version(3)', false],
    ['select my_function(1)', false],
    ['select last_insert_rowid()', true],
    ['with x as (select 1) delete from a', false],
  ],
}

describe.each(dialectNames)('on %s', (name) => {
  test.each(cases[name])('%s only reads: %s', async (sql, expected) => {
    expect(await readTest(dialectOf(name))(sql)).toBe(expected)
  })
})

test.each([
  ['SELECT "id" FROM "role" WHERE "id" = 1', true],
  ['select 1 from (select 2 from a) b', true],
  ['SELECT * FROM sqlite_master m JOIN a ON a.name = m.name', true],
  [`SELECT * FROM "sqlite_master" WHERE "name" IN ('a')`, false],
  ['SELECT * FROM pragma_table_info("a")', false],
  ['PRAGMA table_xinfo("a")', false],
  ['SELECT * FROM "information_schema"."columns" JOIN "pg_class" ON true', false],
  ['SELECT * FROM current_schema()', false],
  ['SELECT version()', false],
])('%s reads rows of tables: %s', (sql, expected) => {
  expect(readsRows(sql)).toBe(expected)
})
