import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { writeProject } from './project.mjs'

/** @typedef {import('./run.mjs').Drilled} Drilled */

const execute = promisify(execFile)

/** Columns of every kind of type, with an expression for row `i`. */
const columns = /** @type {const} */ ([
  ['smallint', '(i % 30000)::smallint'],
  ['integer', 'i'],
  ['bigint', 'i::bigint * 90071992547'],
  ['numeric(30,5)', 'i / 7.0'],
  ['real', '(i / 7.0)::real'],
  ['double precision', "CASE i % 4 WHEN 0 THEN 'NaN'::float8 WHEN 1 THEN '-Infinity' ELSE i / 7.0 END"],
  ['money', '(i % 1000)::money'],
  ['text', `'text ' || i || E'\\n\\t\\\\ "😀" '''`],
  ['varchar(20)', "CASE WHEN i % 9 = 0 THEN NULL ELSE 'v' || i END"],
  ['character(5)', "'c' || i % 100"],
  ['bytea', "decode(md5(i::text), 'hex')"],
  ['boolean', 'i % 2 = 0'],
  ['date', "date '2000-01-01' + i % 9999"],
  ['time', "time '00:00' + i * interval '1 s'"],
  ['timetz', "timetz '12:00+02'"],
  ['timestamp', "timestamp '2000-01-01' + i * interval '1 minute 1 us'"],
  ['timestamptz', "timestamptz '2000-01-01 00:00+00' + i * interval '1 minute'"],
  ['interval', "i * interval '1 month 1 day 1.5 s'"],
  ['uuid', 'md5(i::text)::uuid'],
  ['json', "json_build_object('i', i, 'z', 'a  b')"],
  ['jsonb', "jsonb_build_object('i', i)"],
  ['integer[]', 'ARRAY[i, NULL, i + 1]'],
  ['text[]', `ARRAY['a,"b', i::text, NULL]`],
  ['inet', "'10.0.0.1'::inet + i % 255"],
  ['cidr', "'10.0.0.0/8'::cidr"],
  ['macaddr', "'08:00:2b:01:02:03'::macaddr"],
  ['point', 'point(i, -i)'],
  ['box', 'box(point(0, 0), point(i, i))'],
  ['polygon', "'((0,0),(1,1),(1,0))'::polygon"],
  ['circle', 'circle(point(0, 0), i)'],
  ['bit(8)', 'i::bit(8)'],
  ['varbit', 'i::bit(16)::varbit'],
  ['tsvector', "to_tsvector('simple', 'word ' || i)"],
  ['tsquery', "to_tsquery('simple', 'a & b')"],
  ['int4range', 'int4range(i, i + 10)'],
  ['tstzrange', "tstzrange('2000-01-01', NULL)"],
  ['mood', "CASE i % 3 WHEN 0 THEN 'sad'::mood WHEN 1 THEN 'so so' ELSE 'happy' END"],
  ['positive', 'i'],
  ['pair', "ROW(i, 'x, \"y')::pair"],
  ['oid', 'i::oid'],
  ['pg_lsn', "'0/16B3748'::pg_lsn"],
])

const [size, table, parts] = /** @type {const} */ ([
  `CREATE TYPE size AS ENUM ('small', 'large')`,
  'CREATE TABLE "other schema"."odd ""name""" ("a b" text)',
  [
    'CREATE TABLE parts (region text NOT NULL, n integer, size size, PRIMARY KEY (region, n)) PARTITION BY LIST (region)',
    `CREATE TABLE parts_eu PARTITION OF parts FOR VALUES IN ('eu')`,
    'CREATE TABLE parts_rest PARTITION OF parts DEFAULT',
  ],
])

