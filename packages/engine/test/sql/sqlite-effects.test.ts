import { statements } from '../../src/dialect/sqlite/statements'
import { sumOfEffects, type StatementEffects } from '../../src/sql/effects'
import { sqliteEffects } from '../../src/sql/sqlite/effects'

const columns: Record<string, readonly string[]> = { a: ['id', 'kept', 'gone'], b: ['id', 'note'] }
const columnsOf = (table: string): readonly string[] | undefined => columns[table]

/** Returns the effects of the last text. */
function last(...texts: readonly string[]): StatementEffects {
  const reader = sqliteEffects(columnsOf)
  return texts.map((text) => reader.read(text)).at(-1) ?? reader.read('')
}

const lossesOf = (...texts: readonly string[]): readonly string[] =>
  sumOfEffects(sqliteEffects(columnsOf), texts).destroys.map(({ text }) => text)

describe('losses of SQLite statements', () => {
  test.each<[string, string[]]>([
    ['DROP TABLE a', ['all rows of a']],
    ['drop /* c */ table -- x\n if exists "a";', ['all rows of a']],
    ['DROP TABLE [a]', ['all rows of a']],
    ['DROP TABLE `a`', ['all rows of a']],
    ["DROP TABLE 'a'", ['all rows of a']],
    ['DROP TABLE main."a"', ['all rows of a']],
    ['DROP TABLE temp.a', ['all rows of temp.a']],
    ['DROP TABLE aux.x', ['all rows of aux.x']],
    ['DROP TABLE "audit"."odd ""name"', ['all rows of audit.odd "name']],
    ['SELECT 1; DROP TABLE a', ['all rows of a']],
    ['DROP TABLE unknown', ['all rows of unknown']],
    ['ALTER TABLE a DROP COLUMN gone', ['values of a.gone']],
    ['ALTER TABLE "a" DROP "gone"', ['values of a.gone']],
    ['ALTER TABLE unknown DROP COLUMN x', ['values of unknown.x']],
    ['DELETE FROM a', ['all rows of a']],
    ['DELETE FROM a RETURNING *', ['all rows of a']],
    ['DELETE FROM a WHERE id = 1', ['some rows of a']],
    ['DELETE FROM a AS x WHERE x.id = 1', ['some rows of a']],
    ['DELETE FROM a ORDER BY id LIMIT 1', ['some rows of a']],
    ['WITH x AS (SELECT 1) DELETE FROM a WHERE id IN x', ['some rows of a']],
    ['REPLACE INTO a VALUES (1, 2, 3)', ['old rows of a with the same key']],
    ['INSERT OR REPLACE INTO a (id) VALUES (1)', ['old rows of a with the same key']],
    ['WITH x AS (SELECT 1) INSERT OR REPLACE INTO a (id) SELECT * FROM x', ['old rows of a with the same key']],
    ['INSERT INTO a (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET kept = excluded.kept', ['old values of a.kept']],
    ["UPDATE a SET kept = 'x'", ['old values of a.kept']],
    ["UPDATE a SET kept == 'x'", ['old values of a.kept']],
    [
      "UPDATE OR IGNORE a AS x SET kept = 'x', gone = 'y' WHERE id = 1",
      ['old values of a.kept', 'old values of a.gone'],
    ],
    ["UPDATE OR REPLACE a SET kept = 'x'", ['old values of a.kept', 'old rows of a with the same key']],
    ['UPDATE a SET (kept, gone) = (1, 2)', ['old values of a.kept', 'old values of a.gone']],
    ['UPDATE a INDEXED BY i SET kept = 1', ['old values of a.kept']],
    ['UPDATE a SET kept = b.note FROM b WHERE b.id = a.id', ['old values of a.kept']],
    ['WITH x AS (SELECT 1) UPDATE a SET kept = (SELECT * FROM x)', ['old values of a.kept']],
    ['UPDATE a SET rowid = 5', ['old values of a.rowid']],
    // These conditions do not make the update harmless.
    ['UPDATE a SET kept = 1 WHERE gone IS NULL', ['old values of a.kept']],
    ['UPDATE a SET kept = 1 WHERE kept IS NOT NULL', ['old values of a.kept']],
    ['UPDATE a SET kept = 1 WHERE NOT kept IS NULL', ['old values of a.kept']],
    ['UPDATE a SET kept = 1 WHERE kept IS NULL OR id = 1', ['old values of a.kept']],
    ['UPDATE a SET kept = 1 WHERE id BETWEEN 0 AND kept IS NULL', ['old values of a.kept']],
    ['UPDATE a SET kept = 1 WHERE CASE WHEN 1 AND kept IS NULL AND 1 THEN 0 ELSE 1 END', ['old values of a.kept']],
    ["UPDATE a SET kept = 1 WHERE 'kept' IS NULL", ['old values of a.kept']],
    ['UPDATE a SET kept = b.note FROM b WHERE b.kept IS NULL', ['old values of a.kept']],
    ['UPDATE a SET kept = 1 WHERE id IN (SELECT id FROM b WHERE kept IS NULL)', ['old values of a.kept']],
    ['UPDATE a SET kept = 1 WHERE kept IS NULL /* AND */ = 0', ['old values of a.kept']],
    ['UPDATE a SET kept = 1, gone = 2 WHERE kept IS NULL', ['old values of a.gone']],
  ])('are reported for %s', (sql, expected) => {
    expect(lossesOf(sql)).toEqual(expected)
    expect(last(sql)).toMatchObject({ reads: false, writes: true, unknown: null })
  })

  test.each([
    'DROP INDEX i',
    'DROP TRIGGER t',
    'DROP VIEW v',
    'CREATE INDEX i ON a (lower(kept)) WHERE gone IS NOT NULL',
    'CREATE VIEW v AS SELECT my_function(kept) FROM a',
    'CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; DROP TABLE a; END',
    'CREATE TABLE x (id integer, y text DEFAULT (my_function()))',
    'CREATE TABLE x AS SELECT * FROM a',
    'CREATE VIRTUAL TABLE s USING fts5(x)',
    'CREATE VIRTUAL TABLE "s" USING rtree(id, x, y)',
    'INSERT INTO a VALUES (1, 2, 3)',
    "INSERT INTO a (id) VALUES (1), ('); DROP TABLE a; --')",
    'INSERT INTO a (id) VALUES (1) ON CONFLICT DO NOTHING',
    'INSERT OR IGNORE INTO a DEFAULT VALUES',
    'INSERT INTO b (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = 1 WHERE b.note IS NULL',
    'UPDATE a SET kept = 1 WHERE kept IS NULL',
    'UPDATE a SET kept = 1 WHERE (id > 5 AND "KEPT" ISNULL)',
    'UPDATE a SET kept = 1 WHERE id BETWEEN 1 AND 2 AND a.kept IS NULL',
    'UPDATE a AS x SET kept = 1, gone = 2 WHERE x.kept IS NULL AND x.gone IS NULL',
    'UPDATE a SET kept = CASE WHEN id IS DISTINCT FROM 1 THEN 1 END WHERE kept IS NULL',
    "ALTER TABLE a ADD COLUMN x text DEFAULT 'DROP COLUMN gone'",
    'ALTER TABLE a RENAME TO c',
    'ALTER TABLE a RENAME COLUMN kept TO k',
    'ALTER TABLE a DROP CONSTRAINT c',
    'ALTER TABLE a ALTER COLUMN kept DROP NOT NULL',
    'REINDEX a',
    'ANALYZE',
    'VACUUM',
    'PRAGMA user_version = 5',
    'PRAGMA optimize',
    'PRAGMA wal_checkpoint(TRUNCATE)',
  ])('are empty for %s', (sql) => {
    expect(last(sql)).toMatchObject({ destroys: [], unknown: null, reads: false, writes: true, locks: [] })
  })

  test.each([
    [['CREATE TABLE t (id int)', 'ALTER TABLE t ADD x int', 'UPDATE t SET x = 1', 'DELETE FROM t', 'DROP TABLE t']],
    [['ALTER TABLE a ADD COLUMN x text', 'UPDATE a SET x = kept', 'ALTER TABLE a DROP COLUMN x']],
    [['ALTER TABLE a ADD x text', 'ALTER TABLE a RENAME x TO y', 'ALTER TABLE a RENAME TO c', 'UPDATE c SET y = 1']],
    [['CREATE TABLE t (id int)', 'INSERT OR REPLACE INTO t VALUES (1)']],
    [['CREATE VIRTUAL TABLE s USING fts5(x)', "INSERT INTO s (s) VALUES ('delete-all')", 'DROP TABLE s']],
    [['CREATE TEMP TABLE a (x int)', 'DROP TABLE a']],
  ])('are empty for objects that earlier statements created: %j', (statements) => {
    expect(lossesOf(...statements)).toEqual([])
  })

  test('are reported for objects that earlier statements may not have created', () => {
    expect(lossesOf('CREATE TEMP TABLE a (x int)', 'DROP TABLE a', 'DROP TABLE a')).toEqual(['all rows of a'])
    expect(lossesOf('CREATE TABLE IF NOT EXISTS t (id int)', 'DROP TABLE t')).toEqual(['all rows of t'])
    expect(lossesOf('CREATE TABLE t (id int)', 'DROP TABLE aux.t')).toEqual(['all rows of aux.t'])
    expect(lossesOf('ALTER TABLE a ADD x text', 'UPDATE a SET x = 1, kept = 1')).toEqual(['old values of a.kept'])
  })

  test('include those of triggers that earlier statements created', () => {
    const trigger =
      'CREATE TRIGGER t AFTER INSERT ON b BEGIN UPDATE a SET kept = CASE WHEN 1 THEN 2 END; DELETE FROM a; END'
    expect(lossesOf(trigger, 'INSERT INTO b VALUES (1, 2)')).toEqual(['old values of a.kept', 'all rows of a'])
    expect(lossesOf(trigger, 'DROP TRIGGER t', 'INSERT INTO b VALUES (1, 2)')).toEqual([])
    expect(lossesOf(trigger, 'ALTER TABLE b RENAME TO c', 'INSERT INTO c VALUES (1, 2)')).toContain('all rows of a')
    const keep = 'CREATE TRIGGER t AFTER DELETE ON b BEGIN INSERT INTO a (id) VALUES (old.id); END'
    expect(lossesOf(keep, 'INSERT OR REPLACE INTO b VALUES (1, 2)')).toEqual([
      'old rows of b with the same key',
      'old rows of a with the same key',
    ])
  })

  test('are unknown for a trigger that SQLite rewrites on a rename', () => {
    const trigger = 'CREATE TRIGGER t AFTER INSERT ON b BEGIN UPDATE a SET kept = 1; END'
    const reason = 'fires a trigger on b that names what was renamed'
    const insert = 'INSERT INTO b VALUES (1, 2)'
    expect(last(trigger, 'ALTER TABLE a RENAME kept TO k', 'ALTER TABLE a ADD kept', insert).unknown).toBe(reason)
    expect(last(trigger, 'ALTER TABLE a RENAME TO c', 'CREATE TABLE a (kept)', insert).unknown).toBe(reason)
    expect(last(trigger, 'ALTER TABLE a RENAME gone TO g', insert).unknown).toBeNull()
  })

  test('are reported for the table that has the name after a temporary or an attached one is removed', () => {
    const made = 'CREATE TEMP TABLE a (x)'
    expect(lossesOf(made, 'PRAGMA temp_store', 'DROP TABLE a')).toEqual([])
    expect(lossesOf(made, 'PRAGMA temp_store = 2', 'DROP TABLE a')).toEqual(['all rows of a'])
    expect(lossesOf('CREATE TABLE o.x (y)', 'DROP TABLE o.x')).toEqual([])
    expect(lossesOf('CREATE TABLE o.x (y)', 'DETACH o', 'DROP TABLE o.x')).toEqual(['all rows of o.x'])
  })

  test('name the table as it was before the plan', () => {
    expect(last('ALTER TABLE a RENAME TO c', 'DROP TABLE c').destroys).toEqual([
      { text: 'all rows of c', table: 'a', kind: 'table' },
    ])
  })
})

