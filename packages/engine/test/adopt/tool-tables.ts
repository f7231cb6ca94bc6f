// cspell:ignore dateexecuted orderexecuted exectype lockgranted lockedby tstamp

import type { DialectName } from '../../src/dialect/registry'

/**
 * A database as a tool leaves it: its own tables, with what its sources create, and rows. These tools cannot be run where the tests
 * are made, or have versions, settings and failures that `fixtures` does not show.
 */
export interface ToolDatabase {
  readonly tool: string
  /** As it is displayed. */
  readonly table: string
  /** All of its tables, sorted. */
  readonly tables: readonly string[]
  readonly last: string
  readonly statements: readonly string[]
}

/** What each tool creates in PostgreSQL. */
const postgres: readonly ToolDatabase[] = [
  {
    // https://github.com/sqlalchemy/alembic/blob/main/alembic/ddl/impl.py
    tool: 'Alembic',
    table: 'alembic_version',
    tables: ['alembic_version'],
    last: '27c6a30d7c24',
    statements: [
      'CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))',
      `INSERT INTO alembic_version VALUES ('27c6a30d7c24')`,
    ],
  },
  {
    // https://github.com/prisma/prisma-engines/blob/main/schema-engine/connectors/sql-schema-connector/src/flavour/postgres/connector.rs
    tool: 'Prisma',
    table: '_prisma_migrations',
    tables: ['_prisma_migrations'],
    last: '20240102000000_emails',
    statements: [
      `CREATE TABLE _prisma_migrations (
         id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
         migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
         started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`,
      `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name) VALUES
         ('2', 'b', '2024-01-02', '20240102000000_emails'), ('1', 'a', '2024-01-01', '20240101000000_init'),
         ('3', 'c', NULL, '20240103000000_failed')`,
    ],
  },
  {
    // https://github.com/drizzle-team/drizzle-orm/blob/main/drizzle-orm/src/pg-core/dialect.ts
    tool: 'Drizzle',
    table: 'drizzle.__drizzle_migrations',
    tables: ['drizzle.__drizzle_migrations'],
    last: '1734221536864',
    statements: [
      'CREATE SCHEMA IF NOT EXISTS "drizzle"',
      'CREATE TABLE "drizzle"."__drizzle_migrations" (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)',
      `INSERT INTO "drizzle"."__drizzle_migrations" (hash, created_at) VALUES ('56', 1734221536864), ('aa', 1700000000000)`,
    ],
  },
  {
    // https://github.com/knex/knex/blob/master/lib/migrations/migrate/table-creator.js
    tool: 'Knex',
    table: 'knex_migrations',
    tables: ['knex_migrations', 'knex_migrations_lock'],
    last: '20240102_emails.js',
    statements: [
      'create table "knex_migrations" ("id" serial primary key, "name" varchar(255), "batch" integer, "migration_time" timestamptz)',
      'create table "knex_migrations_lock" ("index" serial primary key, "is_locked" integer)',
      `INSERT INTO knex_migrations (name, batch) VALUES ('20240101_init.js', 1), ('20240102_emails.js', 2)`,
    ],
  },
  {
    // https://github.com/flyway/flyway/blob/main/flyway-database/flyway-database-postgresql (PostgreSQLDatabase.getRawCreateScript)
    tool: 'Flyway',
    table: 'flyway_schema_history',
    tables: ['flyway_schema_history'],
    last: 'V2__emails.sql',
    statements: [
      `CREATE TABLE "public"."flyway_schema_history" (
         "installed_rank" INT NOT NULL, "version" VARCHAR(50), "description" VARCHAR(200) NOT NULL, "type" VARCHAR(20) NOT NULL,
         "script" VARCHAR(1000) NOT NULL, "checksum" INTEGER, "installed_by" VARCHAR(100) NOT NULL,
         "installed_on" TIMESTAMP NOT NULL DEFAULT now(), "execution_time" INTEGER NOT NULL, "success" BOOLEAN NOT NULL)`,
      'ALTER TABLE "public"."flyway_schema_history" ADD CONSTRAINT "flyway_schema_history_pk" PRIMARY KEY ("installed_rank")',
      'CREATE INDEX "flyway_schema_history_s_idx" ON "public"."flyway_schema_history" ("success")',
      `INSERT INTO flyway_schema_history VALUES (1, '1', 'init', 'SQL', 'V1__init.sql', 1, 'me', now(), 1, true),
         (2, '2', 'emails', 'SQL', 'V2__emails.sql', 1, 'me', now(), 1, true),
         (3, NULL, 'views', 'SQL', 'R__views.sql', 1, 'me', now(), 1, true),
         (4, '3', 'failed', 'SQL', 'V3__failed.sql', 1, 'me', now(), 1, false)`,
    ],
  },
  {
    // https://github.com/liquibase/liquibase: CreateDatabaseChangeLogTableGenerator, CreateDatabaseChangeLogLockTableGenerator
    tool: 'Liquibase',
    table: 'databasechangelog',
    tables: ['databasechangelog', 'databasechangeloglock'],
    last: 'changelog.xml::2::ann',
    statements: [
      'CREATE TABLE databasechangeloglock (ID INTEGER NOT NULL, LOCKED BOOLEAN NOT NULL, LOCKGRANTED TIMESTAMP WITHOUT TIME ZONE, LOCKEDBY VARCHAR(255), CONSTRAINT databasechangeloglock_pkey PRIMARY KEY (ID))',
      `CREATE TABLE databasechangelog (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL,
         DATEEXECUTED TIMESTAMP WITHOUT TIME ZONE NOT NULL, ORDEREXECUTED INTEGER NOT NULL, EXECTYPE VARCHAR(10) NOT NULL,
         MD5SUM VARCHAR(35), DESCRIPTION VARCHAR(255), COMMENTS VARCHAR(255), TAG VARCHAR(255), LIQUIBASE VARCHAR(20),
         CONTEXTS VARCHAR(255), LABELS VARCHAR(255), DEPLOYMENT_ID VARCHAR(10))`,
      `INSERT INTO databasechangelog (id, author, filename, dateexecuted, orderexecuted, exectype) VALUES
         ('1', 'ann', 'changelog.xml', '2024-01-01', 1, 'EXECUTED'), ('2', 'ann', 'changelog.xml', '2024-01-02', 2, 'EXECUTED')`,
    ],
  },
  {
    // https://github.com/golang-migrate/migrate/blob/master/database/postgres/postgres.go (ensureVersionTable)
    tool: 'golang-migrate',
    table: 'schema_migrations',
    tables: ['schema_migrations'],
    last: '20240102',
    statements: [
      'CREATE TABLE "schema_migrations" (version bigint not null primary key, dirty boolean not null)',
      'INSERT INTO "schema_migrations" (version, dirty) VALUES (20240102, false)',
    ],
  },
  {
    // https://github.com/laravel/framework/blob/master/src/Illuminate/Database/Migrations/DatabaseMigrationRepository.php
    tool: 'Laravel',
    table: 'laravel_migrations',
    tables: ['laravel_migrations'],
    last: '2024_01_02_000000_emails',
    statements: [
      'create table "laravel_migrations" ("id" integer primary key not null, "migration" varchar(255) not null, "batch" integer not null)',
      `INSERT INTO laravel_migrations VALUES (1, '2024_01_01_000000_init', 1), (2, '2024_01_02_000000_emails', 2)`,
    ],
  },
  {
    // https://github.com/dotnet/efcore/blob/main/src/EFCore.Relational/Migrations/HistoryRepository.cs
    tool: 'Entity Framework',
    table: '__EFMigrationsHistory',
    tables: ['__EFMigrationsHistory'],
    last: '20240102000000_Emails',
    statements: [
      'CREATE TABLE "__EFMigrationsHistory" ("MigrationId" character varying(150) NOT NULL, "ProductVersion" character varying(32) NOT NULL, CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY ("MigrationId"))',
      `INSERT INTO "__EFMigrationsHistory" VALUES ('20240101000000_Init', '8.0.1'), ('20240102000000_Emails', '8.0.1')`,
    ],
  },
  {
    // https://github.com/pressly/goose/blob/main/internal/dialects/postgres.go
    tool: 'goose',
    table: 'goose_db_version',
    tables: ['goose_db_version'],
    last: '20240102',
    statements: [
      'CREATE TABLE goose_db_version (id integer PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp NOT NULL DEFAULT now())',
      'INSERT INTO goose_db_version VALUES (1, 0, true), (2, 20240101, true), (3, 20240102, true), (4, 20240103, false)',
    ],
  },
  {
    // TypeORM's migration executor (MigrationExecutor.createMigrationsTableIfNotExist), with another `migrationsTableName`
    tool: 'TypeORM',
    table: 'old_migrations',
    tables: [],
    last: 'Emails1700000000002',
    statements: [
      'CREATE TABLE "old_migrations" ("id" SERIAL NOT NULL, "timestamp" bigint NOT NULL, "name" character varying NOT NULL, CONSTRAINT "PK_5f0b3a3c2ef3e1d5a6c4b7d8e9f" PRIMARY KEY ("id"))',
      `INSERT INTO old_migrations (timestamp, name) VALUES (1700000000001, 'Init1700000000001'), (1700000000002, 'Emails1700000000002')`,
    ],
  },
]

