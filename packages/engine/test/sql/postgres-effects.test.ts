// cspell:ignore TABEL
import { Client } from 'pg'

import { makeDatabase, postgresMajor, queryPostgres, type TestDatabase } from '../../../../tools/testing/databases'
import { type ColumnsOf, type EffectsReader, lockText, type StatementEffects } from '../../src/sql/effects'
import { loadPostgresEffects } from '../../src/sql/postgres/effects'
import { tablelessExtensions } from '../../src/sql/postgres/extensions'
import { stableFunctions } from '../../src/sql/postgres/function-names'
import { kindOfCall } from '../../src/sql/postgres/functions'

let readerOf: (columnsOf: ColumnsOf) => EffectsReader

beforeAll(async () => {
  readerOf = await loadPostgresEffects()
})

function read(sql: string, columnsOf: ColumnsOf = () => undefined): StatementEffects {
  return readerOf(columnsOf).read(sql)
}

function readAll(...statements: readonly string[]): readonly StatementEffects[] {
  const reader = readerOf(() => undefined)
  return statements.map((sql) => reader.read(sql))
}

/** Returns the losses of the last statement. */
function lastLosses(...statements: readonly string[]): readonly string[] {
  return (
    readAll(...statements)
      .at(-1)
      ?.destroys.map(({ text }) => text) ?? ['nothing was read']
  )
}

