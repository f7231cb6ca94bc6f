import { createHash } from 'node:crypto'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { writeProject } from './project.mjs'

/** @typedef {import('./run.mjs').Drilled} Drilled */

const items = `id integer PRIMARY KEY, parent_id integer NOT NULL REFERENCES parents (id) ON DELETE CASCADE,
    c_integer integer, c_real real, c_text text COLLATE NOCASE, c_blob blob, c_numeric numeric, c_boolean boolean, c_date datetime,
    c_json text CHECK (json_valid(c_json)), c_any, c_generated text GENERATED ALWAYS AS (upper(c_text)) STORED,
    c_virtual integer GENERATED ALWAYS AS (c_integer + 1) VIRTUAL, c_default text NOT NULL DEFAULT 'it''s'`
const pairs = 'CREATE TABLE pairs (a text, b integer, c blob, PRIMARY KEY (a, b)) WITHOUT ROWID'
const index = 'CREATE INDEX ix_items ON items (parent_id, c_integer DESC) WHERE c_integer > 10'
const view = 'CREATE VIEW big_items AS SELECT id, c_text FROM items WHERE c_integer > 1000'

const creates = [
  'CREATE TABLE parents (id integer PRIMARY KEY AUTOINCREMENT, name text NOT NULL UNIQUE)',
  `CREATE TABLE "items" (${items})`,
  index,
  'CREATE UNIQUE INDEX ux_items ON items (lower(c_text), id)',
  pairs,
  'CREATE TABLE "odd ""name""" ("a b" text)',
  'CREATE VIRTUAL TABLE words USING fts5(word)',
  view,
  'CREATE TABLE accounts (id integer PRIMARY KEY, balance integer NOT NULL)',
  'CREATE TABLE entries (n integer PRIMARY KEY, at text NOT NULL)',
  `CREATE TRIGGER tr_pairs AFTER DELETE ON pairs BEGIN INSERT INTO "odd ""name""" VALUES (old.a); END`,
  'CREATE TABLE marks (n integer PRIMARY KEY)',
]

const destroys = [
  'DROP VIEW big_items',
  'DROP INDEX ux_items',
  'ALTER TABLE items DROP COLUMN c_blob',
  'DELETE FROM items WHERE id % 3 = 0',
  'DROP TABLE pairs',
  'DROP TABLE words',
  `UPDATE items SET c_text = 'lost'`,
]

/** Columns that stay, and those with the converted ones. */
const staying = 'id, parent_id, c_integer, c_text, c_numeric, c_boolean, c_date, c_json, c_default'

/** Drops two columns and a table, and narrows a column. What stood on them and is not created again, such as ux_items, comes back, too. */
const drops = {
  up: [
    'DROP VIEW big_items',
    `CREATE TABLE "temporary_items" (${items.replace('c_real real', 'c_real integer').replace('c_blob blob, ', '').replace('c_any, ', '')})`,
    `INSERT INTO "temporary_items" (${staying}, c_real) SELECT ${staying}, CAST(c_real AS integer) FROM "items"`,
    'DROP TABLE "items"',
    'ALTER TABLE "temporary_items" RENAME TO "items"',
    index,
    view,
    'DROP TABLE pairs',
  ],
  down: [
    pairs,
    'DROP VIEW big_items',
    `CREATE TABLE "temporary_items" (${items})`,
    `INSERT INTO "temporary_items" (${staying}, c_real) SELECT ${staying}, c_real FROM "items"`,
    'DROP TABLE "items"',
    'ALTER TABLE "temporary_items" RENAME TO "items"',
    index,
    view,
  ],
}

/**
 * @param {number} count rows
 * @returns {readonly string[]}
 */
function rows(count) {
  const numbers = `WITH RECURSIVE g (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < ${count})`
  return [
    `${numbers} INSERT INTO parents (name) SELECT 'parent ' || i FROM g WHERE i <= ${Math.max(1, Math.floor(count / 100))}`,
    `${numbers} INSERT INTO items (id, parent_id, c_integer, c_real, c_text, c_blob, c_numeric, c_boolean, c_date, c_json, c_any)
     SELECT i, 1 + i % (SELECT count(*) FROM parents), i * 9007199254, i / 7.0, 'text ' || i || char(10, 0x1f600, 9), randomblob(i % 40),
       i || '.50', i % 2, datetime(i, 'unixepoch'), json_object('i', i), CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN i WHEN 2 THEN i / 3.0
       WHEN 3 THEN 'x' ELSE x'00ff' END FROM g`,
    `${numbers} INSERT INTO pairs SELECT 'a' || i, i, randomblob(8) FROM g WHERE i <= ${Math.floor(count / 10) + 1}`,
    `INSERT INTO "odd ""name""" VALUES ('1'), (NULL)`,
    `INSERT INTO words VALUES ('one two'), ('three')`,
    'WITH RECURSIVE g (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < 10) INSERT INTO accounts SELECT i, 1000 FROM g',
  ]
}