const enforced = '(SELECT "foreign_keys" FROM pragma_foreign_keys)'
const rebuild = [
  'CREATE TABLE "aludel_new_a" ("id" integer PRIMARY KEY, "kept" text)',
  'INSERT INTO "aludel_new_a" ("id", "kept") SELECT "id", "kept" FROM "a"',
  'DROP TABLE "a"',
  'ALTER TABLE "aludel_new_a" RENAME TO "a"',
]
const referenced = [
  'SAVEPOINT "aludel_rebuild"',
  'CREATE TABLE "aludel_new_a" ("id" integer PRIMARY KEY, "kept" text)',
  `INSERT OR ABORT INTO "aludel_new_a" ("id", "kept") SELECT "id", ifnull("kept", '') FROM "a" WHERE NOT ${enforced}`,
  `CREATE TABLE "aludel_old_a" AS SELECT "id", "kept" FROM "a" WHERE ${enforced}`,
  'PRAGMA defer_foreign_keys = ON',
  'CREATE TEMP TRIGGER "k" BEFORE DELETE ON main."b" BEGIN SELECT RAISE(IGNORE); END',
  'DROP TABLE "a"',
  'DROP TRIGGER temp."k"',
  'PRAGMA legacy_alter_table = ON',
  'ALTER TABLE "aludel_new_a" RENAME TO "a"',
  'INSERT INTO "a" ("id", "kept") SELECT "id", "kept" FROM "aludel_old_a"',
  'DROP TABLE "aludel_old_a"',
  'RELEASE "aludel_rebuild"',
]
const keyed = [
  'CREATE TABLE "aludel_old_a" AS SELECT "id", "kept" FROM "a"',
  'DROP TABLE "a"',
  'CREATE TABLE "a" ("id" integer PRIMARY KEY, "kept" text)',
  'INSERT INTO "a" ("id", "kept") SELECT "id", "kept" FROM "aludel_old_a"',
  'DROP TABLE "aludel_old_a"',
]
const typeormUp = [
  'CREATE TABLE "temporary_a" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "kept" varchar NOT NULL)',
  'INSERT INTO "temporary_a"("id", "kept") SELECT "id", "kept" FROM "a"',
  'DROP TABLE "a"',
  'ALTER TABLE "temporary_a" RENAME TO "a"',
]
const typeormDown = [
  'ALTER TABLE "a" RENAME TO "temporary_a"',
  'CREATE TABLE "a" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "kept" varchar NOT NULL)',
  'INSERT INTO "a"("id", "kept") SELECT "id", "kept" FROM "temporary_a"',
  'DROP TABLE "temporary_a"',
]
const shapes = { rebuild, referenced, keyed, typeormUp, typeormDown }

