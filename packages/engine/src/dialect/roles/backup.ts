import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm'

import type { Queryable } from '../queryable'

/** Copies a database, or some of its tables, into files, and checks such files. Knows nothing of where they are kept. */
export interface BackupRole {
  /** File extension of a whole backup, with its dot: `.dump`, `.db`. */
  readonly extension: string

  /** True if only the driver of the database can read a copy; else programs, or nothing, are needed for it. */
  readonly needsDriver: boolean

  /**
   * Refuses a database that does not exist, where connecting would create it.
   *
   * @throws AludelError `ALUDEL_DATABASE_MISSING`
   */
  requireDatabase(options: DataSourceOptions): Promise<void>

  /**
   * The folder of the programs that back up this server; null where none are needed.
   *
   * @param folder where they are, if that was configured. Default: those of PATH first, then the usual places.
   * @throws AludelError `ALUDEL_BACKUP_TOOLS` when they are missing or older than the server
   */
  findTools(queryRunner: QueryRunner, folder: string | undefined): Promise<string | null>

  /** The database that is backed up, and its settings that {@link BackupRole.copy} does not contain. */
  describe(queryRunner: QueryRunner): Promise<BackedUpDatabase>

  /**
   * The bytes that a copy will probably need, from the catalog; cheap.
   *
   * @param tables those of a copy of tables; null for the whole database
   */
  estimate(queryRunner: QueryRunner, tables: readonly TablePath[] | null): Promise<number>

  /**
   * Copies the whole database into a file, as it is at one moment, while others read and write it. Verifies the copy: it can be
   * read completely, and has as many rows in each table as the database had at that moment.
   *
   * @param options `target`: an empty file
   * @throws AludelError `ALUDEL_BACKUP`; the `reason` of the signal when it is aborted. The caller removes the file then.
   */
  copy(queryRunner: QueryRunner, options: CopyOptions): Promise<Copied>

  /**
   * The existing tables that a name of a {@link Loss} denotes, with those that inherit from them, and those that
   * change with them through foreign keys (ON DELETE CASCADE, SET NULL); empty if there is none.
   *
   * @param names as the database displays them: `users`, `audit.events`
   */
  tablesOf(database: Queryable, names: readonly string[]): Promise<readonly TablePath[]>

  /**
   * Copies only these tables into a folder, with their definitions, as they are at one moment; verified like a whole copy. Needs no
   * program.
   *
   * @param options `target`: an empty folder
   * @throws AludelError as {@link copy}
   */
  copyTables(queryRunner: QueryRunner, options: CopyOptions, tables: readonly TablePath[]): Promise<Copied>

  /**
   * Reads a copy again, without its database.
   *
   * @param options `target`: the file or folder; `tables`: the rows that it must have, if they are known
   * @returns what is wrong with it, for display; empty if nothing is
   * @throws AludelError `ALUDEL_BACKUP_TOOLS`, `ALUDEL_DRIVER` when it cannot be read here
   */
  check(options: CheckOptions): Promise<readonly string[]>
}

/** A table by its names in the catalog: `schema` is set where the database has schemas. */
export interface TablePath {
  readonly schema?: string
  readonly name: string
}

/** A table with the number of its rows in a backup. On PostgreSQL the rows of a partitioned table are those of its partitions. */
export interface CopiedTable extends TablePath {
  readonly rows: number
}

/** A database as the manifest of its backups describes it. */
export interface BackedUpDatabase {
  /** The absolute path of a SQLite file, the name of a PostgreSQL database. */
  readonly name: string
  readonly serverVersion: string
  /** Tells databases of the same name on different servers apart; absent where the server does not report it. */
  readonly server?: string
  /** Settings of the database that the copy does not contain. */
  readonly settings: Readonly<Record<string, unknown>>
}

export interface CopyOptions {
  /** The path to write to. It exists, is empty, and only its owner can read it. */
  readonly target: string
  /** The result of {@link BackupRole.findTools}. */
  readonly tools: string | null
  readonly signal?: AbortSignal
  readonly onProgress: (progress: CopyProgress) => void
  /** Called once with a session that sees the database at the moment of the copy. */
  readonly inSnapshot: (database: Queryable) => Promise<void>
}

/** How far a copy is. */
export interface CopyProgress {
  readonly phase: 'copy' | 'verify'
  /** Bytes that were copied or verified. */
  readonly bytes: number
  /** Null if it is not known. */
  readonly total: number | null
}

/** What was copied, and found in the copy again. */
export interface Copied {
  /** Sorted by schema and name. */
  readonly tables: readonly CopiedTable[]
  /** What wrote it: `pg_dump 18.1`, `SQLite 3.53.2`. */
  readonly program: string
}

export interface CheckOptions {
  readonly kind: 'database' | 'tables'
  readonly target: string
  /** The rows that each table had; undefined if they are not known. */
  readonly tables: readonly CopiedTable[] | undefined
  /** A DataSource of the dialect, whose driver and key open the copy; it need not be connected. */
  readonly template: DataSource
  /** The folder of the programs, if it was configured. */
  readonly tools: string | undefined
  readonly signal?: AbortSignal
  readonly onProgress: (progress: CopyProgress) => void
}