/**
 * The drill on a SQLite file in WAL mode, or not.
 *
 * @param {object} options
 * @param {number} options.rows
 * @param {boolean} options.wal
 * @returns {Promise<Drilled>}
 */
export async function openSqlite({ rows: count, wal }) {
  const folder = writeProject({
    dataSource: { type: 'better-sqlite3', database: 'data/app.db', enableWAL: wal },
    creates,
    destroys,
    drops,
  })
  const file = join(folder, 'data', 'app.db')

  /**
   * @template T
   * @param {(database: import('better-sqlite3').Database) => T} work
   * @param {string} [name]
   */
  const withFile = (work, name = file) => {
    const database = new Database(name, { fileMustExist: true, timeout: 10_000 })
    try {
      return work(database)
    } finally {
      database.close()
    }
  }
  return {
    name: wal ? 'sqlite (WAL)' : 'sqlite',
    dialect: 'sqlite',
    folder,
    address: file,
    fill: async () => withFile((database) => rows(count).forEach((sql) => database.exec(sql))),
    fingerprint: async (name) => withFile(fingerprintOf, name),
    schema: async () =>
      withFile((database) =>
        JSON.stringify(
          database.prepare('SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2').all(),
          null,
          1,
        ),
      ),
    query: async (sql) => withFile((database) => /** @type {Record<string, unknown>[]} */ (run(database, sql))),
    beside: async () =>
      readdirSync(dirname(file))
        .filter((name) => !name.includes('aludel-lock') && !isPartOf(name, basename(file)))
        .map((name) => join(dirname(file), name)),
    isUnfinished: (name) => /\.(?:tmp|new|old)(?:-\w+)?$/.test(name),
    remove: async (name) => rmSync(name, { force: true }),
    canRestoreWhileWriting: false,
    textColumn: 'c_text',
    isInterrupted: async () => ['-wal', '-journal'].some((ending) => sizeOf(file + ending) > 0),
    // What a process has open ends with it.
    settle: async () => undefined,
    size: async () => statSync(file).size,
    close: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** @param {string} file */
const sizeOf = (file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0

/**
 * @param {string} name
 * @param {string} file
 */
function isPartOf(name, file) {
  return ['', '-wal', '-shm', '-journal'].some((ending) => name === file + ending)
}

/**
 * @param {import('better-sqlite3').Database} database
 * @param {string} sql
 */
function run(database, sql) {
  const statement = database.prepare(sql)
  return statement.reader ? statement.all() : (statement.run(), [])
}

/**
 * @param {import('better-sqlite3').Database} database
 * @returns {Record<string, { rows: number, hash: string }>}
 */
function fingerprintOf(database) {
  const [check] = /** @type {{ integrity_check: string }[]} */ (database.pragma('integrity_check'))
  if (check?.integrity_check !== 'ok') throw new Error(`the database is damaged: ${String(check?.integrity_check)}`)
  const violations = /** @type {unknown[]} */ (database.pragma('foreign_key_check'))
  if (violations.length > 0) throw new Error(`${violations.length} rows violate foreign keys`)
  const tables = /** @type {{ name: string }[]} */ (
    database
      .prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND (sql NOT LIKE 'CREATE VIRTUAL%') ORDER BY name`)
      .all()
  )
  /** @type {Record<string, { rows: number, hash: string }>} */
  const found = {}
  for (const { name } of tables) {
    const hash = createHash('sha256')
    let count = 0
    const statement = database.prepare(`SELECT * FROM "${name.replaceAll('"', '""')}"`)
    const order = statement.columns().length > 1 ? '1, 2' : '1'
    // The tool counts its own rows there, too.
    const where = name === 'sqlite_sequence' ? `WHERE name NOT LIKE 'aludel%' AND name <> 'migrations'` : ''
    const sorted = database.prepare(`${statement.source} ${where} ORDER BY ${order}`).raw().safeIntegers()
    for (const row of sorted.iterate()) {
      count += 1
      for (const value of /** @type {unknown[]} */ (row)) {
        hash.update(`${typeof value}:`)
        hash.update(Buffer.isBuffer(value) ? value : String(value))
        hash.update('\0')
      }
    }
    found[name] = { rows: count, hash: hash.digest('hex').slice(0, 16) }
  }
  return found
}
