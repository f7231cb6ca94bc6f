import { differences } from './database-pair'
import { type KeepCase, KeepHarness } from './keep-harness'
import { KeptRevision } from './keep-support'
import { read, runScript } from './support'

const harness = new KeepHarness()
const rows = (sql: string): Promise<unknown> => harness.rows(sql)
const upAndDown = (one: KeepCase): Promise<void> => harness.upAndDown(one)

describe('a table', () => {
  test('comes back with its rows, the position of its sequence, and what refers to it', async () => {
    await upAndDown({
      schema:
        `CREATE TABLE t (id SERIAL NOT NULL, name varchar NOT NULL, CONSTRAINT "PK_t" PRIMARY KEY (id), CONSTRAINT uq UNIQUE (name));
        CREATE TABLE child (id int PRIMARY KEY, t int, CONSTRAINT fk FOREIGN KEY (t) REFERENCES t (id));
        CREATE INDEX ix ON t (name);
        INSERT INTO t (name) VALUES ('a'), ('b'), ('c');
        DELETE FROM t WHERE name = 'c';
        INSERT INTO child VALUES (1, 1), (2, NULL);\n`.replaceAll(';\n        ', ';\n'),
      up: ['ALTER TABLE "child" DROP CONSTRAINT "fk"', 'DROP TABLE "t"'],
      write: 'INSERT INTO child VALUES (3, 2);\n',
      down: [
        'CREATE TABLE "t" ("id" SERIAL NOT NULL, "name" character varying NOT NULL, CONSTRAINT "PK_t" PRIMARY KEY ("id"))',
        'ALTER TABLE "child" ADD CONSTRAINT "fk" FOREIGN KEY ("t") REFERENCES "t"("id") ON DELETE NO ACTION ON UPDATE NO ACTION',
      ],
      after: {
        'SELECT * FROM t ORDER BY id': [
          { id: 1, name: 'a' },
          { id: 2, name: 'b' },
        ],
        'SELECT id, t FROM child ORDER BY id': [
          { id: 1, t: 1 },
          { id: 2, t: null },
          { id: 3, t: 2 },
        ],
        "INSERT INTO t (name) VALUES ('d') RETURNING id": [{ id: 4 }],
      },
    })
  })

  const role = `aludel_kept_reader_${String(process.pid)}`
  const rich = `CREATE TYPE mood AS ENUM ('sad', 'happy');
    CREATE FUNCTION twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 * 2';
    CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := upper(NEW.name); RETURN NEW; END $$;
    CREATE TABLE parent (id int PRIMARY KEY);
    CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY (INCREMENT BY 5), name text DEFAULT 'n', m mood, p int REFERENCES parent, n int DEFAULT twice(4), g int GENERATED ALWAYS AS (twice(n)) STORED,
      CONSTRAINT pk PRIMARY KEY (id), CONSTRAINT ck CHECK (twice(n) > 0), CONSTRAINT ex EXCLUDE USING btree (name WITH =));
    CREATE INDEX ix ON t (twice(n)) WHERE name <> '';
    CREATE TRIGGER tr BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION shout();
    CREATE POLICY po ON t USING (twice(n) > 0);
    CREATE STATISTICS st ON name, n FROM t;
    CREATE VIEW v AS SELECT id, name FROM t;
    COMMENT ON TABLE t IS 'a table';
    COMMENT ON COLUMN t.name IS 'a name';
    ALTER TABLE t SET (fillfactor = 70, autovacuum_enabled = false);
    ALTER TABLE t ENABLE ROW LEVEL SECURITY;
    ALTER TABLE t FORCE ROW LEVEL SECURITY;
    ALTER TABLE t REPLICA IDENTITY FULL;
    ALTER TABLE t ALTER COLUMN name SET STORAGE EXTERNAL;
    GRANT SELECT ON t TO ${role} WITH GRANT OPTION;
    GRANT UPDATE (name) ON t TO ${role};
    GRANT SELECT ON v TO ${role};
    CREATE PUBLICATION pub FOR TABLE t;
    INSERT INTO parent VALUES (1);
    INSERT INTO t (name, m, p, n) VALUES ('a', 'happy', 1, 1), ('b', NULL, NULL, 2);
    ALTER TABLE t DISABLE TRIGGER tr;\n`.replaceAll(';\n    ', ';\n')
  const state = `SELECT obj_description('t'::regclass) AS comment, col_description('t'::regclass, 2) AS column, relrowsecurity, relforcerowsecurity, relreplident::text,
      (SELECT string_agg(o, ' ' ORDER BY o) FROM unnest(reloptions) AS o) AS options, has_table_privilege('${role}', 't', 'SELECT WITH GRANT OPTION') AS may, has_column_privilege('${role}', 't', 'name', 'UPDATE') AS may_update,
      has_table_privilege('${role}', 'v', 'SELECT') AS may_view, (SELECT attstorage::text FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'name') AS storage,
      (SELECT count(*)::int FROM pg_publication_tables WHERE tablename = 't') AS published, (SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'tr') AS trigger,
      (SELECT count(*)::int FROM pg_statistic_ext) AS statistics FROM pg_class WHERE oid = 't'::regclass`

  describe('with everything', () => {
    beforeEach(() => harness.live.query(`CREATE ROLE ${role}`))
    afterEach(async () => {
      for (const database of [harness.live, harness.plain]) {
        await database.query('DROP PUBLICATION IF EXISTS pub')
        await database.query(`DROP OWNED BY ${role} CASCADE`)
      }
      await harness.live.query(`DROP ROLE ${role}`)
    })

    test('gets back what the downgrade does not create', async () => {
      await upAndDown({
        schema: rich,
        up: ['DROP TABLE "t" CASCADE'],
        down: [
          `CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY (INCREMENT BY 5), name text DEFAULT 'n', m mood, p int REFERENCES parent, n int DEFAULT twice(4), g int GENERATED ALWAYS AS (twice(n)) STORED)`,
        ],
        after: {
          'SELECT id::int, name, m::text, p, n, g FROM t ORDER BY id': [
            { id: 1, name: 'A', m: 'happy', p: 1, n: 1, g: 2 },
            { id: 6, name: 'B', m: null, p: null, n: 2, g: 4 },
          ],
          [state]: [
            {
              comment: 'a table',
              column: 'a name',
              relrowsecurity: true,
              relforcerowsecurity: true,
              relreplident: 'f',
              options: 'autovacuum_enabled=false fillfactor=70',
              may: true,
              may_update: true,
              may_view: true,
              storage: 'e',
              published: 1,
              trigger: 'D',
              statistics: 1,
            },
          ],
          "INSERT INTO t (name, n) VALUES ('c', 1) RETURNING id::int": [{ id: 11 }],
        },
      })
    })

    test('neither stops nor notices what happens to what it used', async () => {
      await runScript(harness.live, rich)
      const revision = new KeptRevision(harness.runner, { up: ['DROP TABLE "t" CASCADE'], down: [] })
      await revision.up()
      const next = new KeptRevision(harness.runner, {
        up: ['DROP FUNCTION twice', 'DROP FUNCTION shout', 'DROP TABLE parent', 'DROP TYPE mood'],
        down: [],
      })
      await next.up()
      expect((await read(harness.live)).enums).toEqual([])
      expect(await rows(`SELECT id::int, name, m::text FROM aludel_kept."1" ORDER BY id`)).toEqual([
        { id: 1, name: 'A', m: 'happy' },
        { id: 6, name: 'B', m: null },
      ])
      await harness.live.query(`DROP OWNED BY ${role}`)
      expect(
        await rows(
          `SELECT count(*)::int AS n FROM pg_class c, aclexplode(c.relacl) g WHERE g.grantee = '${role}'::regrole`,
        ),
      ).toEqual([{ n: 0 }])
      expect(await rows(`SELECT has_schema_privilege('${role}', 'aludel_kept', 'USAGE') AS may`)).toEqual([
        { may: false },
      ])
    })
  })

  test('with partitions comes back partition by partition', async () => {
    await upAndDown({
      schema: `CREATE TABLE t (id int, k text, CONSTRAINT pk PRIMARY KEY (id, k)) PARTITION BY RANGE (id);
        CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
        CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20) PARTITION BY LIST (k);
        CREATE TABLE t2a PARTITION OF t2 FOR VALUES IN ('a');
        CREATE TABLE t2b PARTITION OF t2 DEFAULT;
        CREATE INDEX ix ON t (k);
        INSERT INTO t VALUES (1, 'x'), (11, 'a'), (12, 'b');\n`.replaceAll(';\n        ', ';\n'),
      up: ['DROP TABLE "t"'],
      down: [
        'CREATE TABLE t (id int, k text, CONSTRAINT pk PRIMARY KEY (id, k)) PARTITION BY RANGE (id)',
        'CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10)',
        'CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20) PARTITION BY LIST (k)',
        `CREATE TABLE t2a PARTITION OF t2 FOR VALUES IN ('a')`,
        'CREATE TABLE t2b PARTITION OF t2 DEFAULT',
        'CREATE INDEX ix ON t (k)',
      ],
      after: {
        'SELECT tableoid::regclass::text AS part, id, k FROM t ORDER BY id': [
          { part: 't1', id: 1, k: 'x' },
          { part: 't2a', id: 11, k: 'a' },
          { part: 't2b', id: 12, k: 'b' },
        ],
      },
    })
  })

  test('that is one partition comes back, and its rows are not seen meanwhile', async () => {
    await upAndDown({
      schema: `CREATE TABLE t (id int, k text) PARTITION BY RANGE (id);
        CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
        CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
        INSERT INTO t VALUES (1, 'x'), (11, 'a');\n`.replaceAll(';\n        ', ';\n'),
      up: ['DROP TABLE "t2"'],
      write: 'DO $$ BEGIN ASSERT (SELECT count(*) FROM t) = 1; END $$;\n',
      down: ['CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20)'],
      after: {
        'SELECT id, k FROM t ORDER BY id': [
          { id: 1, k: 'x' },
          { id: 11, k: 'a' },
        ],
      },
    })
  })

  test('that inherits comes back', async () => {
    await upAndDown({
      schema: `CREATE TABLE base (id int PRIMARY KEY, a text);
        CREATE TABLE heir (b int) INHERITS (base);
        INSERT INTO base VALUES (1, 'x');
        INSERT INTO heir VALUES (2, 'y', 3);\n`.replaceAll(';\n        ', ';\n'),
      up: ['DROP TABLE heir, base'],
      down: ['CREATE TABLE base (id int PRIMARY KEY, a text)', 'CREATE TABLE heir (b int) INHERITS (base)'],
      after: {
        'SELECT * FROM ONLY base': [{ id: 1, a: 'x' }],
        'SELECT * FROM heir': [{ id: 2, a: 'y', b: 3 }],
      },
    })
  })

  test('goes with its schema, and all of the schema comes back', async () => {
    await upAndDown({
      schema: `CREATE SCHEMA "other s";
        CREATE TYPE "other s".mood AS ENUM ('sad', 'happy');
        CREATE SEQUENCE "other s".counter;
        CREATE TABLE "other s".t (id int PRIMARY KEY DEFAULT nextval('"other s".counter'), m "other s".mood, ms "other s".mood[]);
        CREATE TABLE mine (id int PRIMARY KEY, m "other s".mood, t int REFERENCES "other s".t);
        CREATE FUNCTION "other s".one() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE VIEW v AS SELECT id, "other s".one() FROM "other s".t;
        INSERT INTO "other s".t (m, ms) VALUES ('sad', '{happy}'), ('happy', NULL);
        INSERT INTO mine VALUES (1, 'sad', 2);\n`.replaceAll(';\n        ', ';\n'),
      up: ['DROP SCHEMA "other s" CASCADE'],
      write: 'INSERT INTO mine (id) VALUES (5);\n',
      down: [
        'CREATE SCHEMA "other s"',
        `CREATE TYPE "other s".mood AS ENUM ('sad', 'happy')`,
        'CREATE SEQUENCE "other s".counter',
        `CREATE TABLE "other s".t (id int PRIMARY KEY DEFAULT nextval('"other s".counter'), m "other s".mood, ms "other s".mood[])`,
        'ALTER TABLE mine ADD COLUMN m "other s".mood',
      ],
      after: {
        'SELECT id, m::text, ms::text FROM "other s".t ORDER BY id': [
          { id: 1, m: 'sad', ms: '{happy}' },
          { id: 2, m: 'happy', ms: null },
        ],
        'SELECT id, m::text, t FROM mine ORDER BY id': [
          { id: 1, m: 'sad', t: 2 },
          { id: 5, m: null, t: null },
        ],
        'SELECT id, one FROM v ORDER BY id': [
          { id: 1, one: 1 },
          { id: 2, one: 1 },
        ],
        'INSERT INTO "other s".t (m) VALUES (NULL) RETURNING id': [{ id: 3 }],
      },
    })
  })

  test('whose type goes with CASCADE comes back', async () => {
    await upAndDown({
      schema: `CREATE TYPE mood AS ENUM ('sad', 'happy');
        CREATE DOMAIN big AS int CHECK (VALUE > 10);
        CREATE TABLE t (id int PRIMARY KEY, m mood, b big);
        INSERT INTO t VALUES (1, 'sad', 11);\n`.replaceAll(';\n        ', ';\n'),
      up: ['DROP TYPE mood CASCADE', 'DROP DOMAIN big CASCADE'],
      down: [
        `CREATE TYPE mood AS ENUM ('sad', 'happy')`,
        'CREATE DOMAIN big AS int CHECK (VALUE > 10)',
        'ALTER TABLE t ADD m mood, ADD b big',
      ],
      after: { 'SELECT id, m::text, b FROM t': [{ id: 1, m: 'sad', b: 11 }] },
    })
  })

  test('whose type belongs to an extension comes back', async () => {
    await upAndDown({
      schema: `CREATE EXTENSION citext;
        CREATE TABLE t (id int PRIMARY KEY, c citext NOT NULL, d citext);
        CREATE TABLE u (id citext PRIMARY KEY);
        INSERT INTO t VALUES (1, 'Ab', NULL);
        INSERT INTO u VALUES ('X');\n`.replaceAll(';\n        ', ';\n'),
      up: ['ALTER TABLE t DROP COLUMN d', 'DROP TABLE u', 'DROP EXTENSION citext CASCADE'],
      down: [
        'CREATE EXTENSION citext',
        'ALTER TABLE t ADD c citext NOT NULL',
        'ALTER TABLE t ADD d citext',
        'CREATE TABLE u (id citext PRIMARY KEY)',
      ],
      after: {
        "SELECT id, c, d FROM t WHERE c = 'aB'": [{ id: 1, c: 'Ab', d: null }],
        'SELECT * FROM u': [{ id: 'X' }],
      },
    })
  })

  test('gets back the sequence and the default of its id if the downgrade creates a plain one', async () => {
    await upAndDown({
      schema: `CREATE TABLE t (id SERIAL PRIMARY KEY);\nINSERT INTO t VALUES (DEFAULT), (DEFAULT);\n`,
      up: ['DROP TABLE t'],
      down: ['CREATE TABLE t (id int NOT NULL)'],
      after: {
        'SELECT id FROM t ORDER BY id': [{ id: 1 }, { id: 2 }],
        'INSERT INTO t VALUES (DEFAULT) RETURNING id': [{ id: 3 }],
        "SELECT pg_get_serial_sequence('t', 'id') AS name": [{ name: 'public.t_id_seq' }],
      },
    })
  })

  test('is all that is kept where the revision only needs a sequence in between', async () => {
    await upAndDown({
      schema: `CREATE TABLE t (id SERIAL PRIMARY KEY, c int);\nINSERT INTO t (c) VALUES (1), (2);\n`,
      up: [
        'ALTER TABLE t ALTER COLUMN id DROP DEFAULT',
        'ALTER SEQUENCE t_id_seq OWNED BY NONE',
        'ALTER SEQUENCE t_id_seq RENAME TO aside',
        'ALTER TABLE t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY',
        "SELECT setval(pg_get_serial_sequence('t', 'id'), last_value, is_called) FROM aside",
        'DROP SEQUENCE aside',
        'ALTER TABLE t DROP COLUMN c',
      ],
      down: [
        'ALTER TABLE t ADD COLUMN c int',
        'CREATE SEQUENCE aside AS integer',
        "SELECT setval('aside', last_value, is_called) FROM t_id_seq",
        'ALTER TABLE t ALTER COLUMN id DROP IDENTITY',
        'ALTER SEQUENCE aside RENAME TO t_id_seq',
        "ALTER TABLE t ALTER COLUMN id SET DEFAULT nextval('t_id_seq')",
        'ALTER SEQUENCE t_id_seq OWNED BY t.id',
      ],
      after: {
        'SELECT id, c FROM t ORDER BY id': [
          { id: 1, c: 1 },
          { id: 2, c: 2 },
        ],
        'INSERT INTO t (c) VALUES (3) RETURNING id': [{ id: 3 }],
      },
    })
  })

  test('keeps the place of a sequence of its own', async () => {
    await upAndDown({
      schema: `CREATE SEQUENCE s INCREMENT BY -2 MAXVALUE 100 START 50;\nSELECT nextval('s');\nSELECT nextval('s');\n`,
      up: ['DROP SEQUENCE s'],
      down: ['CREATE SEQUENCE s INCREMENT BY -2 MAXVALUE 100 START 50'],
      after: { "SELECT nextval('s')::int AS n": [{ n: 46 }] },
    })
  })

  const family = `CREATE TABLE parent (id int PRIMARY KEY);
    CREATE TABLE child (id int PRIMARY KEY, p int, CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent ON DELETE ACTION);
    INSERT INTO parent VALUES (1), (2);
    INSERT INTO child VALUES (1, 1), (2, 2), (3, NULL);\n`.replaceAll(';\n    ', ';\n')

  test.each([
    [
      'CASCADE',
      [
        { id: 1, p: 1 },
        { id: 3, p: null },
      ],
      /^1 row of child is not given back/,
    ],
    [
      'SET NULL',
      [
        { id: 1, p: 1 },
        { id: 2, p: null },
        { id: 3, p: null },
      ],
      /^1 row of child is given back without/,
    ],
  ])('treats a row whose parent was deleted since as ON DELETE %s says', async (action, expected, warning) => {
    await upAndDown({
      schema: family.replace('ACTION', action),
      up: ['DROP TABLE child'],
      write: 'DELETE FROM parent WHERE id = 2;\n',
      down: [
        'CREATE TABLE child (id int PRIMARY KEY, p int)',
        `ALTER TABLE child ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent (id) ON DELETE ${action}`,
      ],
      after: { 'SELECT id, p FROM child ORDER BY id': expected },
      warnings: [warning],
    })
  })

  test.each([
    [
      'CASCADE',
      [
        { id: 1, p: 1 },
        { id: 3, p: null },
      ],
    ],
    [
      'SET NULL',
      [
        { id: 1, p: 1 },
        { id: 2, p: null },
        { id: 3, p: null },
      ],
    ],
  ])('does so for a foreign key in CREATE TABLE, too: ON DELETE %s', async (action, expected) => {
    const down = `CREATE TABLE child (id int PRIMARY KEY, p int, CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent (id) ON DELETE ${action})`
    await upAndDown({
      schema: family.replace('ACTION', action),
      up: ['DROP TABLE child'],
      write: 'DELETE FROM parent WHERE id = 2;\n',
      down: [down],
      after: { 'SELECT id, p FROM child ORDER BY id': expected },
      warnings: [/^1 row of child is /],
    })
  })

  test.each([
    [
      'a statement of its own',
      [
        'ALTER TABLE child ADD COLUMN p int',
        'ALTER TABLE child ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE',
      ],
    ],
    ['ADD COLUMN', ['ALTER TABLE child ADD COLUMN p int CONSTRAINT fk REFERENCES parent (id) ON DELETE CASCADE']],
  ])('keeps a row that stayed and clears its column that comes back, with a foreign key in %s', async (_name, down) => {
    await upAndDown({
      schema: family.replace('ACTION', 'CASCADE'),
      up: ['ALTER TABLE child DROP COLUMN p'],
      write: 'DELETE FROM parent WHERE id = 2;\n',
      down,
      after: {
        'SELECT id, p FROM child ORDER BY id': [
          { id: 1, p: 1 },
          { id: 2, p: null },
          { id: 3, p: null },
        ],
      },
      warnings: [/^1 row of child is given back without a reference/],
    })
  })

  test.each([
    [
      'in a statement of its own',
      [
        'CREATE TABLE child (id int PRIMARY KEY, p int)',
        'ALTER TABLE child ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent',
      ],
    ],
    [
      'in CREATE TABLE',
      ['CREATE TABLE child (id int PRIMARY KEY, p int, CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent)'],
    ],
  ])('is refused if a parent was deleted since, with a foreign key %s', async (_name, down) => {
    await runScript(harness.live, family.replace('ON DELETE ACTION', ''))
    const revision = new KeptRevision(harness.runner, { up: ['DROP TABLE child'], down })
    await revision.up()
    await harness.live.query('DELETE FROM parent WHERE id = 2')
    await expect(revision.down()).rejects.toMatchObject({
      code: 'ALUDEL_GIVE_BACK',
      message: 'rows of child reference rows of parent that do not exist: child.p = 2',
      details: { table: 'child', column: 'p', rows: 1 },
    })
    expect(await revision.entries()).toHaveLength(1)
  })

  test('is refused if rows that were written since share a unique value with those that come back', async () => {
    const schema = `CREATE TABLE t (id int PRIMARY KEY, c int DEFAULT 7, CONSTRAINT uq UNIQUE (c));\nINSERT INTO t VALUES (1, 7);\n`
    await runScript(harness.live, schema)
    const revision = new KeptRevision(harness.runner, {
      up: ['ALTER TABLE t DROP COLUMN c'],
      down: ['ALTER TABLE t ADD COLUMN c int DEFAULT 7', 'ALTER TABLE t ADD CONSTRAINT uq UNIQUE (c)'],
    })
    await revision.up()
    await harness.live.query('INSERT INTO t (id) VALUES (2)')
    await expect(revision.down()).rejects.toMatchObject({
      code: 'ALUDEL_GIVE_BACK',
      message: 'rows of t share a value of a unique key: c = 7',
    })
  })

  test('comes back without the rows that the downgrade inserts itself', async () => {
    await upAndDown({
      schema: `CREATE TABLE t (id int PRIMARY KEY, a text);
CREATE TABLE u (id int PRIMARY KEY, a text);
CREATE TABLE child (t int, CONSTRAINT fk FOREIGN KEY (t) REFERENCES t);
INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z');
INSERT INTO child VALUES (3);
`,
      up: ['INSERT INTO u SELECT id, a FROM t WHERE id < 3', 'ALTER TABLE child DROP CONSTRAINT fk', 'DROP TABLE t'],
      write: `UPDATE u SET a = 'new' WHERE id = 2;\nINSERT INTO u VALUES (9, 'nine');\n`,
      down: [
        'CREATE TABLE t (id int PRIMARY KEY, a text)',
        'INSERT INTO t SELECT id, a FROM u',
        'ALTER TABLE child ADD CONSTRAINT fk FOREIGN KEY (t) REFERENCES t',
        'DELETE FROM u',
      ],
      after: {
        'SELECT id, a FROM t ORDER BY id': [
          { id: 1, a: 'x' },
          { id: 2, a: 'new' },
          { id: 3, a: 'z' },
          { id: 9, a: 'nine' },
        ],
      },
    })
  })

  test('comes back with a column that an earlier revision has dropped', async () => {
    const { live, runner } = harness
    await runScript(
      live,
      `CREATE TABLE t (id SERIAL PRIMARY KEY, a text NOT NULL, b int);\nINSERT INTO t (a, b) VALUES ('x', 1), ('y', NULL);\n`,
    )
    const before = await read(live)
    const first = new KeptRevision(runner, {
      up: ['ALTER TABLE t DROP COLUMN a', 'ALTER TABLE t DROP COLUMN b'],
      down: ['ALTER TABLE t ADD COLUMN a text NOT NULL', 'ALTER TABLE t ADD COLUMN b int'],
    })
    const second = new KeptRevision(runner, {
      up: ['ALTER TABLE t RENAME TO u'],
      down: ['ALTER TABLE u RENAME TO t'],
    })
    const third = new KeptRevision(runner, {
      up: ['DROP TABLE u'],
      down: [
        'CREATE TABLE u (id int NOT NULL, CONSTRAINT t_pkey PRIMARY KEY (id))',
        `CREATE SEQUENCE t_id_seq AS integer OWNED BY u.id`,
        `ALTER TABLE u ALTER COLUMN id SET DEFAULT nextval('t_id_seq')`,
      ],
    })
    for (const one of [first, second, third]) await one.up()
    for (const one of [third, second, first]) await one.down()
    expect(differences(await read(live), before)).toEqual([])
    expect(await rows('SELECT id, a, b FROM t ORDER BY id')).toEqual([
      { id: 1, a: 'x', b: 1 },
      { id: 2, a: 'y', b: null },
    ])
    expect(await rows(`INSERT INTO t (a) VALUES ('z') RETURNING id`)).toEqual([{ id: 3 }])
    expect(await harness.leftovers()).toEqual([])
  })
})
