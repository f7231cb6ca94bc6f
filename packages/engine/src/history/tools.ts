// cspell:ignore createdat updatedat dateexecuted orderexecuted exectype lockgranted lockedby tstamp migrationid productversion

/** The table in which a tool keeps its history, or another table of it. */
export interface ToolTable {
  /** Matched with the name in lower case. Absent: any name, because no other table has these columns. */
  readonly name?: RegExp
  /** The end of the name of a primary key that a table of any other name has, after the name of the table. */
  readonly key?: string
  /** For another table than the history: the end of its name, after that of the history. */
  readonly suffix?: string
  /** In lower case. */
  readonly columns: readonly string[]
  /** Columns that only some versions have. */
  readonly more?: readonly string[]
}

/** A tool that changes databases, and how its tables are recognized. */
export interface Tool {
  readonly name: string
  readonly history: ToolTable
  /** What it keeps besides, in the same schema: a table for its lock. */
  readonly besides?: readonly ToolTable[]
  /** True if a table of `besides` must exist: another tool has a history of the same form. */
  readonly needsBesides?: true
  /** What the tool applied last. Several rows: it has several heads. */
  readonly last: {
    /** Columns that name it, joined with `::`. The first alternative whose columns exist, and that is not null, is used. */
    readonly shows: readonly (readonly string[])[]
    /** SQL over the quoted columns of {@link ToolTable}. */
    readonly where?: (column: (name: string) => string) => string
    /** Columns, the last one first. Absent: every row is a head. */
    readonly newest?: readonly string[]
  }
}

/**
 * The tools whose tables are recognized, by the columns with which their sources create them. Most let a project choose the name
 * of the table, so the name counts only where the columns could be those of any table: no comparison shows what is recognized, and a
 * table of somebody else must never be taken for one of these. A table belongs to the first tool that it fits.
 */