describe('losses of SQLite rebuilds', () => {
  test.each(Object.entries(shapes))('contain only the column that is not copied: %s', (_name, statements) => {
    const effects = sumOfEffects(sqliteEffects(columnsOf), statements)
    expect(effects).toMatchObject({
      destroys: [{ text: 'values of a.gone', table: 'a', kind: 'column', column: 'gone' }],
      unknown: [],
      rewrites: ['a'],
    })
    const complete = sumOfEffects(
      sqliteEffects(() => ['id', 'kept']),
      statements,
    )
    expect(complete.destroys).toEqual([])
  })

  test.each(Object.entries(shapes))('mention unknown columns that are not copied: %s', (_name, statements) => {
    const { destroys } = sumOfEffects(
      sqliteEffects(() => undefined),
      statements,
    )
    expect(destroys).toEqual([{ text: 'columns of a that are not copied', table: 'a', kind: 'column' }])
  })

  test.each(Object.entries(shapes))('contain all rows if nothing is copied: %s', (_name, statements) => {
    const copies = /^INSERT| AS SELECT|^DROP TABLE "aludel_old_a"/
    expect(lossesOf(...statements.filter((sql) => !copies.test(sql)))).toEqual(['all rows of a'])
  })

  test.each([
    'WHERE id > 0',
    `WHERE NOT ${enforced} AND id > 0`,
    `WHERE ${enforced}`,
    'LIMIT 5',
    'ORDER BY id LIMIT 5',
    'GROUP BY id',
    'JOIN b ON b.id = a.id',
    ', b',
    'NATURAL JOIN b',
    'UNION SELECT 1, 2, 3',
    'EXCEPT SELECT 1, 2, 3',
    'ON CONFLICT DO NOTHING',
  ])('contain all rows if the copy ends with: %s', (rest) => {
    const [create, , drop] = ['CREATE TABLE n (id, kept, gone)', '', 'DROP TABLE a']
    expect(lossesOf(create, `INSERT INTO n SELECT id, kept, gone FROM a ${rest}`, drop)).toEqual(['all rows of a'])
  })

  test.each([
    'INSERT INTO n SELECT DISTINCT id, kept, gone FROM a',
    'INSERT INTO n SELECT max(id), kept, gone FROM a',
    'INSERT INTO n SELECT id, kept, (SELECT max(a.gone)) FROM a',
    'INSERT OR IGNORE INTO n SELECT id, kept, gone FROM a',
    'WITH a AS (SELECT 1 id, 2 kept, 3 gone) INSERT INTO n SELECT id, kept, gone FROM a',
    'INSERT INTO n WITH a AS (SELECT 1 id, 2 kept, 3 gone) SELECT id, kept, gone FROM a',
    'INSERT INTO n SELECT id, kept, gone FROM temp.a',
    'INSERT INTO n SELECT id, kept, gone FROM (SELECT * FROM a)',
    'INSERT INTO n VALUES (1, 2, 3)',
  ])('contain all rows if the copy may leave some out: %s', (copy) => {
    expect(lossesOf('CREATE TABLE n (id, kept, gone)', copy, 'DROP TABLE main.a')).toEqual(['all rows of a'])
  })

  test.each<[string, string[]]>([
    ['SELECT id, kept, gone FROM a', []],
    ['SELECT * FROM a', []],
    ['SELECT a.* FROM main.a', []],
    ['SELECT x.id, (x.kept), x.gone COLLATE nocase FROM a AS x', []],
    [`SELECT id, ifnull(kept, ''), coalesce(gone, kept, 'x') FROM a`, []],
    ['SELECT id, CAST(kept AS text), CAST(ifnull(gone, 0) AS blob) FROM a', []],
    ['SELECT id, gone, kept FROM a', []],
    ['SELECT id, CAST(kept AS integer), gone FROM a', ['values of a.kept']],
    ['SELECT id, kept, lower(gone) FROM a', ['values of a.gone']],
    [`SELECT id, kept, ifnull(NULL, gone) FROM a`, ['values of a.gone']],
    [`SELECT id, kept, 'gone' FROM a`, ['values of a.gone']],
    [`SELECT id, kept, CASE gone WHEN 'x' THEN 'y' ELSE gone END FROM a`, ['values of a.gone']],
    ['SELECT id, kept, b.gone FROM a', ['values of a.gone']],
  ])('contain only the columns whose values change in %s', (select, expected) => {
    expect(lossesOf('CREATE TABLE n (id, kept, gone)', `INSERT INTO n ${select}`, 'DROP TABLE a')).toEqual(expected)
  })

  test('follow renames of the table and its columns', () => {
    const statements = [
      'ALTER TABLE "a" RENAME TO "b2"',
      'ALTER TABLE "b2" RENAME COLUMN "kept" TO "remark"',
      'ALTER TABLE "b2" ADD COLUMN "more" text',
      'CREATE TABLE "aludel_new_b" ("id" integer, "remark" text)',
      'INSERT INTO "aludel_new_b" ("id", "remark") SELECT "id", "remark" FROM "b2"',
      'DROP TABLE "b2"',
      'ALTER TABLE "aludel_new_b" RENAME TO "b2"',
    ]
    expect(lossesOf(...statements)).toEqual(['values of b2.gone'])
  })

  test('are empty if values are kept under another name, or rows in another table', () => {
    expect(
      lossesOf('CREATE TABLE n (i, k, g)', 'INSERT INTO n (g, k, i) SELECT gone, kept, id FROM a', 'DROP TABLE a'),
    ).toEqual([])
    expect(lossesOf('CREATE TABLE n AS SELECT * FROM a', 'DROP TABLE a')).toEqual([])
    expect(lossesOf('CREATE TABLE n AS SELECT * FROM unknown', 'DROP TABLE unknown')).toEqual([])
    expect(lossesOf('CREATE TABLE n AS SELECT * FROM a', 'UPDATE a SET kept = 1')).toEqual([])
  })

  test('include rows and values that are lost after the copy', () => {
    expect(lossesOf('CREATE TABLE n AS SELECT * FROM a', 'DROP TABLE a', 'DROP TABLE n')).toEqual(['all rows of n'])
    expect(lossesOf(...rebuild, 'DROP TABLE a')).toEqual(['values of a.gone', 'all rows of a'])
    expect(lossesOf(...rebuild, 'UPDATE a SET kept = 1')).toEqual(['values of a.gone', 'old values of a.kept'])
    expect(lossesOf('CREATE TABLE n AS SELECT * FROM a', 'UPDATE n SET kept = 1', 'DROP TABLE a')).toEqual([
      'values of a.kept',
    ])
    expect(lossesOf('CREATE TABLE n AS SELECT * FROM a', 'DELETE FROM n WHERE id = 1', 'DROP TABLE a')).toEqual([
      'all rows of a',
    ])
    expect(lossesOf('CREATE TABLE n AS SELECT id, kept FROM a', 'UPDATE a SET kept = 1')).toEqual([
      'old values of a.kept',
    ])
  })

  test('contain all rows if the copy is a temporary table, a full-text index, a view or may leave rows out', () => {
    const all = ['all rows of a']
    const copy = 'INSERT INTO n SELECT id, kept, gone FROM a'
    expect(lossesOf('CREATE TEMP TABLE n AS SELECT * FROM a', 'DROP TABLE a')).toEqual(all)
    expect(lossesOf('CREATE TABLE aux.n AS SELECT * FROM a', 'DROP TABLE a')).toEqual(all)
    expect(lossesOf('CREATE VIRTUAL TABLE n USING fts5(id, kept, gone)', copy, 'DROP TABLE a')).toEqual(all)
    expect(lossesOf('CREATE TABLE n (id UNIQUE ON CONFLICT IGNORE, kept, gone)', copy, 'DROP TABLE a')).toEqual(all)
    expect(
      lossesOf(
        'CREATE TABLE n (id UNIQUE ON CONFLICT IGNORE, kept, gone)',
        copy.replace('INTO', 'OR ABORT INTO'),
        'DROP TABLE a',
      ),
    ).toEqual([])
    const ignore = 'CREATE TRIGGER t BEFORE INSERT ON n BEGIN SELECT RAISE(IGNORE); END'
    expect(lossesOf('CREATE TABLE n (id, kept, gone)', ignore, copy, 'DROP TABLE a')).toEqual(all)
    expect(lossesOf('CREATE TABLE IF NOT EXISTS b AS SELECT * FROM a', 'DROP TABLE a')).toEqual(all)
    expect(
      lossesOf(
        'CREATE TEMP VIEW a AS SELECT 1 id, 2 kept, 3 gone',
        'CREATE TABLE n AS SELECT * FROM a',
        'DROP TABLE main.a',
      ),
    ).toEqual(all)
  })

  test('contain all rows unless both halves of a conditional copy see the same setting', () => {
    const half = (not: string): string => `CREATE TABLE n${not} AS SELECT * FROM a WHERE ${not} ${enforced}`
    expect(lossesOf(half(''), half('NOT'), 'DROP TABLE a')).toEqual([])
    expect(lossesOf(half(''), 'DROP TABLE a')).toEqual(['all rows of a'])
    expect(lossesOf(half(''), 'PRAGMA foreign_keys(1)', half('NOT'), 'DROP TABLE a')).toEqual(['all rows of a'])
  })

  test('ignore a copy that is rolled back', () => {
    const copy = 'CREATE TABLE n AS SELECT * FROM a'
    expect(lossesOf('BEGIN', copy, 'COMMIT', 'DROP TABLE a')).toEqual([])
    expect(lossesOf('BEGIN', copy, 'ROLLBACK', 'DROP TABLE a')).toEqual(['all rows of a'])
    expect(lossesOf(copy, 'ROLLBACK', 'DROP TABLE a')).toEqual(['all rows of a'])
    expect(lossesOf('SAVEPOINT s', copy, 'ROLLBACK TO s', 'DROP TABLE a')).toEqual(['all rows of a'])
    expect(lossesOf('SAVEPOINT s', copy, 'RELEASE s', 'DROP TABLE a')).toEqual([])
    expect(lossesOf(copy, 'SAVEPOINT s', 'DROP TABLE n', 'ROLLBACK TO SAVEPOINT "S"', 'DROP TABLE a')).toEqual([])
  })
})

