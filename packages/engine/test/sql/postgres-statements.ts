import fc from 'fast-check'

/** Tables, functions and other objects that the random statements use. */
export const objects = `
  CREATE SCHEMA s;
  CREATE TYPE mood AS ENUM ('sad', 'glad');
  CREATE DOMAIN small AS int CHECK (VALUE < 1000);
  CREATE TYPE pair AS (x int, y int);
  CREATE SEQUENCE seq;
  CREATE TABLE a (id int PRIMARY KEY, x int, y text, m mood DEFAULT 'sad');
  CREATE TABLE b (id int PRIMARY KEY, x int, y varchar(50), d small);
  CREATE TABLE s.a (id int PRIMARY KEY, x int, y text, g int GENERATED ALWAYS AS (x * 2) STORED);
  CREATE TABLE "Odd ""name" (id int PRIMARY KEY, x int, "Y" text, p pair);
  CREATE TABLE parent (id int PRIMARY KEY, x int, y text);
  CREATE TABLE child (id int PRIMARY KEY, x int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE, y text);
  CREATE TABLE parts (id int, x int, y text) PARTITION BY RANGE (id);
  CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (100);
  CREATE TABLE logged (id int PRIMARY KEY, x int, y text);
  INSERT INTO a SELECT n, nullif(n % 3, 0), 'a' || n FROM generate_series(1, 5) n;
  INSERT INTO b SELECT n, nullif(n % 3, 0), 'b' || n, n FROM generate_series(1, 5) n;
  INSERT INTO s.a SELECT n, nullif(n % 3, 0), 's' || n FROM generate_series(1, 5) n;
  INSERT INTO "Odd ""name" SELECT n, nullif(n % 3, 0), 'o' || n, ROW(n, n)::pair FROM generate_series(1, 5) n;
  INSERT INTO parent SELECT n, nullif(n % 3, 0), 'p' || n FROM generate_series(1, 5) n;
  INSERT INTO child SELECT n, n, 'c' || n FROM generate_series(1, 5) n;
  INSERT INTO parts SELECT n, nullif(n % 3, 0), 'q' || n FROM generate_series(1, 5) n;
  INSERT INTO logged SELECT n, nullif(n % 3, 0), 'l' || n FROM generate_series(1, 5) n;
  CREATE INDEX ix ON a (y);
  CREATE VIEW v AS SELECT id, x FROM b;
  CREATE MATERIALIZED VIEW mv AS SELECT id, x FROM b;
  CREATE FUNCTION writer() RETURNS int LANGUAGE sql AS 'DELETE FROM logged WHERE id > 2; SELECT 1';
  CREATE FUNCTION s.now() RETURNS timestamptz LANGUAGE sql AS 'UPDATE logged SET x = 77; SELECT pg_catalog.now()';
  CREATE FUNCTION plain(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
  CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE PROCEDURE proc() LANGUAGE sql AS 'DELETE FROM logged';
  CREATE TRIGGER trg BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION noop();
  CREATE POLICY pol ON b`

const table = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('a', 'b', 's.a', '"Odd ""name"', 'parent', 'parts', 'logged', 'public.a') },
  // `@` is replaced by the table that the sequence of statements is about.
  { weight: 8, arbitrary: fc.constant('@') },
  { weight: 3, arbitrary: fc.constantFrom('n', 's.n', 'o', '"public"."n"', 'child', 'part') },
)
const fresh = fc.constantFrom('n', 's.n', 'o', 'public.n', 'a', '@', 'n')
const column = fc.constantFrom('x', 'y', 'x', 'y', 'id', 'z', '"Y"', 'g', 'm', 'd')
const value = fc.constantFrom('1', 'NULL', `'7'`, 'DEFAULT')
const call = fc.constantFrom(
  ...['now()', 'pg_catalog.now()', `lower('A')`, 'plain(1)', 'writer()', 's.now()', 'random()', `nextval('seq')`],
  ...[`setval('seq', 9)`, `currval('seq')`, 'gen_random_uuid()', 'pg_backend_pid()', '(SELECT writer())', 'count(*)'],
  ...[`set_config('a.b', 'c', true)`, 'pg_try_advisory_xact_lock(1)', `pg_notify('x', '')`, 'clock_timestamp()'],
  ...[`query_to_xml('DELETE FROM logged RETURNING 1', true, true, '')`, 'coalesce(writer(), 1)', 'txid_current()'],
)
const where = fc.oneof(
  fc.constantFrom(
    '',
    '',
    ' WHERE x IS NULL',
    ' WHERE id > 3',
    ' WHERE y IS NULL AND x IS NULL',
    ' WHERE x IS NULL OR id = 1',
  ),
  fc.constantFrom(' WHERE x IS NOT NULL', ' WHERE writer() = 1', ' WHERE false'),
)