const creates = [
  `CREATE TYPE mood AS ENUM ('sad', 'so so', 'happy')`,
  size,
  'CREATE DOMAIN positive AS integer CHECK (VALUE > 0)',
  'CREATE TYPE pair AS (a integer, b text)',
  'CREATE SCHEMA "other schema"',
  'CREATE TABLE parents (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE)',
  `CREATE TABLE items (id serial PRIMARY KEY, parent_id bigint NOT NULL REFERENCES parents ON DELETE CASCADE,
    ${columns.map(([type], index) => `c${index} ${type}`).join(', ')},
    generated text GENERATED ALWAYS AS (upper(c7)) STORED, def text NOT NULL DEFAULT 'it''s')`,
  'CREATE INDEX ix_items ON items (parent_id, c1 DESC) WHERE c1 > 10',
  'CREATE INDEX gin_items ON items USING gin (c20)',
  'CREATE UNIQUE INDEX ux_items ON items (lower(c7), id)',
  `COMMENT ON TABLE items IS 'every "type"'`,
  `COMMENT ON COLUMN items.c1 IS 'it''s'`,
  table,
  ...parts,
  'CREATE VIEW big_items AS SELECT id, c7 FROM items WHERE c1 > 1000',
  'CREATE MATERIALIZED VIEW counted AS SELECT parent_id, count(*) AS n FROM items GROUP BY 1',
  `CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "other schema"."odd ""name""" VALUES (OLD.region); RETURN OLD; END $$`,
  'CREATE TRIGGER tr_parts AFTER DELETE ON parts_eu FOR EACH ROW EXECUTE FUNCTION noted()',
  'ALTER TABLE "other schema"."odd ""name""" ENABLE ROW LEVEL SECURITY',
  'CREATE POLICY p ON "other schema"."odd ""name""" USING (true)',
  'CREATE SEQUENCE numbers START 7 INCREMENT 3',
  'CREATE TABLE accounts (id integer PRIMARY KEY, balance integer NOT NULL)',
  'CREATE TABLE entries (n integer PRIMARY KEY, at text NOT NULL)',
  'CREATE TABLE marks (n integer PRIMARY KEY)',
]

const destroys = [
  'DROP VIEW big_items',
  'ALTER TABLE items DROP COLUMN c10',
  'DELETE FROM items WHERE id % 3 = 0',
  'DROP TABLE parts CASCADE',
  `UPDATE items SET c7 = 'lost'`,
  'DROP SCHEMA "other schema" CASCADE',
]

/**
 * Drops columns of several types, tables and the type of one of their columns, and narrows a column. What stood on them and is not created again
 * comes back, too: an index, a trigger, a policy.
 */
const drops = {
  up: [
    ...[10, 20, 36].map((number) => `ALTER TABLE items DROP COLUMN c${number}`),
    'ALTER TABLE items ALTER COLUMN c3 TYPE numeric(30,1)',
    'DROP TABLE parts CASCADE',
    'DROP TYPE size',
    'DROP TABLE "other schema"."odd ""name"""',
  ],
  down: [
    table,
    size,
    ...parts,
    'ALTER TABLE items ALTER COLUMN c3 TYPE numeric(30,5)',
    'ALTER TABLE items ADD COLUMN c36 mood',
    'ALTER TABLE items ADD COLUMN c20 jsonb',
    'ALTER TABLE items ADD COLUMN c10 bytea',
  ],
}

/**
 * @param {number} count rows
 * @returns {readonly string[]}
 */
function rows(count) {
  return [
    `INSERT INTO parents (name) SELECT 'parent ' || i FROM generate_series(1, ${Math.max(1, Math.floor(count / 100))}) i`,
    `INSERT INTO items (parent_id, ${columns.map((_column, index) => `c${index}`).join(', ')})
     SELECT 1 + i % (SELECT count(*) FROM parents), ${columns.map(([, expression]) => expression).join(', ')} FROM generate_series(1, ${count}) i`,
    `INSERT INTO parts SELECT CASE i % 2 WHEN 0 THEN 'eu' ELSE 'us' END, i, CASE i % 3 WHEN 0 THEN 'small'::size WHEN 1 THEN 'large' END FROM generate_series(1, ${Math.floor(count / 10) + 1}) i`,
    `INSERT INTO "other schema"."odd ""name""" VALUES ('1'), (NULL)`,
    'REFRESH MATERIALIZED VIEW counted',
    `SELECT lo_from_bytea(4711, 'a large object')`,
    `SELECT nextval('numbers'), nextval('numbers')`,
    'INSERT INTO accounts SELECT i, 1000 FROM generate_series(1, 10) i',
  ]
}