describe('losses of PostgreSQL statements', () => {
  test.each<[string, ...string[]]>([
    ['DROP /* c */ TABLE "metrics"', 'all rows of metrics'],
    ['drop table Metrics', 'all rows of metrics'],
    ['DROP TABLE IF EXISTS "audit"."odd ""name"', 'all rows of audit.odd "name'],
    ['DROP TABLE public.a, audit.b CASCADE', 'all rows of a', 'all rows of audit.b'],
    ['DROP SCHEMA audit CASCADE', 'all rows of tables in schema audit'],
    ['DROP TYPE mood CASCADE', 'values of columns that depend on type mood'],
    ['DROP DOMAIN d CASCADE', 'values of columns that depend on domain d'],
    ['DROP EXTENSION citext CASCADE', 'values of columns that depend on extension citext'],
    ['DROP EXTENSION postgis', 'all rows of tables of extension postgis'],
    ['DROP COLLATION c CASCADE', 'values of columns that depend on collation c'],
    ['DROP OWNED BY joe', 'all rows of tables that joe owns'],
    ['DROP DATABASE d', 'all rows of database d'],
    ['TRUNCATE a, audit.b', 'all rows of a', 'all rows of audit.b'],
    ['TRUNCATE a CASCADE', 'all rows of a', 'all rows of tables that refer to a'],
    ['DELETE FROM a', 'all rows of a'],
    ['DELETE FROM a USING b WHERE a.x = b.x', 'some rows of a'],
    ['WITH gone AS (DELETE FROM a WHERE x = 1 RETURNING *) SELECT count(*) FROM gone', 'some rows of a'],
    ['SELECT * FROM (WITH g AS (DELETE FROM a RETURNING *) SELECT * FROM g) x', 'all rows of a'],
    ['CREATE TABLE b AS WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone', 'all rows of a'],
    ['INSERT INTO b WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone', 'all rows of a'],
    ['COPY (DELETE FROM a RETURNING *) TO STDOUT', 'all rows of a'],
    ['EXPLAIN ANALYZE DELETE FROM a', 'all rows of a'],
    ['EXPLAIN (ANALYZE, BUFFERS) DELETE FROM a', 'all rows of a'],
    ['UPDATE a SET x = 1, "Y" = 2', 'old values of a.x', 'old values of a.Y'],
    ['UPDATE a SET (x, y) = (SELECT 1, 2) WHERE x IS NULL', 'old values of a.y'],
    ['UPDATE a SET x = 1 WHERE x IS NULL OR z', 'old values of a.x'],
    ['UPDATE a SET x = 1 WHERE NOT (x IS NULL AND z)', 'old values of a.x'],
    ['UPDATE a SET x = 1 FROM b WHERE b.x IS NULL', 'old values of a.x'],
    ['UPDATE a AS t SET x = 1 FROM a WHERE a.x IS NULL', 'old values of a.x'],
    ['INSERT INTO a VALUES (1) ON CONFLICT (id) DO UPDATE SET x = excluded.x', 'old values of a.x'],
    [
      'INSERT INTO a VALUES (1) ON CONFLICT (id) DO UPDATE SET x = excluded.x WHERE excluded.x IS NULL',
      'old values of a.x',
    ],
    ['MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE', 'some rows of a'],
    ['MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN UPDATE SET x = b.x', 'old values of a.x'],
    ['ALTER TABLE a DROP x, DROP COLUMN IF EXISTS y CASCADE', 'values of a.x', 'values of a.y'],
    ['ALTER TABLE a ALTER x TYPE integer', 'values of a.x that do not fit integer'],
    ['ALTER TABLE a ALTER x TYPE varchar(20)', 'values of a.x that do not fit character varying(20)'],
    ['ALTER TABLE a ALTER x TYPE text[]', 'values of a.x that do not fit text[]'],
    ['ALTER TABLE a ALTER x TYPE text USING lower(x)', 'old values of a.x'],
    ['ALTER TYPE t DROP ATTRIBUTE x', 'values of type t.x'],
    [`COPY a TO '/tmp/a'`, 'the file /tmp/a on the server'],
  ])('are reported for %s', (sql, ...losses) => {
    const effects = read(sql)
    expect(effects.destroys.map(({ text }) => text)).toEqual(losses)
    expect(effects).toMatchObject({ reads: false, writes: true, unknown: null })
  })

  test.each([
    ['DROP TYPE mood'],
    ['DROP DOMAIN d'],
    ['DROP EXTENSION "uuid-ossp"'],
    ['DROP SCHEMA audit'],
    ['DROP SEQUENCE s CASCADE'],
    ['DROP VIEW v CASCADE'],
    ['DROP MATERIALIZED VIEW v'],
    ['DROP INDEX i'],
    ['DROP TRIGGER t ON a'],
    ['DROP POLICY p ON a'],
    ['DROP RULE r ON a'],
    ['DROP FUNCTION f(integer)'],
    ['DROP ROLE joe'],
    ['UPDATE a SET x = 1 WHERE x IS NULL'],
    ['UPDATE audit.a SET x = 1, y = 2 WHERE a.x IS NULL AND (y IS NULL AND z > 1)'],
    ['UPDATE a AS t SET x = 1 WHERE t.x IS NULL'],
    ['INSERT INTO a VALUES (1)'],
    ['INSERT INTO a SELECT * FROM b'],
    ['INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING'],
    ['INSERT INTO a VALUES (1) ON CONFLICT (id) DO UPDATE SET x = 1 WHERE a.x IS NULL'],
    ['MERGE INTO a USING b ON a.id = b.id WHEN NOT MATCHED THEN INSERT VALUES (b.id)'],
    ['COPY a FROM STDIN'],
    [`COPY a FROM '/tmp/a'`],
    ['SELECT * INTO b FROM a'],
    ['CREATE TABLE b AS SELECT * FROM a'],
    [`CREATE TABLE "a" ("id" uuid DEFAULT f(), CHECK (g("id")))`],
    ['CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$DELETE FROM a$$'],
    ['CREATE VIEW v AS SELECT f(x) FROM a'],
    ['CREATE RULE r AS ON INSERT TO a DO ALSO DELETE FROM b'],
    ['CREATE EXTENSION "uuid-ossp"'],
    ['ALTER TABLE a ALTER x TYPE text'],
    ['ALTER TABLE a ALTER x TYPE character varying'],
    ['ALTER TABLE a ADD x uuid NOT NULL DEFAULT uuid_generate_v4()'],
    [`ALTER TYPE mood ADD VALUE 'x'`],
    [`ALTER TYPE mood RENAME VALUE 'x' TO 'y'`],
    ['ALTER TYPE t ADD ATTRIBUTE x int'],
    ['ALTER TABLE a RENAME TO b'],
    ['ALTER SEQUENCE s RESTART'],
    [`SELECT setval('s', 1)`],
    ['REFRESH MATERIALIZED VIEW v'],
    ['CLUSTER a USING i'],
    ['VACUUM FULL a'],
    ['COMMENT ON TABLE a IS NULL'],
    ['GRANT SELECT ON a TO joe'],
    ['REASSIGN OWNED BY joe TO bob'],
    ['DROP SUBSCRIPTION s'],
    ['CREATE PUBLICATION p FOR TABLE a'],
  ])('are empty for %s', (sql) => {
    expect(read(sql)).toMatchObject({ destroys: [], reads: false, writes: true, unknown: null })
  })

  test('name the table as the database does', () => {
    expect(read('DELETE FROM audit.a').destroys).toEqual([
      { text: 'all rows of audit.a', table: 'audit.a', kind: 'rows' },
    ])
    expect(read('DROP TABLE public."A"').destroys).toEqual([{ text: 'all rows of A', table: 'A', kind: 'table' }])
    expect(read('DROP SCHEMA audit CASCADE').destroys).toEqual([{ text: 'all rows of tables in schema audit' }])
  })

  test('leave out columns without stored values', () => {
    const columnsOf: ColumnsOf = (table) => (table === 'a' ? ['id', 'note'] : undefined)
    expect(read('ALTER TABLE a DROP computed, DROP note', columnsOf).destroys).toEqual([
      { text: 'values of a.note', table: 'a', kind: 'column', column: 'note' },
    ])
    const reader = readerOf(columnsOf)
    reader.read('ALTER TABLE a RENAME TO b')
    reader.read('ALTER TABLE b RENAME note TO remark')
    reader.read('ALTER TABLE b ALTER computed DROP EXPRESSION')
    expect(
      reader.read('ALTER TABLE b DROP remark, DROP computed, DROP other').destroys.map(({ text }) => text),
    ).toEqual(['values of b.remark', 'values of b.computed'])
  })
})

