import type { JournalRole } from '../roles/journal'
import { quote } from './quote'

/** `schema.table` in quotes; the schema is an attached database, as in TypeORM. */
function quotePath(table: string): string {
  return table.split('.').map(quote).join('.')
}

export const journal: JournalRole = {
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
  "error" text
)`,
  ],

  createCursors: (table) => [
    `CREATE TABLE IF NOT EXISTS ${quotePath(table)} (
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
  PRIMARY KEY ("revision", "direction", "name")
)`,
  ],

  // With m., because some builds of SQLite take "name" in a table without this column for the text 'name'.
  selectApplied: (table) => `SELECT m."name", m."timestamp" FROM ${quotePath(table)} AS m ORDER BY m."id"`,
}