describe('effects of a SQLite statement', () => {
  test.each([
    'SELECT 1',
    '/* c */ select * from "a" where x in (select y from b)',
    'VALUES (1), (2)',
    "SELECT count(*), sum(x) FILTER (WHERE x > 1), row_number() OVER (PARTITION BY y) FROM a WHERE x LIKE 'drop(%'",
    "SELECT strftime('%s', 'now'), json_extract(x, '$.a'), x ->> 'a', replace(x, 'a', 'b'), \"abs\"(-1), sqrt(2) FROM a",
    'WITH RECURSIVE x(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM x), y AS NOT MATERIALIZED (SELECT 1) SELECT * FROM x',
    'SELECT CAST(x AS varchar(20)) FROM a JOIN b USING (id)',
    'SELECT sum(x) OVER w FROM a WINDOW w AS (ORDER BY y)',
    'SELECT value FROM json_each(?)',
    "SELECT * FROM pragma_table_info('a')",
    'SELECT foreign_keys FROM pragma_foreign_keys',
    'EXPLAIN DROP TABLE a',
    'EXPLAIN QUERY PLAN SELECT my_function(x) FROM a',
    'PRAGMA foreign_keys',
    'PRAGMA main.journal_mode',
    'PRAGMA table_info("a")',
    'PRAGMA integrity_check',
    'PRAGMA user_version; SELECT 1;',
    'PRAGMA writable_schema',
  ])('report that %s only reads', (sql) => {
    const { does, ...effects } = last(sql)
    expect(does).not.toBe('')
    expect(effects).toEqual({
      reads: true,
      writes: false,
      destroys: [],
      locks: [],
      rewrites: [],
      absent: [],
      transactional: true,
      unknown: null,
    })
  })

  test.each([
    ['SELECT my_function(x) FROM a', 'calls a function that is not known: my_function()'],
    ["SELECT load_extension('x')", 'calls a function that is not known: load_extension()'],
    ['SELECT "odd"(1)', 'calls a function that is not known: odd()'],
    ['SELECT over(1)', 'calls a function that is not known: over()'],
    ['SELECT optimize(s) FROM s', 'calls a function that is not known: optimize()'],
    ["SELECT * FROM a WHERE x REGEXP 'y'", 'calls a function that is not known: regexp()'],
    ['SELECT * FROM pragma_optimize', 'calls a function that is not known: pragma_optimize()'],
    ["SELECT * FROM 'pragma_optimize'", 'calls a function that is not known: pragma_optimize()'],
    ['WITH x AS (SELECT writefile(1, 2)) SELECT * FROM x', 'calls a function that is not known: writefile()'],
    ['VALUES (my_function())', 'calls a function that is not known: my_function()'],
    ['INSERT INTO a (id) VALUES (my_function())', 'calls a function that is not known: my_function()'],
    ['UPDATE a SET kept = my_function(kept) WHERE kept IS NULL', 'calls a function that is not known: my_function()'],
    ['CREATE TABLE x AS SELECT my_function() y', 'calls a function that is not known: my_function()'],
    ['CREATE INDEX i ON a (my_function(kept))', 'calls a function that is not known: my_function()'],
    ['CREATE VIRTUAL TABLE s USING my_module(x)', 'uses a module that is not known: my_module'],
    ["INSERT INTO s (s) VALUES ('delete-all')", 'a command of the full-text search: insert into s'],
    ["INSERT INTO s (s, rowid) VALUES ('delete', 1)", 'a command of the full-text search: insert into s'],
    ['PRAGMA writable_schema = ON', 'a pragma that is not known to do no harm: writable_schema'],
    ['PRAGMA schema_version(5)', 'a pragma that is not known to do no harm: schema_version'],
    ["PRAGMA rekey = 'x'", 'a pragma that is not known to do no harm: rekey'],
    ['DELETE FROM sqlite_master', 'writes to the schema itself: sqlite_master'],
    ['UPDATE main.sqlite_schema SET sql = 1', 'writes to the schema itself: sqlite_schema'],
    ['TRUNCATE TABLE a', 'a statement that is not known: truncate table a'],
    ['DROP TABLE', 'cannot be read: DROP TABLE'],
    ['UPDATE a', 'cannot be read: UPDATE a'],
    ['DELETE', 'cannot be read: DELETE'],
    ['PRAGMA', 'a pragma that is not known to do no harm: '],
    [')', 'a statement that is not known: )'],
  ])('are unknown, with a reason, for %s', (sql, reason) => {
    expect(last(sql)).toMatchObject({ reads: false, writes: true, unknown: reason })
    expect(last(sql).destroys).toContainEqual({ text: `whatever it does: ${reason}` })
  })
})