describe('unknown effects of PostgreSQL statements', () => {
  test.each([
    ['DO $$BEGIN PERFORM 1; END$$', 'runs code that cannot be read: DO $$BEGIN PERFORM 1; END'],
    ['CALL p(1)', 'calls a procedure that is not known: p()'],
    ['SELECT f(1)', 'calls a function that is not known: f()'],
    ['SELECT public.now()', 'calls a function that is not known: public.now()'],
    ['SELECT 1 FROM a WHERE x IN (SELECT f(y) FROM b)', 'calls a function that is not known: f()'],
    ['SELECT sum(f(x)) OVER (ORDER BY y) FROM a', 'calls a function that is not known: f()'],
    ['SELECT * FROM f(1)', 'calls a function that is not known: f()'],
    [`SELECT pg_read_file('x')`, 'calls a function that is not known: pg_read_file()'],
    [`SELECT lo_unlink(1)`, 'calls a function that is not known: lo_unlink()'],
    [`SELECT pg_catalog.query_to_xml('DELETE', true, true, '')`, 'calls a function that is not known: query_to_xml()'],
    [`SELECT * FROM dblink('', 'DELETE FROM a') AS t(x int)`, 'calls a function that is not known: dblink()'],
    ['INSERT INTO a VALUES (f())', 'calls a function that is not known: f()'],
    ['CREATE TABLE b AS SELECT f(x) FROM a', 'calls a function that is not known: f()'],
    ['CREATE MATERIALIZED VIEW v AS SELECT f(x) FROM a', 'calls a function that is not known: f()'],
    ['EXPLAIN ANALYZE SELECT f()', 'calls a function that is not known: f()'],
    ['DECLARE c CURSOR FOR SELECT f()', 'calls a function that is not known: f()'],
    ['ALTER TABLE a ADD CHECK (f(x))', 'calls a function that is not known: f()'],
    ['ALTER TABLE a ADD x int DEFAULT f()', 'calls a function that is not known: f()'],
    [`COPY a TO PROGRAM 'x'`, 'runs a program on the server: x'],
    [`COPY a FROM PROGRAM 'x'`, 'runs a program on the server: x'],
    ['EXECUTE p', 'executes a prepared statement that is not known: p'],
    [`COMMIT PREPARED 'p'`, 'ends a prepared transaction whose statements are not known'],
    ['ALTER EXTENSION e UPDATE', 'runs a script that changes what extension e has: ALTER EXTENSION … UPDATE'],
    ['DELETE FROM pg_enum', 'changes the system catalog: pg_enum'],
    ['DROP TABEL a', 'cannot be parsed: syntax error at or near "TABEL"'],
    ['\\d a', 'cannot be parsed: syntax error at or near "\\"'],
  ])('are reported with a reason for %s', (sql, reason) => {
    const effects = read(sql)
    expect(effects).toMatchObject({ reads: false, writes: true, unknown: reason })
    expect(effects.destroys).toContainEqual({ text: `whatever it does: ${reason}` })
  })

  test('include every unqualified function if a schema precedes pg_catalog in the search path', () => {
    expect(readAll('SET search_path TO public, pg_catalog', 'SELECT now()')[1]?.unknown).not.toBeNull()
    expect(readAll('SET search_path TO pg_catalog, public', 'SELECT now()')[1]?.unknown).toBeNull()
  })

  test('are reported instead of an error for texts that no parser accepts', () => {
    for (const sql of [
      '(',
      '\0',
      `SELECT ${'('.repeat(30_000)}1`,
      `SELECT 1${'+1'.repeat(30_000)}`,
      'x'.repeat(9_000_000),
    ])
      expect(read(sql)).toMatchObject({ writes: true, unknown: expect.any(String) as string })
    expect(read('SELECT 1')).toMatchObject({ reads: true })
  })
})

describe('effects of a PostgreSQL statement', () => {
  test.each([
    ['SELECT 1'],
    ['VALUES (1)'],
    ['TABLE a'],
    ['SHOW search_path'],
    ['EXPLAIN DELETE FROM a'],
    ['EXPLAIN (ANALYZE false) DELETE FROM a'],
    ['EXPLAIN ANALYZE SELECT count(*) FROM a'],
    ['COPY a TO STDOUT'],
    ['SELECT now(), pg_catalog.lower(x), gen_random_uuid(), clock_timestamp() FROM a'],
    ['SELECT COALESCE(x, CURRENT_TIMESTAMP), EXTRACT(year FROM y), GREATEST(1, 2), x::int, x || y FROM a'],
    [`SELECT xmlelement(name a), json_object('a': 1), json_value(j, '$.a'), $1::text, ARRAY[1], ROW(1, 2) FROM a`],
    [`SELECT * FROM generate_series(1, 2), unnest(ARRAY[1]) WITH ORDINALITY, json_to_recordset('[]') AS t(x int)`],
    [`SELECT * FROM json_table('[]', '$' COLUMNS (x int PATH '$')), ROWS FROM (generate_series(1, 2))`],
    ['SELECT row_number() OVER w, rank() OVER (PARTITION BY x) FROM a WINDOW w AS (ORDER BY y)'],
    ['WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT 1 FROM t) SEARCH DEPTH FIRST BY x SET o SELECT * FROM t'],
    ['SELECT * FROM a TABLESAMPLE system (1) GROUP BY GROUPING SETS ((x), ()) HAVING true LIMIT 1'],
    ['SELECT 1; -- and\n SELECT 2'],
  ])('report that %s only reads', (sql) => {
    expect(read(sql)).toMatchObject({
      reads: true,
      writes: false,
      destroys: [],
      locks: [],
      rewrites: [],
      transactional: true,
      unknown: null,
    })
  })

  test.each([
    ['SET lock_timeout = 1'],
    ['RESET ALL'],
    ['BEGIN'],
    ['COMMIT'],
    ['SAVEPOINT s'],
    ['SELECT * FROM a FOR UPDATE'],
    [`SELECT set_config('a.b', 'c', false)`],
    ['SELECT pg_advisory_xact_lock(1)'],
    [`SELECT pg_notify('a', 'b')`],
    ['LISTEN a'],
    ['NOTIFY a'],
    ['PREPARE p AS DELETE FROM a'],
    ['DEALLOCATE p'],
    ['DECLARE c CURSOR FOR SELECT 1'],
    ['FETCH 1 FROM c'],
    ['SET CONSTRAINTS ALL DEFERRED'],
    ['LOCK TABLE a IN ROW SHARE MODE'],
    [''],
    ['  -- nothing\n/* at all */'],
    [';'],
  ])('report that %j neither reads nor writes data', (sql) => {
    expect(read(sql)).toMatchObject({ reads: false, writes: false, destroys: [], unknown: null })
  })

  test.each([
    ['SELECT 1; SELECT nextval($$s$$)', 'select'],
    ['CREATE TABLE "a" ("id" int)', 'create table a'],
    ['ALTER TABLE audit.a ADD x int, DROP y', 'add column audit.a.x; drop column audit.a.y'],
    ['UPDATE a SET x = 1', 'update a'],
    ['DELETE FROM a; INSERT INTO b VALUES (1)', 'delete from a; insert into b'],
    ['CREATE INDEX i ON a (x)', 'create index i on a'],
    ['ALTER TABLE a RENAME x TO y', 'rename column a.x to y'],
    ['ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES b', 'add foreign key f on a'],
    ['DROP TRIGGER t ON audit.a', 'drop trigger t on audit.a'],
    ['WITH g AS (DELETE FROM a) SELECT 1', 'delete from a'],
  ])('describe %s as "%s"', (sql, does) => {
    expect(read(sql)).toMatchObject({ does, writes: true, reads: false })
  })

  test.each([
    ['VACUUM a'],
    ['CREATE UNIQUE INDEX CONCURRENTLY i ON a (x)'],
    ['/* a /* nested */ comment */ VACUUM'],
    ['SELECT 1; VACUUM'],
    ['CLUSTER (VERBOSE)'],
    ['DISCARD ALL'],
    [`ALTER SYSTEM SET a.b = 'c'`],
    ['ALTER TABLE a DETACH PARTITION b CONCURRENTLY'],
    ['CREATE DATABASE d'],
  ])('report that %s cannot run in a transaction', (sql) => {
    expect(read(sql).transactional).toBe(false)
    expect(read('CREATE INDEX "concurrently" ON a (x)').transactional).toBe(true)
  })
})