export const tools: readonly Tool[] = [
  {
    // https://github.com/sqlalchemy/alembic/blob/main/alembic/ddl/impl.py (version_table_impl)
    name: 'Alembic',
    history: { name: /^alembic_version/, key: '_pkc', columns: ['version_num'] },
    last: { shows: [['version_num']] },
  },
  {
    // https://github.com/prisma/prisma-engines/tree/main/schema-engine/connectors/sql-schema-connector/src/flavour (create_migrations_table)
    name: 'Prisma',
    history: {
      columns: [
        'id',
        'checksum',
        'finished_at',
        'migration_name',
        'logs',
        'rolled_back_at',
        'started_at',
        'applied_steps_count',
      ],
    },
    last: {
      shows: [['migration_name']],
      where: (column) => `${column('finished_at')} IS NOT NULL AND ${column('rolled_back_at')} IS NULL`,
      newest: ['finished_at', 'migration_name'],
    },
  },
  {
    // https://github.com/drizzle-team/drizzle-orm/tree/main/drizzle-orm/src (pg-core/dialect.ts, sqlite-core/dialect.ts)
    name: 'Drizzle',
    history: { name: /drizzle/, columns: ['id', 'hash', 'created_at'], more: ['name', 'applied_at'] },
    // The time is the key `when` of the migration in `meta/_journal.json`; earlier versions record no name.
    last: { shows: [['name'], ['created_at']], newest: ['created_at'] },
  },
  {
    // https://github.com/knex/knex/blob/master/lib/migrations/migrate/table-creator.js
    name: 'Knex',
    history: { columns: ['id', 'name', 'batch', 'migration_time'] },
    besides: [{ suffix: '_lock', columns: ['index', 'is_locked'] }],
    last: { shows: [['name']], newest: ['id'] },
  },
  {
    // https://github.com/sequelize/umzug/blob/main/src/storage/sequelize.ts
    name: 'Sequelize',
    history: { name: /^sequelize_?meta$/, columns: ['name'], more: ['createdat', 'updatedat'] },
    besides: [{ name: /^sequelize_?data$/, columns: ['name'], more: ['createdat', 'updatedat'] }],
    last: { shows: [['name']], newest: ['name'] },
  },
  {
    // https://github.com/salsita/node-pg-migrate/blob/main/src/runner.ts (ensureMigrationsTable)
    name: 'node-pg-migrate',
    history: { name: /^pgmigrations$/, columns: ['id', 'name', 'run_on'] },
    last: { shows: [['name']], newest: ['run_on', 'id'] },
  },
  {
    // https://github.com/flyway/flyway/tree/main/flyway-database (getRawCreateScript of each database)
    name: 'Flyway',
    history: {
      columns: [
        'installed_rank',
        'version',
        'description',
        'type',
        'script',
        'checksum',
        'installed_by',
        'installed_on',
        'execution_time',
        'success',
      ],
    },
    last: {
      shows: [['script']],
      // A repeatable migration has no version and no place in the order of the others.
      where: (column) => `${column('success')} AND ${column('version')} IS NOT NULL`,
      newest: ['installed_rank'],
    },
  },
  {
    // https://github.com/liquibase/liquibase/blob/main/liquibase-standard/src/main/java/liquibase/sqlgenerator/core/CreateDatabaseChangeLogTableGenerator.java
    name: 'Liquibase',
    history: {
      columns: ['id', 'author', 'filename', 'dateexecuted', 'orderexecuted', 'exectype', 'md5sum'],
      more: ['description', 'comments', 'tag', 'liquibase', 'contexts', 'labels', 'deployment_id'],
    },
    besides: [{ columns: ['id', 'locked', 'lockgranted', 'lockedby'] }],
    last: { shows: [['filename', 'id', 'author']], newest: ['orderexecuted', 'dateexecuted'] },
  },
  {
    // https://github.com/mikro-orm/mikro-orm/blob/master/packages/migrations/src/MigrationStorage.ts
    name: 'MikroORM',
    history: { name: /mikro_?orm/, columns: ['id', 'name', 'executed_at'] },
    last: { shows: [['name']], newest: ['id'] },
  },
  {
    // https://github.com/kysely-org/kysely/blob/master/src/migration/migrator.ts
    name: 'Kysely',
    history: { name: /kysely/, columns: ['name', 'timestamp'] },
    besides: [{ suffix: '_lock', columns: ['id', 'is_locked'] }],
    last: { shows: [['name']], newest: ['timestamp', 'name'] },
  },
  {
    // https://github.com/rails/rails/tree/main/activerecord/lib/active_record (schema_migration.rb, internal_metadata.rb)
    name: 'Rails',
    history: { name: /^schema_migrations$/, columns: ['version'] },
    besides: [{ name: /^ar_internal_metadata$/, columns: ['key', 'value', 'created_at', 'updated_at'] }],
    needsBesides: true,
    last: { shows: [['version']], newest: ['version'] },
  },
  {
    // https://github.com/amacneil/dbmate/tree/main/pkg/driver (createMigrationsTable of each)
    name: 'dbmate',
    history: { name: /^schema_migrations$/, columns: ['version'] },
    last: { shows: [['version']], newest: ['version'] },
  },
  {
    // https://github.com/golang-migrate/migrate/tree/master/database (ensureVersionTable of each)
    name: 'golang-migrate',
    history: { name: /^schema_migrations$/, columns: ['version', 'dirty'] },
    last: { shows: [['version']] },
  },
  {
    // https://github.com/db-migrate/pg/blob/master/index.js (createMigrationsTable)
    name: 'db-migrate',
    history: { name: /^migrations$/, columns: ['id', 'name', 'run_on'] },
    last: { shows: [['name']], newest: ['run_on', 'id'] },
  },
  {
    // https://github.com/ThomWright/postgres-migrations/blob/master/src/migrations/0_create-migrations-table.sql
    name: 'postgres-migrations',
    history: { name: /^migrations$/, columns: ['id', 'name', 'hash', 'executed_at'] },
    last: { shows: [['name']], newest: ['id'] },
  },
  {
    // https://github.com/graphile/migrate/blob/main/src/migration.ts
    name: 'Graphile Migrate',
    history: { name: /^migrations$/, columns: ['hash', 'previous_hash', 'filename', 'date'] },
    besides: [{ name: /^current$/, columns: ['filename', 'content', 'date'] }],
    last: { shows: [['filename']], newest: ['filename'] },
  },
  {
    // https://github.com/django/django/blob/main/django/db/migrations/recorder.py
    name: 'Django',
    history: { name: /^django_migrations$/, columns: ['id', 'app', 'name', 'applied'] },
    last: { shows: [['app', 'name']], newest: ['id'] },
  },
  {
    // https://github.com/sqitchers/sqitch/blob/develop/lib/App/Sqitch/Engine/pg.sql
    name: 'Sqitch',
    history: {
      name: /^changes$/,
      columns: [
        ...['change_id', 'change', 'project', 'note', 'committed_at', 'committer_name', 'committer_email'],
        ...['planned_at', 'planner_name', 'planner_email'],
      ],
      more: ['script_hash'],
    },
    besides: [
      { name: /^releases$/, columns: ['version', 'installed_at', 'installer_name', 'installer_email'] },
      { name: /^projects$/, columns: ['project', 'uri', 'created_at', 'creator_name', 'creator_email'] },
      {
        name: /^tags$/,
        columns: [
          ...['tag_id', 'tag', 'project', 'change_id', 'note', 'committed_at', 'committer_name', 'committer_email'],
          ...['planned_at', 'planner_name', 'planner_email'],
        ],
      },
      { name: /^dependencies$/, columns: ['change_id', 'type', 'dependency', 'dependency_id'] },
      {
        name: /^events$/,
        columns: [
          ...['event', 'change_id', 'change', 'project', 'note', 'requires', 'conflicts', 'tags', 'committed_at'],
          ...['committer_name', 'committer_email', 'planned_at', 'planner_name', 'planner_email'],
        ],
      },
    ],
    last: { shows: [['change']], newest: ['committed_at'] },
  },
  {
    // https://github.com/laravel/framework/blob/master/src/Illuminate/Database/Migrations/DatabaseMigrationRepository.php
    name: 'Laravel',
    history: { name: /migrations$/, columns: ['id', 'migration', 'batch'] },
    last: { shows: [['migration']], newest: ['id'] },
  },
  {
    // https://github.com/dotnet/efcore/blob/main/src/EFCore.Relational/Migrations/HistoryRepository.cs
    name: 'Entity Framework',
    history: { columns: ['migrationid', 'productversion'] },
    last: { shows: [['migrationid']], newest: ['migrationid'] },
  },
  {
    // https://github.com/pressly/goose/tree/main/internal/dialects
    name: 'goose',
    history: { name: /goose/, columns: ['id', 'version_id', 'is_applied', 'tstamp'] },
    last: { shows: [['version_id']], where: (column) => column('is_applied'), newest: ['id'] },
  },
]