/** Builds a text from parts, some of them arbitraries: `` sql`DROP TABLE ${table}` ``. */
function sql(texts: TemplateStringsArray, ...places: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc.tuple(...places).map((values) => texts.map((text, index) => text + (values[index] ?? '')).join(''))
}

const cascade = fc.constantFrom('', '', ' CASCADE')

const deletion = fc.oneof(sql`DELETE FROM ${table}${where}`, sql`DELETE FROM ONLY ${table} AS q${where}`)
const update = fc.oneof(
  sql`UPDATE ${table} SET ${column} = ${value}${where}`,
  sql`UPDATE ${table} AS t SET x = ${value} WHERE t.x IS NULL`,
  sql`UPDATE ${table} SET (x, y) = (SELECT 5, 'w')${where}`,
  sql`UPDATE ${table} SET x = 4 FROM b AS o WHERE o.x IS NULL`,
)
const insertion = fc.oneof(
  sql`INSERT INTO ${table} (id, x) VALUES (50, ${value})`,
  sql`INSERT INTO ${table} (id, x) VALUES (1, 42) ON CONFLICT (id) DO UPDATE SET x = excluded.x${fc.constantFrom('', ' WHERE excluded.x IS NULL')}`,
  sql`INSERT INTO ${table} AS t (id, x) VALUES (3, 42) ON CONFLICT (id) DO UPDATE SET x = 6 WHERE t.x IS NULL`,
  sql`INSERT INTO ${table} (id, x) VALUES (1, 42) ON CONFLICT DO NOTHING`,
  sql`INSERT INTO ${table} (id) SELECT id + 60 FROM ${table}`,
  sql`MERGE INTO ${table} AS t USING b AS o ON t.id = o.id WHEN MATCHED ${fc.constantFrom('', 'AND t.x IS NULL ', 'AND t.id = 2 ')}THEN ${fc.constantFrom('DELETE', 'UPDATE SET x = 8', 'DO NOTHING')}`,
)
const change = fc.oneof(deletion, update, insertion)
const query = fc.oneof(
  sql`SELECT ${call}`,
  sql`SELECT ${call} FROM ${table}`,
  sql`SELECT * FROM ${table}${where}`,
  sql`SELECT * FROM ${table} FOR UPDATE`,
  sql`SELECT x FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE ${call} IS NULL)`,
  sql`VALUES (${call})`,
  sql`WITH w AS (${change} RETURNING 1) SELECT count(*) FROM w`,
  sql`WITH w AS (SELECT ${call}) SELECT * FROM w UNION ALL SELECT ${call}`,
)
const creation = fc.oneof(
  sql`CREATE TABLE ${fresh} (id int, x int, y text)`,
  sql`CREATE TABLE IF NOT EXISTS ${fresh} (id int, x int)`,
  sql`CREATE TEMP TABLE ${fc.constantFrom('n', 'a', 'b')} (id int, x int)${fc.constantFrom('', ' ON COMMIT DROP')}`,
  sql`CREATE TABLE ${fresh} AS ${query}`,
  sql`SELECT * INTO ${fresh} FROM ${table}`,
  sql`CREATE TABLE ${fresh} (id int PRIMARY KEY, x int REFERENCES ${table})`,
  sql`CREATE TABLE ${fresh} PARTITION OF parts FOR VALUES FROM (200) TO (300)`,
  sql`CREATE TABLE ${fresh} (LIKE ${table}) PARTITION BY RANGE (id)`,
  sql`CREATE TABLE ${fresh} () INHERITS (${table})`,
  sql`CREATE INDEX ON ${table} (${column})`,
  sql`CREATE INDEX ix2 ON ${table} (plain(x))`,
  sql`CREATE INDEX CONCURRENTLY ON ${table} (x)`,
  sql`CREATE OR REPLACE VIEW v AS SELECT id, x FROM ${table}`,
  sql`CREATE VIEW v2 AS SELECT writer() FROM ${table}`,
  sql`CREATE MATERIALIZED VIEW mv2 AS ${query}`,
  sql`CREATE TRIGGER trg2 BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION noop()`,
  sql`CREATE POLICY pol2 ON ${table}`,
  sql`CREATE FUNCTION f2() RETURNS void LANGUAGE sql AS 'DELETE FROM logged'`,
)
const subcommand = fc.oneof(
  sql`ADD ${column} int`,
  sql`ADD z int DEFAULT ${call}`,
  sql`ADD IF NOT EXISTS ${column} int`,
  sql`ADD z ${fc.constantFrom('serial', 'int GENERATED ALWAYS AS IDENTITY', 'int GENERATED ALWAYS AS (x + 1) STORED')}`,
  sql`ADD z int REFERENCES ${table}`,
  sql`DROP ${column}${cascade}`,
  sql`DROP COLUMN IF EXISTS ${column}`,
  sql`ALTER ${column} TYPE ${fc.constantFrom('text', 'varchar', 'bigint', 'varchar(1)', 'text USING NULL', 'int USING 7')}`,
  sql`ALTER ${column} SET DEFAULT 3`,
  sql`ALTER ${column} DROP NOT NULL`,
  sql`ALTER id SET NOT NULL`,
  sql`ALTER g DROP EXPRESSION`,
  sql`ALTER ${column} SET STATISTICS 5`,
  sql`ADD CHECK (${fc.constantFrom('x < 1000', 'writer() = 1', 'plain(x) > 0')})`,
  sql`ADD CONSTRAINT fk FOREIGN KEY (x) REFERENCES ${table} NOT VALID`,
  sql`ADD UNIQUE (id, x)`,
  sql`DROP CONSTRAINT fk`,
  sql`SET ${fc.constantFrom('UNLOGGED', 'LOGGED', '(fillfactor = 60)', 'WITHOUT CLUSTER')}`,
  sql`ENABLE ROW LEVEL SECURITY`,
  sql`DISABLE TRIGGER USER`,
  sql`REPLICA IDENTITY FULL`,
)
const alteration = fc.oneof(
  { weight: 6, arbitrary: sql`ALTER TABLE ${table} ${subcommand}` },
  sql`ALTER TABLE ${table} ${subcommand}, ${subcommand}`,
  { weight: 3, arbitrary: sql`ALTER TABLE ${table} RENAME TO ${fc.constantFrom('n', 'o', 'a', 'b')}` },
  { weight: 2, arbitrary: sql`ALTER TABLE ${table} RENAME ${column} TO ${column}` },
  { weight: 2, arbitrary: sql`ALTER TABLE ${table} SET SCHEMA ${fc.constantFrom('s', 'public')}` },
  sql`ALTER TABLE ${table} ATTACH PARTITION ${table} FOR VALUES FROM (100) TO (200)`,
  sql`ALTER TABLE parts DETACH PARTITION part${fc.constantFrom('', ' CONCURRENTLY')}`,
  sql`ALTER TABLE ${table} INHERIT ${table}`,
  sql`ALTER SCHEMA s RENAME TO s2`,
  sql`ALTER TYPE mood ADD VALUE 'odd'`,
  sql`ALTER TYPE pair DROP ATTRIBUTE y${cascade}`,
  sql`ALTER SEQUENCE seq RESTART`,
)
const removal = fc.oneof(
  { weight: 3, arbitrary: sql`DROP TABLE ${table}${cascade}` },
  sql`DROP TABLE IF EXISTS ${table}, ${table}${cascade}`,
  { weight: 2, arbitrary: sql`TRUNCATE ${table}${cascade}` },
  sql`DROP SCHEMA s${cascade}`,
  sql`DROP ${fc.constantFrom('TYPE mood', 'DOMAIN small', 'TYPE pair')}${cascade}`,
  sql`DROP ${fc.constantFrom('INDEX ix', 'VIEW v', 'MATERIALIZED VIEW mv', 'TRIGGER trg ON a', 'POLICY pol ON b', 'SEQUENCE seq')}`,
  sql`DROP INDEX CONCURRENTLY ix`,
)
const other = fc.oneof(
  sql`COMMENT ON TABLE ${table} IS 'DROP TABLE a'`,
  sql`GRANT SELECT ON ${table} TO PUBLIC`,
  sql`LOCK TABLE ${table} IN ${fc.constantFrom('SHARE', 'ROW SHARE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE')} MODE`,
  sql`ANALYZE ${table}`,
  sql`VACUUM ${fc.constantFrom('', '(FULL) ')}${table}`,
  sql`CLUSTER a USING ix`,
  // Not a partitioned table: its REINDEX runs only outside a transaction, and only the catalog knows that it is partitioned.
  sql`REINDEX TABLE ${fc.constantFrom('a', 's.a', 'child', 'mv')}`,
  sql`REFRESH MATERIALIZED VIEW ${fc.constantFrom('mv', 'mv2')}`,
  sql`EXPLAIN ${fc.constantFrom('', 'ANALYZE ', '(ANALYZE, TIMING off) ', '(ANALYZE off) ')}${fc.oneof(query, change)}`,
  sql`PREPARE p AS ${fc.oneof(query, change)}`,
  fc.constantFrom(
    'EXECUTE p',
    'EXECUTE p',
    'DEALLOCATE p',
    'DISCARD PLANS',
    'DISCARD ALL',
    'SHOW search_path',
    'SAVEPOINT sp',
  ),
  sql`SET search_path TO ${fc.constantFrom('s', 's, public', 'public', 's, pg_catalog', 'DEFAULT')}`,
  fc.constantFrom('SET LOCAL search_path TO s', 'RESET search_path', `SELECT set_config('search_path', 's', false)`),
  fc.constantFrom('DO $$BEGIN DELETE FROM logged; END$$', 'CALL proc()', 'DO $q$BEGIN NULL; END$q$'),
  sql`DECLARE c CURSOR FOR ${query}`,
  fc.constantFrom('FETCH ALL FROM c', 'CLOSE c', 'SET CONSTRAINTS ALL IMMEDIATE', 'LISTEN x', 'NOTIFY x'),
  sql`COPY (${fc.oneof(query, sql`${change} RETURNING 1`)}) TO STDOUT`,
)