describe('effects after earlier statements of the plan on PostgreSQL', () => {
  test('include no losses of and locks on a table that the plan created', () => {
    for (const sql of ['DROP TABLE a', 'DELETE FROM a', 'TRUNCATE a', 'UPDATE a SET x = 1', 'ALTER TABLE a DROP x'])
      expect(readAll('CREATE TABLE a (x int)', sql)[1]).toMatchObject({ destroys: [], locks: [], rewrites: [] })
    expect(lastLosses('CREATE TABLE IF NOT EXISTS a (x int)', 'DROP TABLE a')).toEqual(['all rows of a'])
    expect(lastLosses('DROP TABLE a', 'CREATE TABLE IF NOT EXISTS a (x int)', 'DROP TABLE a')).toEqual([])
    expect(lastLosses('CREATE TABLE a (x int)', 'DROP TABLE a', 'DROP TABLE a')).toEqual(['all rows of a'])
    expect(lastLosses('SELECT 1 AS x INTO a', 'DROP TABLE a')).toEqual([])
  })

  test('contain the tables that must not exist before', () => {
    const absent = (...statements: readonly string[]) => readAll(...statements).at(-1)?.absent
    expect(absent('CREATE TABLE a (x int); CREATE TABLE s.b (x int)')).toEqual(['a', 's.b'])
    expect(absent('CREATE TABLE a AS SELECT 1')).toEqual(['a'])
    expect(absent('SELECT 1 AS x INTO a')).toEqual(['a'])
    expect(absent('CREATE TABLE IF NOT EXISTS a (x int)')).toEqual([])
    expect(absent('CREATE TABLE IF NOT EXISTS a AS SELECT 1')).toEqual([])
    expect(absent('CREATE TEMPORARY TABLE a (x int)')).toEqual([])
    expect(absent('CREATE VIEW a AS SELECT 1')).toEqual([])
    expect(absent('DROP TABLE a', 'CREATE TABLE a (x int)')).toEqual([])
    expect(absent('ALTER TABLE a RENAME TO b', 'CREATE TABLE a (x int)')).toEqual([])
    expect(absent('ALTER TABLE a SET SCHEMA s', 'CREATE TABLE a (x int)')).toEqual([])
    expect(absent('CREATE SCHEMA s', 'CREATE TABLE s.a (x int)')).toEqual([])
    expect(absent('SET search_path TO s', 'CREATE TABLE a (x int)')).toEqual(['s.a'])
    expect(absent('SET search_path TO s, t', 'CREATE TABLE a (x int)')).toEqual([])
    expect(absent('DO $$ BEGIN DROP TABLE a; END $$', 'CREATE TABLE a (x int)')).toEqual([])
  })

  test('follow renames and moves to other schemas', () => {
    expect(lastLosses('CREATE TABLE a (x int)', 'ALTER TABLE a RENAME TO b', 'DROP TABLE b')).toEqual([])
    expect(lastLosses('CREATE TABLE a (x int)', 'ALTER TABLE a RENAME TO b', 'DROP TABLE a')).toEqual(['all rows of a'])
    expect(lastLosses('ALTER TABLE a RENAME TO b', 'CREATE TABLE a (x int)', 'DROP TABLE b')).toEqual(['all rows of b'])
    expect(lastLosses('CREATE TABLE a (x int)', 'ALTER TABLE a SET SCHEMA s', 'DROP TABLE s.a')).toEqual([])
    expect(lastLosses('CREATE TABLE s.a (x int)', 'ALTER SCHEMA s RENAME TO t', 'DROP TABLE t.a')).toEqual([])
    expect(lastLosses('CREATE TABLE s.a (x int)', 'ALTER SCHEMA t RENAME TO s', 'DROP TABLE s.a')).not.toEqual([])
  })

  test('include no losses of columns that the plan added', () => {
    expect(lastLosses('ALTER TABLE a ADD x int', 'UPDATE a SET x = 1, y = 2')).toEqual(['old values of a.y'])
    expect(lastLosses('ALTER TABLE a ADD x int', 'ALTER TABLE a RENAME x TO z', 'ALTER TABLE a DROP z')).toEqual([])
    expect(lastLosses('ALTER TABLE a ADD IF NOT EXISTS x int', 'ALTER TABLE a DROP x')).toEqual(['values of a.x'])
  })

  test('take an unqualified name for a temporary table that hides another one', () => {
    expect(lastLosses('CREATE TEMP TABLE a (x int)', 'DROP TABLE a')).toEqual([])
    expect(lastLosses('CREATE TEMP TABLE a (x int)', 'DROP TABLE public.a')).toEqual(['all rows of a'])
    expect(lastLosses('CREATE TEMP TABLE a (x int) ON COMMIT DROP', 'DROP TABLE a')).toEqual(['all rows of a'])
  })

  test('find the schema of an unqualified name by the search path', () => {
    expect(readAll('SET search_path TO audit', 'DROP TABLE a')[1]?.destroys).toEqual([
      { text: 'all rows of audit.a', table: 'audit.a', kind: 'table' },
    ])
    expect(readAll('SET search_path TO audit, public', 'DROP TABLE a')[1]?.destroys).toEqual([
      { text: 'all rows of a', kind: 'table' },
    ])
    expect(lastLosses('SET search_path TO audit', 'CREATE TABLE a ()', 'DROP TABLE public.a')).toEqual([
      'all rows of a',
    ])
    expect(lastLosses('SET LOCAL search_path TO audit', 'CREATE TABLE a ()', 'DROP TABLE a')).toEqual(['all rows of a'])
  })

  test('include losses of a created table again after a rollback or unreadable code', () => {
    expect(lastLosses('CREATE TABLE a ()', 'ROLLBACK', 'DROP TABLE a')).toEqual(['all rows of a'])
    expect(lastLosses('CREATE TABLE a ()', 'DO $$x$$', 'DROP TABLE a')).toEqual(['all rows of a'])
    expect(lastLosses('CREATE TABLE a ()', 'COMMIT', 'DROP TABLE a')).toEqual([])
  })

  test('include old rows that became part of a new table', () => {
    const attach = [
      'CREATE TABLE a (x int) PARTITION BY LIST (x)',
      'ALTER TABLE a ATTACH PARTITION b FOR VALUES IN (1)',
    ]
    expect(lastLosses(...attach, 'DROP TABLE a')).toEqual(['all rows of a'])
    expect(lastLosses('CREATE TABLE b PARTITION OF a DEFAULT', 'DROP TABLE b')).toEqual(['all rows of b'])
    const follow = ['CREATE TABLE a (x int)', 'ALTER TABLE b ADD FOREIGN KEY (x) REFERENCES a ON DELETE CASCADE']
    expect(lastLosses(...follow, 'DELETE FROM a')).toEqual(['rows that refer to a'])
  })

  test('include rows behind a view or a foreign table that the plan created', () => {
    expect(lastLosses('CREATE VIEW v AS SELECT * FROM a', 'DELETE FROM v')).toEqual(['all rows of v'])
    expect(lastLosses('CREATE FOREIGN TABLE f (x int) SERVER s', 'DELETE FROM f')).toEqual(['all rows of f'])
  })

  test('include the losses of a prepared statement when it is executed', () => {
    expect(lastLosses('PREPARE p AS DELETE FROM a', 'EXECUTE p')).toEqual(['all rows of a'])
    expect(lastLosses('PREPARE p AS DELETE FROM a', 'CREATE TABLE b AS EXECUTE p')).toEqual(['all rows of a'])
  })
})