/**
 * The drill on a PostgreSQL database of its own.
 *
 * @param {object} options
 * @param {string} options.server URL of a superuser
 * @param {number} options.rows
 * @returns {Promise<Drilled & { readonly database: string }>}
 */
export async function openPostgres({ server, rows: count }) {
  const database = `drill_${randomBytes(4).toString('hex')}`
  await queryAt(server, `CREATE DATABASE ${database} TEMPLATE template0`)
  await queryAt(server, `ALTER DATABASE ${database} SET "drill.setting" = 'a b'`)
  await queryAt(server, `COMMENT ON DATABASE ${database} IS 'of the drill'`)
  const address = urlOf(server, database)
  const folder = writeProject({ dataSource: { type: 'postgres', url: address }, creates, destroys, drops })
  const names = async () =>
    (await queryAt(server, 'SELECT datname::text AS name FROM pg_database ORDER BY 1')).map((row) =>
      String(row['name']),
    )
  const isInterrupted = async () => {
    const sessions = await queryAt(
      server,
      `SELECT 1 FROM pg_stat_activity WHERE datname = '${database}' AND application_name <> 'writer' AND backend_type = 'client backend'`,
    )
    return sessions.length > 0
  }
  return {
    name: 'postgres',
    dialect: 'postgres',
    folder,
    address,
    database,
    fill: async () => {
      for (const sql of rows(count)) await queryAt(address, sql)
    },
    fingerprint: (name) => fingerprintAt(name === undefined ? address : urlOf(server, name)),
    schema: () => dumpSchema(address),
    query: (sql) => queryAt(address, sql),
    beside: async () => (await names()).filter((name) => name.startsWith(`${database}_`)),
    isUnfinished: (name) => name.includes('_aludel_restore_'),
    remove: async (name) => void (await queryAt(server, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)),
    canRestoreWhileWriting: true,
    textColumn: 'c7',
    isInterrupted,
    settle: async () => {
      while (await isInterrupted()) await wait(50)
    },
    size: async () =>
      Number((await queryAt(address, 'SELECT pg_database_size(current_database()) AS bytes'))[0]?.['bytes']),
    close: async () => {
      for (const name of await names())
        if (name.startsWith(database)) await queryAt(server, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * @param {string} server
 * @param {string} database
 */
export function urlOf(server, database) {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

/**
 * @param {string} url
 * @param {string} sql
 * @returns {Promise<Record<string, unknown>[]>}
 */
export async function queryAt(url, sql) {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** @param {string} url */
async function dumpSchema(url) {
  const { stdout } = await execute('pg_dump', ['--schema-only', '--create', '--dbname', url], {
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, LC_ALL: 'C' },
  })
  // Later versions write a random word.
  return stdout.replaceAll(/^\\(?:un)?restrict .*$/gm, '')
}

/**
 * All rows of all tables, of sequences and of large objects. Checks foreign keys, which the server trusts itself to have kept.
 *
 * @param {string} url
 * @returns {Promise<Record<string, { rows: number, hash: string }>>}
 */
export async function fingerprintAt(url) {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query(`SET extra_float_digits = 3; SET timezone = 'UTC'; SET datestyle = 'ISO'`)
    const { rows: tables } = await client.query(
      `SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relkind AS kind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'm', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1`,
    )
    /** @type {Record<string, { rows: number, hash: string }>} */
    const found = {}
    for (const { name, kind } of [...tables, { name: 'pg_catalog.pg_largeobject', kind: 'r' }]) {
      const values = kind === 'S' ? 'last_value, is_called' : '*'
      // A sum of hashes does not depend on the order of rows.
      const { rows: answer } = await client.query(
        `SELECT count(*)::int AS rows, coalesce(sum(('x' || substr(md5(t::text), 1, 15))::bit(60)::bigint), 0)::text AS hash FROM (SELECT ${values} FROM ${name}) t`,
      )
      found[name] = answer[0]
    }
    const { rows: orphans } = await client.query(
      `SELECT count(*)::int AS n FROM items i WHERE NOT EXISTS (SELECT FROM parents p WHERE p.id = i.parent_id)`,
    )
    if (orphans[0].n > 0) throw new Error(`${orphans[0].n} rows violate a foreign key`)
    return found
  } finally {
    await client.end()
  }
}