const plain = fc.oneof(
  { weight: 5, arbitrary: query },
  { weight: 4, arbitrary: change },
  { weight: 4, arbitrary: creation },
  { weight: 6, arbitrary: alteration },
  { weight: 4, arbitrary: removal },
  { weight: 3, arbitrary: other },
)

/** Varies the text without changing its meaning: keywords, uppercase above, in lowercase, and comments as spaces. */
function dressed(text: string, fashion: number): string {
  const spaces = [' ', '\n', ' /* DROP TABLE a; */ ', ' -- x\n', '  ', ' /* a /* nested */ one */ ']
  let at = fashion
  const next = (count: number): number => {
    at = (at * 1103515245 + 12345) % 2147483648
    return (at >> 8) % count
  }
  // Quoted parts stay unchanged.
  return text
    .split(/('(?:[^']|'')*'|"(?:[^"]|"")*"|\$(q?)\$[^]*?\$\2\$)/)
    .filter((_, index) => index % 3 !== 2)
    .map((piece, index) => {
      if (index % 2 === 1) return piece
      return piece
        .replace(/[A-Z]{2,}/g, (word) => (next(3) === 0 ? word.toLowerCase() : word))
        .replace(/ /g, () => spaces[next(12)] ?? ' ')
    })
    .join('')
}