test('postgres effects read an INSERT of very many constant rows by its first words', () => {
  const rows = `(1, 'it''s; DROP TABLE a', NULL, -1.5e3, true),\n`
  expect(read(`INSERT INTO a (x, "y") VALUES ${rows.repeat(300_000)} (1, '', NULL, 2, false);`)).toMatchObject({
    does: 'insert into a',
    destroys: [],
    unknown: null,
  })
  const call = `INSERT INTO a VALUES ${rows.repeat(3_000)} (f(), '', NULL, 2, false);`
  expect(read(call).unknown).toBe('calls a function that is not known: f()')
  expect(read(call.replace('f()', '1').replace(/;$/, '; DROP TABLE b')).destroys).toHaveLength(1)

  expect(read(`INSERT INTO a VALUES ('${'x'.repeat(9_000_000)}')`)).toMatchObject({ destroys: [], unknown: null })
  const upsert = `INSERT INTO a VALUES ${rows.repeat(300_000)} (1, '') ON CONFLICT (x) DO UPDATE SET y = 1`
  expect(read(upsert).destroys).toEqual([{ text: 'old values of a.y', table: 'a', kind: 'overwritten', column: 'y' }])
})

test('a rename of an object is described in the words of its CREATE statement', () => {
  expect(read('ALTER FOREIGN DATA WRAPPER w RENAME TO v').does).toBe('rename foreign data wrapper w to v')
  expect(read('ALTER TEXT SEARCH CONFIGURATION c RENAME TO d').does).toBe('rename text search configuration c to d')
})