describe('effects of a SQLite statement for the session', () => {
  test.each([
    '',
    ' ;; -- nothing',
    'BEGIN IMMEDIATE',
    'COMMIT',
    'END',
    'ROLLBACK',
    'SAVEPOINT x',
    'RELEASE x',
    'PRAGMA foreign_keys = OFF',
    'PRAGMA foreign_keys(0)',
    'PRAGMA "main".busy_timeout == 5',
    'PRAGMA legacy_alter_table = ON',
    'PRAGMA case_sensitive_like = 1',
    "ATTACH 'x.db' AS x",
    'DETACH x',
  ])('contain neither reads nor writes for %j', (sql) => {
    expect(last(sql)).toMatchObject({ reads: false, writes: false, destroys: [], unknown: null })
  })
})

describe('transactions on SQLite', () => {
  test.each([
    'VACUUM',
    "VACUUM INTO 'x.db'",
    '/* c */ vacuum main',
    "ATTACH 'x.db' AS x",
    'DETACH DATABASE x',
    'PRAGMA journal_mode = WAL',
    'PRAGMA main.journal_mode(wal)',
    'PRAGMA synchronous = OFF',
    'PRAGMA wal_checkpoint',
    'PRAGMA incremental_vacuum',
    'PRAGMA temp_store = 2',
    'EXPLAIN PRAGMA auto_vacuum = 1',
    'SELECT 1; VACUUM',
  ])('cannot contain %s', (sql) => {
    expect(last(sql).transactional).toBe(false)
    expect(statements.outsideTransaction(['SELECT 1', sql])).toBe(sql)
  })

  test.each([
    'PRAGMA journal_mode',
    'PRAGMA foreign_keys = ON',
    'PRAGMA user_version = 1',
    'EXPLAIN VACUUM',
    'INSERT INTO vacuum VALUES (1)',
    "SELECT 'x'; -- VACUUM",
    'DROP TABLE a',
  ])('can contain %s', (sql) => {
    expect(last(sql).transactional).toBe(true)
    expect(statements.outsideTransaction([sql])).toBeUndefined()
  })
})