/** First statements that mix objects of the plan with existing ones. */
const beginning = fc.oneof(
  { weight: 10, arbitrary: fc.constant<readonly string[]>([]) },
  ...[
    ['CREATE TABLE IF NOT EXISTS @ (id int)'],
    ['CREATE TABLE n (LIKE @) PARTITION BY RANGE (id)', 'ALTER TABLE n ATTACH PARTITION @ FOR VALUES FROM (0) TO (99)'],
    ['CREATE TABLE n (LIKE @)', 'ALTER TABLE @ INHERIT n'],
    [
      'CREATE TABLE n (id int PRIMARY KEY)',
      'INSERT INTO n VALUES (1), (2)',
      'ALTER TABLE @ ADD FOREIGN KEY (x) REFERENCES n ON DELETE CASCADE',
    ],
    ['ALTER TABLE @ RENAME TO o', 'CREATE TABLE n (id int, x int)', 'ALTER TABLE n RENAME TO a'],
    ['CREATE TABLE n (id int)', 'ALTER TABLE n SET SCHEMA s', 'ALTER SCHEMA s RENAME TO s2'],
    ['SET search_path TO s, public', 'CREATE TABLE n (id int, x int)', 'DROP TABLE @'],
    ['CREATE TEMP TABLE a (id int, x int)', 'ALTER TABLE a RENAME TO b'],
    ['ALTER TABLE @ ADD z int', 'ALTER TABLE @ RENAME x TO w', 'ALTER TABLE @ RENAME z TO x'],
    ['CREATE VIEW n AS SELECT * FROM @'],
    ['SAVEPOINT sp', 'DROP TABLE @', 'CREATE TABLE n (id int)', 'ROLLBACK TO sp'],
  ].map((texts) => ({ weight: 1, arbitrary: fc.constant<readonly string[]>(texts) })),
)

export const statements = fc
  .tuple(
    fc.constantFrom('a', 'b', 's.a', '"Odd ""name"', 'parent', 'logged', 'n'),
    beginning,
    fc.array(
      fc.oneof(
        { weight: 15, arbitrary: fc.tuple(plain, fc.nat()).map(([text, fashion]) => dressed(text, fashion)) },
        { weight: 1, arbitrary: fc.tuple(plain, plain).map((texts) => texts.join('; ')) },
      ),
      { minLength: 1, maxLength: 8 },
    ),
  )
  .map(([about, first, rest]) => [...first, ...rest].map((text) => text.replaceAll('@', about)))
