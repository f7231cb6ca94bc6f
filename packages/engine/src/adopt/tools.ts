// cspell:ignore createdat updatedat dateexecuted orderexecuted exectype lockgranted lockedby

/** The table in which a tool keeps its history, or another table of it. */
export interface ToolTable {
  /** Matched with the name in lower case. Absent: any name, because no other table has these columns. */
  readonly name?: RegExp
  /** In lower case. */
  readonly columns: readonly string[]
  /** Columns that only some versions have. */
  readonly more?: readonly string[]
}

/** A tool that changes databases, and how its tables are recognized. */
export interface Tool {
  readonly name: string
  readonly history: ToolTable
  /** What it keeps besides: a table for its lock. */
  readonly besides?: readonly ToolTable[]
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
 * of the table, so the name counts only where the columns could be those of any table.
 */
export const tools: readonly Tool[] = [
  {
    // https://github.com/sqlalchemy/alembic/blob/main/alembic/ddl/impl.py (version_table_impl)
    name: 'Alembic',
    history: { columns: ['version_num'] },
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
    besides: [{ name: /_lock$/, columns: ['index', 'is_locked'] }],
    last: { shows: [['name']], newest: ['id'] },
  },
  {
    // https://github.com/sequelize/umzug/blob/main/src/storage/sequelize.ts
    name: 'Sequelize',
    history: { name: /^sequelize_?meta$/, columns: ['name'], more: ['createdat', 'updatedat'] },
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
]
