import type { JournalRole } from '../roles/journal'
import { quote } from './quote'

/** `schema.table` in quotes; the schema is an attached database, as in TypeORM. */
function quotePath(table: string): string {
  return table.split('.').map(quote).join('.')
}

// Names of tables do not depend on case.
const historyColumn = `"history" varchar(255) COLLATE NOCASE NOT NULL DEFAULT ''`

const cursorColumns =
  '"revision", "direction", "name", "definition", "cursor", "pass", "pass_rows", "batches", "rows", "total", ' +
  '"started_at", "updated_at", "finished_at"'

const cursors = `(
  ${historyColumn},
  "revision" varchar(255) NOT NULL,
  "direction" varchar(9) NOT NULL,
  "name" varchar(255) NOT NULL,
  "definition" varchar(64) NOT NULL,
  "cursor" text,
  "pass" integer NOT NULL,
  "pass_rows" integer NOT NULL,
  "batches" integer NOT NULL,
  "rows" integer NOT NULL,
  "total" integer,
  "started_at" datetime NOT NULL,
  "updated_at" datetime NOT NULL,
  "finished_at" datetime,
  PRIMARY KEY ("history", "revision", "direction", "name")
)`

export const journal: JournalRole = {
  // The first database that has the table is always the main one: TEMP tables of this name are nobody's.
  locate: (_database, table) => Promise.resolve(table),

  createSchema: () => [],

  createHistory: (table) => [
    `CREATE TABLE IF NOT EXISTS ${quotePath(table)} ` +
      '("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "timestamp" bigint NOT NULL, "name" varchar NOT NULL)',
  ],

  createJournal: (table) => [
    `CREATE TABLE IF NOT EXISTS ${quotePath(table)} (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  "run_id" varchar(36) NOT NULL,
  "revision" varchar(255) NOT NULL,
  "name" varchar(255) NOT NULL,
  "direction" varchar(9) NOT NULL,
  "statement" integer NOT NULL,
  "progress" text,
  "checksum" varchar(64) NOT NULL,
  "started_at" datetime NOT NULL,
  "finished_at" datetime NOT NULL,
  "duration_ms" integer NOT NULL,
  "actor" varchar(255) NOT NULL,
  "tool_version" varchar(32) NOT NULL,
  "outcome" varchar(16) NOT NULL,
  "error" text,
  ${historyColumn}
)`,
  ],

  createCursors: (table) => [`CREATE TABLE IF NOT EXISTS ${quotePath(table)} ${cursors}`],

  addHistory: (table) => [`ALTER TABLE ${quotePath(table)} ADD COLUMN ${historyColumn}`],

  addHistoryToCursors: (table) => {
    // ALTER TABLE cannot change a key. The target of RENAME has no schema.
    const before = `${table}_before`
    return [
      'BEGIN',
      `ALTER TABLE ${quotePath(table)} RENAME TO ${quote(before.slice(before.indexOf('.') + 1))}`,
      `CREATE TABLE ${quotePath(table)} ${cursors}`,
      `INSERT INTO ${quotePath(table)} (${cursorColumns}) SELECT ${cursorColumns} FROM ${quotePath(before)}`,
      `DROP TABLE ${quotePath(before)}`,
      'COMMIT',
    ]
  },

  selectHistories:
    `SELECT NULL AS "schema", m.name AS "name" FROM sqlite_master AS m WHERE m.type = 'table' AND ` +
    `(SELECT group_concat(c.name || ' ' || lower(c.type), ', ') FROM (SELECT * FROM pragma_table_info(m.name) ORDER BY name) AS c) = ` +
    `'id integer, name varchar, timestamp bigint'`,

  // With m., because some builds of SQLite take "name" in a table without this column for the text 'name'.
  selectApplied: (table, more) =>
    `SELECT m."name", m."timestamp"${more === undefined ? '' : `, (SELECT ${more}) AS "more"`} FROM ${quotePath(table)} AS m ORDER BY m."id"`,
}
