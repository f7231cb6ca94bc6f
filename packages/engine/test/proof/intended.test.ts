import { intendedBy } from '../../src/proof/hostile/intended'

const columns = (sql: string): boolean => intendedBy([sql], ['t', 'new_t']).columns.has('a')
const tables = (sql: string): readonly string[] => [...intendedBy([sql], ['t', 'new_t']).tables]

test.each([
  'ALTER TABLE "t" ALTER COLUMN "a" TYPE integer USING left("a", 5)::integer',
  'ALTER TABLE t ALTER a TYPE boolean USING CASE a WHEN 1 THEN true END, ALTER b TYPE text',
  `INSERT INTO "new_t" ("a") SELECT coalesce("a", '') FROM "t"`,
  'INSERT INTO new_t (a) SELECT (SELECT p.id FROM p WHERE p.id = a) FROM t',
])('means to change the column: %s', (sql) => {
  expect(columns(sql)).toBe(true)
})

test.each([
  'ALTER TABLE "t" ALTER COLUMN "a" TYPE integer USING "a"::integer',
  'ALTER TABLE t ALTER a TYPE numeric(10,2) USING (a)::text::numeric(10,2), ALTER b TYPE text USING lower(b)',
  'INSERT INTO "new_t" ("a") SELECT "a" FROM "t"',
  'INSERT INTO "new_t" ("a") SELECT CAST("a" AS integer) FROM "t"',
  'INSERT INTO "new_t" ("a") SELECT x."a" AS b FROM "t" x JOIN p ON p.id = x.id',
  `UPDATE "t" SET "b" = 'USING a SELECT a FROM t'`,
])('does not mean to change the column: %s', (sql) => {
  expect(columns(sql)).toBe(false)
})

test('means to leave rows out by a condition, and not by a join', () => {
  expect(tables('INSERT INTO "new_t" SELECT "a" FROM "t" WHERE "a" IS NOT NULL')).toContain('t')
  expect(tables('INSERT INTO "new_t" SELECT DISTINCT "a" FROM "t"')).toContain('t')
  expect(tables('INSERT OR IGNORE INTO "new_t" SELECT t."a" FROM "t" JOIN p ON p.id = t.a')).toEqual([])
  expect(tables('SELECT "a" FROM "t" WHERE "a" > 1')).toEqual([])
})