describe('descriptions of SQLite statements', () => {
  test.each([
    ['CREATE TABLE "a" ("id" int)', 'create table a'],
    ['CREATE TEMPORARY TABLE x (y)', 'create table temp.x'],
    ['CREATE TABLE IF NOT EXISTS aux.x AS SELECT 1', 'create table aux.x'],
    ['DROP TABLE IF EXISTS main.a', 'drop table a'],
    ['ALTER TABLE a DROP COLUMN gone', 'drop column a.gone'],
    ['ALTER TABLE a ADD x int', 'add column a.x'],
    ['ALTER TABLE a RENAME TO c', 'rename table a to c'],
    ['ALTER TABLE a RENAME kept TO k', 'rename column a.kept to k'],
    ['CREATE UNIQUE INDEX IF NOT EXISTS i ON a (kept)', 'create unique index i on a'],
    ['DROP INDEX i', 'drop index i'],
    ['CREATE TRIGGER t UPDATE OF kept ON a BEGIN SELECT 1; END', 'create trigger t on a'],
    ['CREATE VIEW v AS SELECT 1', 'create view v'],
    ['DROP VIEW v', 'drop view v'],
    ['INSERT INTO a DEFAULT VALUES', 'insert into a'],
    ['UPDATE "a" SET id = 1', 'update a'],
    ['DELETE FROM a', 'delete from a'],
    ['SELECT * FROM a', 'select'],
    ['WITH x AS (SELECT 1) VALUES (1)', 'select'],
    ['PRAGMA main.User_Version = 1', 'pragma user_version'],
    ['SAVEPOINT "aludel"', 'savepoint aludel'],
    ['VACUUM', 'vacuum'],
    ['DELETE FROM a; DELETE FROM a; SELECT 1', 'delete from a; select'],
    ['', 'nothing'],
  ])('turn %s into "%s"', (sql, expected) => {
    expect(last(sql).does).toBe(expected)
  })
})