describe('the lists of known PostgreSQL names', () => {
  test('contain no stable function that the server declares VOLATILE', async () => {
    const rows = await queryPostgres(`SELECT DISTINCT proname AS name FROM pg_proc
      WHERE pronamespace = 'pg_catalog'::regnamespace AND provolatile = 'v'`)
    const listed = rows.map(({ name }) => String(name)).filter((name) => stableFunctions.has(name))
    expect(listed).toEqual([])
    expect(kindOfCall(['nextval'], true)).toBe('writes')
  })

  test('contain every callable function that the server declares IMMUTABLE or STABLE', async () => {
    const rows = await queryPostgres(`SELECT proname AS name FROM pg_proc p
      WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind IN ('f', 'a', 'w')
      GROUP BY proname
      HAVING every(provolatile <> 'v' AND NOT EXISTS (
        SELECT FROM unnest(p.proargtypes || p.prorettype) AS used
        WHERE used::regtype::text IN ('internal', 'cstring', 'trigger', 'event_trigger')))`)
    const missing = rows
      .map(({ name }) => String(name))
      .filter((name) => kindOfCall([name], true) !== 'reads' && !/^(?:table|schema|database)_to_xml/.test(name))
    expect(rows.length).toBeGreaterThan(1500)
    expect(missing).toEqual([])
  })

  test('contain no extension with tables', async () => {
    const database = await makeDatabase('postgres')
    const client = new Client(database.url)
    await client.connect()
    try {
      const available = await client.query<{ name: string }>('SELECT name FROM pg_available_extensions')
      const withTables: string[] = []
      for (const { name } of available.rows.filter((row) => tablelessExtensions.has(row.name))) {
        await client.query('BEGIN')
        try {
          await client.query(`CREATE EXTENSION IF NOT EXISTS "${name}" CASCADE`)
          const { rowCount } = await client.query(`SELECT FROM pg_depend JOIN pg_class c ON c.oid = objid
            WHERE classid = 'pg_class'::regclass AND deptype = 'e' AND relkind IN ('r', 'p')`)
          if (rowCount !== 0) withTables.push(name)
        } catch (error) {
          // The library may need a program that is not installed, as plperl and plpython do.
          expect(String(error)).toMatch(/could not load library/)
        }
        await client.query('ROLLBACK')
      }
      expect(available.rows.length).toBeGreaterThan(0)
      expect(withTables).toEqual([])
    } finally {
      await client.end()
      await database.drop()
    }
  })
})