const insertOf = (tool: string): string => postgres.find((one) => one.tool === tool)?.statements.at(-1) ?? ''

/** What those that work with SQLite create there. */
const sqlite: readonly ToolDatabase[] = [
  ...postgres.filter(({ tool }) => ['Alembic', 'golang-migrate', 'Laravel', 'Entity Framework'].includes(tool)),
  {
    // As above, but in the folder of SQLite: times are numbers of milliseconds.
    tool: 'Prisma',
    table: '_prisma_migrations',
    tables: ['_prisma_migrations'],
    last: '20240102000000_emails',
    statements: [
      `CREATE TABLE "_prisma_migrations" (
         "id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME, "migration_name" TEXT NOT NULL,
         "logs" TEXT, "rolled_back_at" DATETIME, "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
         "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0)`,
      `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name) VALUES
         ('2', 'b', 1704153600000, '20240102000000_emails'), ('1', 'a', 1704067200000, '20240101000000_init')`,
    ],
  },
  {
    // https://github.com/drizzle-team/drizzle-orm/blob/main/drizzle-orm/src/sqlite-core: version 1 records the name, too
    tool: 'Drizzle',
    table: '__drizzle_migrations',
    tables: ['__drizzle_migrations'],
    last: '20240102_emails',
    statements: [
      'CREATE TABLE "__drizzle_migrations" (id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric, name text, applied_at TEXT)',
      `INSERT INTO "__drizzle_migrations" (hash, created_at, name) VALUES ('56', 1734221536864, '20240102_emails'), ('aa', 1700000000000, NULL)`,
    ],
  },
  {
    tool: 'Knex',
    table: 'knex_migrations',
    tables: ['knex_migrations', 'knex_migrations_lock'],
    last: '20240102_emails.js',
    statements: [
      'create table `knex_migrations` (`id` integer not null primary key autoincrement, `name` varchar(255), `batch` integer, `migration_time` datetime)',
      'create table `knex_migrations_lock` (`index` integer not null primary key autoincrement, `is_locked` integer)',
      insertOf('Knex'),
    ],
  },
  {
    // https://github.com/flyway/flyway/tree/main/flyway-database/flyway-database-sqlite
    tool: 'Flyway',
    table: 'flyway_schema_history',
    tables: ['flyway_schema_history'],
    last: 'V2__emails.sql',
    statements: [
      `CREATE TABLE "flyway_schema_history" (
         "installed_rank" INT NOT NULL PRIMARY KEY, "version" VARCHAR(50), "description" VARCHAR(200) NOT NULL,
         "type" VARCHAR(20) NOT NULL, "script" VARCHAR(1000) NOT NULL, "checksum" INT, "installed_by" VARCHAR(100) NOT NULL,
         "installed_on" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')), "execution_time" INT NOT NULL,
         "success" BOOLEAN NOT NULL)`,
      'CREATE INDEX "flyway_schema_history_s_idx" ON "flyway_schema_history" ("success")',
      insertOf('Flyway').replaceAll('now()', `'2024'`),
    ],
  },
  {
    // It does not quote its names, which stay as they are written.
    tool: 'Liquibase',
    table: 'DATABASECHANGELOG',
    tables: ['DATABASECHANGELOG', 'DATABASECHANGELOGLOCK'],
    last: 'changelog.xml::2::ann',
    statements: [
      'CREATE TABLE DATABASECHANGELOGLOCK (ID INTEGER NOT NULL, LOCKED BOOLEAN NOT NULL, LOCKGRANTED TEXT, LOCKEDBY VARCHAR(255), CONSTRAINT PK_DATABASECHANGELOGLOCK PRIMARY KEY (ID))',
      `CREATE TABLE DATABASECHANGELOG (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL,
         DATEEXECUTED TEXT NOT NULL, ORDEREXECUTED INTEGER NOT NULL, EXECTYPE VARCHAR(10) NOT NULL, MD5SUM VARCHAR(35),
         DESCRIPTION VARCHAR(255), COMMENTS VARCHAR(255), TAG VARCHAR(255), LIQUIBASE VARCHAR(20))`,
      insertOf('Liquibase'),
    ],
  },
  {
    // https://github.com/pressly/goose/blob/main/internal/dialects/sqlite3.go
    tool: 'goose',
    table: 'goose_db_version',
    tables: ['goose_db_version'],
    last: '20240102',
    statements: [
      "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))",
      "INSERT INTO goose_db_version VALUES (1, 0, 1, '2024'), (2, 20240101, 1, '2024'), (3, 20240102, 1, '2024'), (4, 20240103, 0, '2024')",
    ],
  },
  {
    tool: 'TypeORM',
    table: 'old_migrations',
    tables: [],
    last: 'Emails1700000000002',
    statements: [
      'CREATE TABLE "old_migrations" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "timestamp" bigint NOT NULL, "name" varchar NOT NULL)',
      insertOf('TypeORM'),
    ],
  },
]

/** Databases of all tools that work with a dialect. */
export const toolDatabases: Readonly<Record<DialectName, readonly ToolDatabase[]>> = { sqlite, postgres }
