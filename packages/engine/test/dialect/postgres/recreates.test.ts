import { recreates } from '../../../src/dialect/postgres/recreates'

describe('a revision may recreate something', () => {
  test.each<[string, ...string[]]>([
    ['a view', 'DROP VIEW v', 'CREATE VIEW v AS SELECT 1'],
    ['a view in another case', 'drop view "V"', 'create view v as select 1'],
    ['an index in another schema, as far as the text tells', 'DROP INDEX a.i', 'CREATE INDEX i ON b.t (c)'],
    ['several', 'DROP INDEX CONCURRENTLY IF EXISTS i, j', 'CREATE INDEX CONCURRENTLY j ON t (c)'],
    ['a column', 'ALTER TABLE t DROP COLUMN a, ADD COLUMN a int'],
    ['a column without the word', 'ALTER TABLE t DROP a', 'ALTER TABLE t ADD b int'],
    ['under the name of what was dropped', 'CREATE VIEW n AS SELECT 1', 'DROP VIEW v', 'ALTER VIEW n RENAME TO v'],
    ['an enum', 'ALTER TYPE t RENAME TO t_old', `CREATE TYPE t AS ENUM ('a')`, 'DROP TYPE t_old'],
    ['a column', 'ALTER TABLE t RENAME COLUMN a TO b', 'ALTER TABLE t ADD a int', 'ALTER TABLE t DROP COLUMN b'],
    ['a table', 'ALTER TABLE IF EXISTS ONLY s.t RENAME TO u', 'CREATE TABLE s.t (id int)', 'DROP TABLE s.u'],
    ['a trigger', 'DROP TRIGGER IF EXISTS g ON t', 'CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f()'],
    ['a constraint', 'ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (a > 1)'],
    ['a function', 'DROP FUNCTION f(int)', 'CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$'],
    ['what depends on it', 'DROP TABLE a CASCADE', 'CREATE VIEW v AS SELECT 1'],
    ['in one text', 'DROP VIEW v; CREATE VIEW v AS SELECT 1'],
    ['in a body', 'DO $$ BEGIN DROP VIEW v; CREATE VIEW v AS SELECT 1; END $$'],
    ['created in a body', 'DROP VIEW v', 'DO $$ BEGIN CREATE VIEW v AS SELECT 1; END $$'],
    ['dropped in a body', 'DO $$ BEGIN DROP VIEW v; END $$', 'CREATE VIEW v AS SELECT 1'],
  ])('%s', (_what, ...statements) => {
    expect(recreates(statements, true)).toBe(true)
    expect(recreates(statements, false)).toBe(true)
  })

  test.each<[string, ...string[]]>([
    ['nothing is dropped', 'ALTER TABLE a RENAME COLUMN b TO c', 'ALTER TABLE a ADD b int'],
    ['nothing is created', 'ALTER TABLE a RENAME COLUMN b TO c', 'ALTER TABLE a RENAME TO d', 'DROP VIEW v'],
    ['a whole table', 'DROP TABLE a', 'CREATE TABLE b (id int)'],
    ['it is created before', 'ALTER TABLE a ADD b int', 'ALTER TABLE a DROP COLUMN c'],
    ['another index', 'DROP INDEX i', 'CREATE INDEX j ON t (c)'],
    ['another constraint', 'ALTER TABLE t DROP CONSTRAINT c', 'ALTER TABLE t ADD CONSTRAINT d CHECK (a > 1)'],
    [
      'a foreign key',
      'ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT d FOREIGN KEY (a) REFERENCES u ON DELETE CASCADE',
    ],
    ['a default', 'ALTER TABLE t ALTER a DROP DEFAULT, ALTER a DROP NOT NULL', 'ALTER TABLE t ADD b int DEFAULT 1'],
    ['another type', 'DROP TYPE a', `CREATE TYPE b AS ENUM ('x')`],
    ['a table and a column', 'ALTER TABLE a RENAME TO b', 'ALTER TABLE b ADD c int', 'ALTER TABLE b DROP CONSTRAINT d'],
  ])('no: %s', (_what, ...statements) => {
    expect(recreates(statements, true)).toBe(false)
    expect(recreates(statements, false)).toBe(false)
  })

  test.each<[string, ...string[]]>([
    ['a column', 'ALTER TABLE t DROP COLUMN a', 'CREATE INDEX i ON t (b)'],
    ['a view', 'DROP MATERIALIZED VIEW v', 'CREATE INDEX i ON t (b)'],
  ])('that goes with %s, if a person wrote the revision', (_what, ...statements) => {
    expect(recreates(statements, true)).toBe(false)
    expect(recreates(statements, false)).toBe(true)
  })
})