test.each<[string[], string[]]>([
  [['CREATE TABLE n (x int)'], ['n']],
  [['CREATE TABLE n (x int); CREATE TABLE "o" AS SELECT 1'], ['n', 'o']],
  [['CREATE VIRTUAL TABLE n USING fts5(x)'], ['n']],
  [['CREATE TABLE IF NOT EXISTS n (x int)'], []],
  [['CREATE TEMP TABLE n (x int)'], []],
  [['CREATE VIEW n AS SELECT 1'], []],
  [['DROP TABLE a', 'CREATE TABLE A (x int)'], []],
  [['ALTER TABLE a RENAME TO n', 'CREATE TABLE a (x int)'], []],
  [['CREATE TABLE n (x int)', 'DROP TABLE n', 'CREATE TABLE n (x int)'], []],
])('sqliteEffects of %j must find no %j before', (texts, tables) => {
  expect(last(...texts).absent).toEqual(tables)
})

test('sqliteEffects does not take a statement in a trigger for one of the text', () => {
  const text = `CREATE TRIGGER t AFTER UPDATE ON a BEGIN
    UPDATE b SET note = CASE WHEN 1 THEN 'END;' ELSE 2 END; DELETE FROM b; END; DROP TABLE b; SELECT 1`
  expect(last(text).destroys.map((loss) => loss.text)).toEqual(['all rows of b'])
})