describe('locks and rewrites on a PostgreSQL server', () => {
  let database: TestDatabase
  let client: Client

  beforeAll(async () => {
    database = await makeDatabase('postgres')
    client = new Client(database.url)
    await client.connect()
    await client.query(`
      CREATE TABLE b (id int PRIMARY KEY);
      CREATE TYPE mood AS ENUM ('a');
      CREATE TYPE pair AS (x int, y int);
      CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, s varchar(50), u int, g int GENERATED ALWAYS AS (n * 2) STORED,
        i int GENERATED BY DEFAULT AS IDENTITY, CONSTRAINT positive CHECK (n > 0) NOT VALID, CONSTRAINT one UNIQUE (u));
      ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (n) REFERENCES b NOT VALID;
      CREATE INDEX ix ON t (s);
      CREATE TABLE parent (x int, y int);
      CREATE TABLE child (z int) INHERITS (parent);
      CREATE TABLE loner (x int, y int, z int);
      CREATE TABLE parts (x int, y int) PARTITION BY LIST (x);
      CREATE TABLE part PARTITION OF parts FOR VALUES IN (1);
      CREATE TABLE next_part (x int, y int);
      CREATE INDEX parts_y ON ONLY parts (y);
      CREATE INDEX part_y ON part (y);
      CREATE TABLE typed OF pair;
      CREATE TABLE untyped (x int, y int);
      CREATE VIEW v AS SELECT * FROM b;
      CREATE MATERIALIZED VIEW m AS SELECT id FROM b;
      CREATE UNIQUE INDEX m_id ON m (id);
      CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER trg BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION noop();
      CREATE RULE r AS ON UPDATE TO t DO NOTHING;
      CREATE POLICY p ON t;
      CREATE SCHEMA s;`)
  })

  afterAll(async () => {
    await client.end()
    await database.drop()
  })

  test.each<[string, readonly string[], (readonly string[])?]>([
    ['ALTER TABLE t ADD x int', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ADD x int DEFAULT 1', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ADD x timestamptz DEFAULT now()', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ADD x timestamptz DEFAULT clock_timestamp()', ['ACCESS EXCLUSIVE t'], ['t']],
    ['ALTER TABLE t ADD x serial', ['ACCESS EXCLUSIVE t'], ['t']],
    ['ALTER TABLE t ADD x int GENERATED ALWAYS AS IDENTITY', ['ACCESS EXCLUSIVE t'], ['t']],
    ['ALTER TABLE t ADD x int GENERATED ALWAYS AS (n) STORED', ['ACCESS EXCLUSIVE t'], ['t']],
    ['ALTER TABLE t ADD x int REFERENCES b', ['ACCESS EXCLUSIVE t', 'SHARE ROW EXCLUSIVE b']],
    ['ALTER TABLE t DROP s', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ALTER s TYPE text', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ALTER s TYPE varchar(80)', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ALTER u TYPE bigint', ['ACCESS EXCLUSIVE t'], ['t']],
    ['ALTER TABLE t ALTER s SET DEFAULT 1', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ALTER s DROP DEFAULT', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ALTER s SET NOT NULL', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ALTER n DROP NOT NULL', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ALTER g DROP EXPRESSION', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ALTER s SET STATISTICS 10', []],
    ['ALTER TABLE t ALTER s SET (n_distinct = 5)', []],
    ['ALTER TABLE t ALTER s RESET (n_distinct)', []],
    ['ALTER TABLE t ALTER s SET STORAGE EXTERNAL', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ALTER s SET COMPRESSION pglz', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ALTER n ADD GENERATED ALWAYS AS IDENTITY', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ALTER i SET GENERATED ALWAYS', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ALTER i DROP IDENTITY', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ADD CHECK (u > 0)', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ADD UNIQUE (s)', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE loner ADD PRIMARY KEY (x)', ['ACCESS EXCLUSIVE loner']],
    ['ALTER TABLE loner ADD EXCLUDE (x WITH =)', ['ACCESS EXCLUSIVE loner']],
    ['ALTER TABLE t ADD FOREIGN KEY (u) REFERENCES b', ['SHARE ROW EXCLUSIVE t', 'SHARE ROW EXCLUSIVE b']],
    ['ALTER TABLE t VALIDATE CONSTRAINT positive', []],
    ['ALTER TABLE t DROP CONSTRAINT positive', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ADD x int, ALTER s SET STATISTICS 10', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t OWNER TO CURRENT_USER', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t CLUSTER ON ix', []],
    ['ALTER TABLE t SET WITHOUT CLUSTER', []],
    ['ALTER TABLE t SET UNLOGGED', ['ACCESS EXCLUSIVE t'], ['t']],
    ['ALTER TABLE t SET WITHOUT OIDS', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t SET (fillfactor = 50)', []],
    ['ALTER TABLE t SET (autovacuum_enabled = false)', []],
    ['ALTER TABLE t SET (user_catalog_table = true)', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t RESET (fillfactor)', []],
    ['ALTER TABLE t DISABLE TRIGGER trg', ['SHARE ROW EXCLUSIVE t']],
    ['ALTER TABLE t ENABLE TRIGGER trg', ['SHARE ROW EXCLUSIVE t']],
    ['ALTER TABLE t ENABLE ALWAYS TRIGGER trg', ['SHARE ROW EXCLUSIVE t']],
    ['ALTER TABLE t ENABLE REPLICA TRIGGER trg', ['SHARE ROW EXCLUSIVE t']],
    ['ALTER TABLE t DISABLE TRIGGER USER', ['SHARE ROW EXCLUSIVE t']],
    ['ALTER TABLE t ENABLE TRIGGER USER', ['SHARE ROW EXCLUSIVE t']],
    ['ALTER TABLE t DISABLE TRIGGER ALL', ['SHARE ROW EXCLUSIVE t']],
    ['ALTER TABLE t ENABLE TRIGGER ALL', ['SHARE ROW EXCLUSIVE t']],
    ['ALTER TABLE t DISABLE RULE r', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ENABLE RULE r', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ENABLE ALWAYS RULE r', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ENABLE REPLICA RULE r', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t ENABLE ROW LEVEL SECURITY', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t DISABLE ROW LEVEL SECURITY', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t FORCE ROW LEVEL SECURITY', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t NO FORCE ROW LEVEL SECURITY', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t REPLICA IDENTITY FULL', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE loner INHERIT parent', ['ACCESS EXCLUSIVE loner']],
    ['ALTER TABLE child NO INHERIT parent', ['ACCESS EXCLUSIVE child']],
    ['ALTER TABLE untyped OF pair', ['ACCESS EXCLUSIVE untyped']],
    ['ALTER TABLE typed NOT OF', ['ACCESS EXCLUSIVE typed']],
    ['ALTER TABLE parts ATTACH PARTITION next_part FOR VALUES IN (2)', ['ACCESS EXCLUSIVE next_part']],
    ['ALTER TABLE parts DETACH PARTITION part', ['ACCESS EXCLUSIVE parts', 'ACCESS EXCLUSIVE part']],
    ['ALTER TABLE t RENAME TO t2', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t RENAME s TO s2', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t RENAME CONSTRAINT positive TO p2', ['ACCESS EXCLUSIVE t']],
    ['ALTER TABLE t SET SCHEMA s', ['ACCESS EXCLUSIVE t']],
    // The table already has this value, so nothing is rewritten, but the text does not show that.
    ['ALTER TABLE t SET TABLESPACE pg_default', ['ACCESS EXCLUSIVE t'], ['t']],
    ['ALTER TABLE t SET ACCESS METHOD heap', ['ACCESS EXCLUSIVE t'], ['t']],
    ['ALTER VIEW v RENAME TO w', ['ACCESS EXCLUSIVE v']],
    ['ALTER VIEW v ALTER id SET DEFAULT 1', ['ACCESS EXCLUSIVE v']],
    ['ALTER TRIGGER trg ON t RENAME TO trg2', ['ACCESS EXCLUSIVE t']],
    ['ALTER POLICY p ON t RENAME TO p2', ['ACCESS EXCLUSIVE t']],
    ['ALTER POLICY p ON t USING (true)', ['ACCESS EXCLUSIVE t']],
    ['ALTER RULE r ON t RENAME TO r2', ['ACCESS EXCLUSIVE t']],
    ['ALTER INDEX ix RENAME TO ix2', []],
    ['ALTER INDEX ix SET (fillfactor = 50)', []],
    ['ALTER INDEX ix SET TABLESPACE pg_default', []],
    ['ALTER INDEX parts_y ATTACH PARTITION part_y', []],
    ['CREATE INDEX ON t (u)', ['SHARE t']],
    ['CREATE TRIGGER t2 BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION noop()', ['SHARE ROW EXCLUSIVE t']],
    ['CREATE POLICY p2 ON t', ['ACCESS EXCLUSIVE t']],
    ['CREATE RULE r2 AS ON DELETE TO t DO NOTHING', ['ACCESS EXCLUSIVE t']],
    ['CREATE STATISTICS st ON n, s FROM t', []],
    ['CREATE TABLE c (x int REFERENCES b)', ['SHARE ROW EXCLUSIVE b']],
    ['CREATE TABLE c PARTITION OF parts FOR VALUES IN (3)', ['ACCESS EXCLUSIVE parts']],
    ['CREATE TABLE c () INHERITS (parent)', []],
    ['CREATE TABLE c (LIKE t INCLUDING ALL)', []],
    ['CREATE OR REPLACE VIEW v AS SELECT * FROM b', ['ACCESS EXCLUSIVE v']],
    ['DROP TRIGGER trg ON t', ['ACCESS EXCLUSIVE t']],
    ['DROP POLICY p ON t', ['ACCESS EXCLUSIVE t']],
    ['DROP RULE r ON t', ['ACCESS EXCLUSIVE t']],
    ['DROP VIEW v', ['ACCESS EXCLUSIVE v']],
    ['TRUNCATE loner', ['ACCESS EXCLUSIVE loner'], ['loner']],
    ['CLUSTER t USING ix', ['ACCESS EXCLUSIVE t'], ['t']],
    ['REFRESH MATERIALIZED VIEW m', ['ACCESS EXCLUSIVE m'], ['m']],
    ['REFRESH MATERIALIZED VIEW CONCURRENTLY m', ['EXCLUSIVE m']],
    ['REINDEX TABLE t', ['SHARE t']],
    ['LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE', ['SHARE ROW EXCLUSIVE t']],
    ['LOCK loner', ['ACCESS EXCLUSIVE loner']],
    ['COMMENT ON TABLE t IS NULL', []],
    ['ANALYZE t', []],
    ['DELETE FROM loner', []],
    ['UPDATE loner SET x = 1', []],
  ])('equal the reported ones for %s', async (sql, locks, rewrites = []) => {
    const files = `SELECT oid, relname AS name, relkind, pg_relation_filenode(oid) AS file FROM pg_class WHERE relnamespace = 'public'::regnamespace`
    // Older servers do not know these statements, or lock less.
    if (postgresMajor < 15 && /COMPRESSION|ACCESS METHOD|DETACH/.test(sql)) return
    await client.query('BEGIN')
    try {
      await client.query(`CREATE TEMP TABLE before ON COMMIT DROP AS ${files}`)
      await client.query(sql)
      const held = await client.query<{ mode: string; name: string }>(`
        SELECT mode, name FROM pg_locks JOIN before ON oid = relation
        WHERE locktype = 'relation' AND pid = pg_backend_pid() AND relkind IN ('r', 'p', 'v', 'm')`)
      const written = await client.query<{ name: string }>(`
        SELECT name FROM before WHERE pg_relation_filenode(oid) <> file AND relkind IN ('r', 'm')`)
      const taken = held.rows
        .filter(({ mode }) => mode in lockNames)
        .map(({ mode, name }) => `${String(lockNames[mode])} ${name}`)
      const effects = read(sql)
      const claimed = effects.locks.filter((lock) => lock.isIndex !== true).map(lockText)
      expect(claimed.sort()).toEqual([...locks].sort())
      // Only the strongest lock on each table is reported, and none that depends on the catalog.
      for (const lock of locks) expect(taken).toContain(lock)
      const rest = taken.filter((lock) => !locks.some((one) => one.endsWith(` ${lock.split(' ').at(-1) ?? ''}`)))
      expect(rest).toEqual([])
      // TRUNCATE gives the table an empty file, which costs no time and is not reported as a rewrite.
      const isEmptied = sql.startsWith('TRUNCATE')
      expect(written.rows.map(({ name }) => name)).toEqual(/TABLESPACE|METHOD/.test(sql) ? [] : rewrites)
      expect(effects.rewrites).toEqual(isEmptied ? [] : rewrites)
    } finally {
      await client.query('ROLLBACK')
    }
  })
})

const lockNames: Readonly<Record<string, string>> = {
  ShareLock: 'SHARE',
  ShareRowExclusiveLock: 'SHARE ROW EXCLUSIVE',
  ExclusiveLock: 'EXCLUSIVE',
  AccessExclusiveLock: 'ACCESS EXCLUSIVE',
}