test('sqliteEffects reads a megabyte of values, and one string of 20 megabytes', () => {
  const rows = Array.from({ length: 30_000 }, (_, at) => `(${String(at)}, 'it''s; DROP TABLE a', X'00', NULL, -1.5)`)
  const text = `INSERT INTO b VALUES ${rows.join(', ')}; DELETE FROM b`
  expect(last(text).destroys).toEqual([{ text: 'all rows of b', table: 'b', kind: 'rows' }])
  const called = rows.map((row) => row.replace('NULL', "datetime('now')"))
  const upsert = 'ON CONFLICT DO UPDATE SET note = 1'
  expect(last(`INSERT INTO b VALUES ${called.join(', ')} ${upsert}`)).toMatchObject({
    destroys: [{ text: 'old values of b.note' }],
    unknown: null,
  })
  expect(last(`INSERT INTO b VALUES ('${'x'.repeat(20_000_000)}')`)).toMatchObject({ destroys: [], unknown: null })
})

describe('a rebuild is one thing that a revision does', () => {
  const doesOf = (...texts: readonly string[]): readonly string[] => sumOfEffects(sqliteEffects(columnsOf), texts).does

  test('as TypeORM writes it, up', () => {
    const texts = [
      'CREATE TABLE "temporary_a" ("id" integer, "kept" text)',
      'INSERT INTO "temporary_a"("id", "kept") SELECT "id", "kept" FROM "a"',
      'DROP TABLE "a"',
      'ALTER TABLE "temporary_a" RENAME TO "a"',
      'CREATE INDEX "i" ON "a" ("kept")',
    ]
    expect(doesOf(...texts)).toEqual(['rebuild table a, with its rows', 'create index i on a'])
    expect(lossesOf(...texts)).toEqual(['values of a.gone'])
  })

  test('as TypeORM writes it, down', () => {
    const reader = sqliteEffects(columnsOf)
    const { does, rewrites } = sumOfEffects(reader, [
      'ALTER TABLE "a" RENAME TO "temporary_a"',
      'CREATE TABLE "a" ("id" integer, "kept" text, "gone" text)',
      'INSERT INTO "a"("id", "kept", "gone") SELECT "id", "kept", "gone" FROM "temporary_a"',
      'DROP TABLE "temporary_a"',
    ])
    expect(does).toEqual(['rebuild table a, with its rows'])
    expect(rewrites).toEqual(['a'])
  })

  test('in one text', () => {
    const sql = 'CREATE TABLE n (id int); INSERT INTO n SELECT id FROM a; DROP TABLE a; ALTER TABLE n RENAME TO a'
    expect(doesOf(sql)).toEqual(['rebuild table a, with its rows'])
  })

  test('as the tool writes it for a table that others reference', () => {
    expect(
      doesOf(
        'SAVEPOINT "aludel_rebuild"',
        'CREATE TABLE "aludel_new_a" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "kept" text, "gone" text)',
        `INSERT INTO sqlite_sequence (name, seq) SELECT 'aludel_new_a', seq FROM sqlite_sequence WHERE name = 'a'`,
        'INSERT INTO "aludel_new_a" ("id", "kept", "gone") SELECT "id", "kept", "gone" FROM "a" WHERE NOT (SELECT "foreign_keys" FROM pragma_foreign_keys)',
        'CREATE TABLE "aludel_old_a" AS SELECT "id", "kept", "gone" FROM "a" WHERE (SELECT "foreign_keys" FROM pragma_foreign_keys)',
        'PRAGMA defer_foreign_keys = ON',
        'DROP TABLE "a"',
        'PRAGMA legacy_alter_table = ON',
        'ALTER TABLE "aludel_new_a" RENAME TO "a"',
        'PRAGMA legacy_alter_table = OFF',
        'INSERT INTO "a" ("id", "kept", "gone") SELECT "id", "kept", "gone" FROM "aludel_old_a"',
        'DROP TABLE "aludel_old_a"',
        'CREATE INDEX "i" ON "a" ("kept")',
        'RELEASE "aludel_rebuild"',
        'INSERT INTO "b" ("id") VALUES (1)',
      ),
    ).toEqual(['rebuild table a, with its rows', 'create index i on a', 'insert into b'])
  })

  test('but not a table that only gets another name, or other rows', () => {
    expect(doesOf('ALTER TABLE a RENAME TO c', 'CREATE TABLE a (id int)', 'DROP TABLE c')).toEqual([
      'rename table a to c',
      'create table a',
      'drop table c',
    ])
    expect(doesOf('CREATE TABLE n (id int)', 'DROP TABLE a', 'ALTER TABLE n RENAME TO a')).toEqual([
      'create table n',
      'drop table a',
      'rename table n to a',
    ])
  })
})
