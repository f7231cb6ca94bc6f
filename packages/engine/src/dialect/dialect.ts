import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm'

import type { AludelError } from '../errors'
import type { Operation } from '../operations/operation'
import type { Need } from '../difference/needs'
import type { Column, Schema } from '../schema/schema'
import type { ColumnsOf, EffectsReader } from '../sql/effects'
import type { BatchSql } from './batch-sql'
import type { ConnectionOptions } from './connection-options'
import type { StepSupport } from './steps'

/** The engines Aludel knows. A new one is a new folder under `dialect/`. */
export type DialectName = 'postgres' | 'sqlite'

/** The one method of a query runner that most of the engine needs. */
export interface Queryable {
  query(sql: string, parameters?: unknown[]): Promise<unknown>
}

/** One statement of a revision. */
export interface Statement {
  readonly sql: string
  /** What the group of statements that starts here does, in words; absent on a continuation. */
  readonly comment?: string
}

export interface IntrospectOptions {
  /** Tables that are the tool's or TypeORM's own and are left out (history, journal, metadata). */
  readonly ignoreTables: readonly string[]
}

/** What the history and the journal say to the database; see `history/`. */
export interface HistorySql {
  /** Statements that make TypeORM's history table, exactly as TypeORM makes it, when it is missing. */
  createHistory(table: string): readonly string[]
  /**
   * Statements that make the journal when it is missing. Columns, named as in `history/types.ts` JournalEntry but in
   * snake case: id (generated key), run_id, revision, name, direction, statement (integer), progress (text, nullable),
   * checksum, started_at, finished_at, duration_ms (integer), actor, tool_version, outcome, error (text, nullable).
   * No CHECK on outcome. Each statement can be repeated (IF NOT EXISTS); a table may be `schema.table`, unquoted.
   */
  createJournal(table: string): readonly string[]
  /** SELECT of `name` and `timestamp` of every applied migration, in the order they were applied. */
  selectApplied(table: string): string
  /** True when `error` says that the table of {@link selectApplied} does not exist. */
  isMissingTable(error: unknown): boolean
  /** The placeholder of the n-th parameter (1-based): `$1`, `?`. */
  placeholder(n: number): string
}

export interface LockOptions {
  /** What is locked: the name of the history table, perhaps with its schema. */
  readonly key: string
  /** Milliseconds to keep trying. 0: try once. */
  readonly timeoutMs: number
  /** What keeps the lock: the database session (default), or a row with a heartbeat, which needs no session. */
  readonly kind?: LockKind
  /** Milliseconds that a lease lasts without a heartbeat. Default 30,000. */
  readonly leaseMs?: number
  /** `user@host`, for those who wait. */
  readonly owner?: string
  /** Called once when somebody else holds the lock, and then at every poll; `holder` says who, since when. */
  readonly onWait?: (waitedMs: number, holder: string | undefined) => void
  readonly signal?: AbortSignal
  readonly sleep?: (ms: number) => Promise<void>
}

/** `session`: ends with its session. `lease`: a row in a table, which goes through poolers. */
export type LockKind = 'session' | 'lease'

/**
 * One migrator per database. Ends with its session when the process dies, or with its lease.
 *
 * All but {@link release} throw `ALUDEL_LOCK_LOST` when the lock is held no longer: nothing may be changed then.
 */
export interface Lock {
  /** Asks the database whether it is still held. To be called outside a transaction. */
  check(): Promise<void>
  /** To be called when a transaction has begun, inside it. */
  begin(database: Queryable): Promise<void>
  /** Throws what is known already; a promise where the database has to be asked, always so outside a transaction. */
  beforeStatement(transactional: boolean): Promise<void> | undefined
  /** Last statement before COMMIT: until the transaction ends nobody else gets the lock. */
  beforeCommit(database: Queryable): Promise<void>
  /** Never throws: a run that is done stays done. */
  release(): Promise<void>
}

/** Who holds the lock, as far as the database can say. */
export interface LockHolder {
  readonly kind: LockKind
  /** `user@host`, or what else is known of it; null: nothing. */
  readonly owner: string | null
  /** Of the process that holds it. */
  readonly pid: number | null
  /** ISO 8601, by the clock of the server. */
  readonly since: string | null
  readonly ageMs: number | null
  /** False for a lease without a heartbeat: its process is dead, stopped or cut off. */
  readonly live: boolean
  /** Of a lease: ISO 8601. */
  readonly heartbeatAt?: string
  readonly expiresAt?: string
  /** Of a lease: its number, which grows with each that is given. */
  readonly token?: string
  /** Of a session of PostgreSQL: the server process that serves it. */
  readonly session?: number
  /** Of a session: what ends it, for `psql` or a shell. */
  readonly endWith?: string
}

/** What must be true before anything is changed; see {@link Dialect.preflight}. */
export interface PreflightOptions {
  /** The tables that the run writes to; either may be `schema.table`. */
  readonly historyTable: string
  readonly journalTable: string
  readonly lock: LockKind
  /** The statements that will run, as far as they can be known without a database. Asked for when it matters. */
  readonly statements: () => Promise<readonly string[]>
  readonly warn: (message: string) => void
}

/** A place for throw-away databases of one dialect. */
export interface ShadowServer {
  readonly dialect: DialectName
  /** Server version, part of the cache key of what is introspected there. */
  readonly version: string
  /**
   * An initialized DataSource on a new, empty database.
   *
   * @param overrides options that replace those of the template (for example `entities`)
   */
  open(overrides?: Partial<DataSourceOptions>): Promise<ShadowDatabase>
  /** Stops what was started for it and removes what is left. Never throws. */
  close(): Promise<void>
}

export interface ShadowDatabase {
  readonly dataSource: DataSource
  /** Disconnects and removes the database. Never throws. */
  drop(): Promise<void>
  /** Leaves the database to whoever asks the server for one next, who finds it as new, or removes it. Never throws. */
  giveBack(): Promise<void>
}

export interface ShadowOptions {
  /** Its constructor and its entities, naming strategy and so on are used; its connection only when it has this dialect. */
  readonly template: DataSource
  /** A server to use instead, for example from `DATABASE_URL` or the config. */
  readonly url?: string
  /** Progress for people: "starting an embedded PostgreSQL". */
  readonly onProgress?: (message: string) => void
}

/** Stands by while the statements of one revision run. */
export interface StatementWatch {
  /** Called before a statement; undefined when it is of no interest. A rejection stops the revision. */
  before(sql: string): Promise<void> | undefined
  /** Called behind the last statement, in the same transaction. */
  finish(): Promise<void>
}

export interface RebuildWatchOptions {
  /** The live database, before the first step. */
  readonly database: Queryable
  /** Statements of each step in order; null for a step that asks the database what to do. */
  readonly steps: readonly (readonly string[] | null)[]
  /** The schema that the applied revisions give; null when none is applied, or when they cannot be replayed. */
  readonly expected: () => Promise<Schema | null>
  readonly ignoreTables: readonly string[]
  readonly warn: (message: string) => void
}

/** Watches over a run that makes tables or views anew. */
export interface RebuildWatch {
  /** @param database the session of the run, not itself watched */
  step(database: Queryable): StatementWatch
}

export interface BackupResult {
  readonly path: string
  readonly bytes: number
}

/** Everything in which one database engine differs from another. No `if (postgres)` outside this folder. */
export interface Dialect {
  readonly name: DialectName
  /** Values of TypeORM's `type` option that this dialect serves. */
  readonly driverTypes: readonly string[]
  /** Options of a DataSource that are about its connection, and not about what its tables look like. */
  readonly connectionOptions: ConnectionOptions

  /** True where statements lock single tables, which a plan then names; false where a writer has the whole database. */
  readonly locksTables: boolean

  /** Quotes an identifier, doubling quotes inside it. */
  quote(identifier: string): string
  /** A literal for offline scripts: strings, numbers, booleans, null, Date, Buffer, and JSON for other objects. */
  literal(value: unknown): string

  /**
   * A reader of what statements do; see `sql/effects.ts`. What it needs (a parser) is loaded here.
   *
   * @param columns of the live tables; asked for where a rebuild shows what it loses by what it does not copy
   */
  readEffects(columns: () => Promise<ColumnsOf>): Promise<EffectsReader>

  /** Reads the whole schema. Nothing is executed that changes the database. */
  introspect(database: Queryable, options: IntrospectOptions): Promise<Schema>

  /**
   * SQL for operations, in an order that applies. `from` is the schema before the first of them.
   * SQLite rebuilds each table at most once per call.
   */
  render(operations: readonly Operation[], from: Schema): readonly Statement[]

  /**
   * {@link render} there and back, where the one depends on what the other leaves. Absent where it does not.
   *
   * @param reverse the operations back, which lead from `to` to `from`
   */
  renderBothWays?(
    operations: readonly Operation[],
    reverse: readonly Operation[],
    from: Schema,
    to: Schema,
  ): { readonly up: readonly Statement[]; readonly down: readonly Statement[] }

  /**
   * A SELECT of one number, `n`: how many rows stand against the need, in the schema before the operations. Null where
   * no condition says it: the engine keeps every value, or refuses by itself what it cannot convert. `render` puts a
   * statement before all others that fails while there are such rows.
   */
  countMisfits(need: Need): string | null

  /**
   * False where no value of the one type says anything in the other, so that somebody has to say how. Absent where any
   * value may be in any column (SQLite).
   */
  converts?(from: Column, to: Column): boolean

  /**
   * True when connecting makes nothing and does not wait long: the file of a database that nobody has made yet is not
   * made by looking, and a server that does not answer is not waited for.
   */
  isReachable(options: DataSourceOptions): Promise<boolean>

  /**
   * An INSERT with one sample row for `table`, given a value for some columns (foreign keys). `seed` makes rows differ.
   * Null when no value can be made for a column that needs one.
   */
  sampleValue(column: Column, schema: Schema, seed: number): { readonly sql: string } | null

  readonly history: HistorySql
  readonly batches: BatchSql

  /**
   * Takes the lock of a run that works on this query runner.
   *
   * @throws AludelError `ALUDEL_LOCKED`, `ALUDEL_INTERRUPTED`, `ALUDEL_POOLER` …
   */
  lock(queryRunner: QueryRunner, options: LockOptions): Promise<Lock>
  /** Who holds the lock now; null: nobody. */
  lockHolder(queryRunner: QueryRunner, key: string): Promise<LockHolder | null>
  /** Ends the lease that was seen, and no later one; false when it has changed since, or is no lease. */
  removeLease(queryRunner: QueryRunner, key: string, seen: LockHolder): Promise<boolean>

  /**
   * Looks for what would make a run fail: rights, a server that cannot be written, no room on the disk. Changes nothing;
   * what cannot be asked is passed over.
   *
   * @throws AludelError `ALUDEL_PERMISSION` naming the grants, `ALUDEL_READ_ONLY`, `ALUDEL_SEARCH_PATH`,
   *   `ALUDEL_SERVER_VERSION`, `ALUDEL_DISK_SPACE`
   */
  preflight(queryRunner: QueryRunner, options: PreflightOptions): Promise<void>

  /** What must be done outside a transaction before it begins (SQLite: foreign keys off). Returns what puts it back; that never throws. */
  beforeTransaction(queryRunner: QueryRunner): Promise<() => Promise<void>>
  /**
   * Asked after a statement that failed in a transaction: begins it again where the database has ended all of it with the
   * statement. Absent where a failure never does that unseen (PostgreSQL refuses every statement that follows).
   *
   * @returns whether it had been ended
   */
  beginAgain?(session: Queryable): Promise<boolean>
  /** Last check inside a transaction (SQLite: `foreign_key_check`, only for violations that are new). Throws `ALUDEL_FOREIGN_KEYS`. */
  beforeCommit(queryRunner: QueryRunner): Promise<void>

  /**
   * Where tables are made anew to change them (SQLite): sees to it that they keep their rows and what only the live
   * database has of them. Absent where tables are altered in place.
   *
   * @throws AludelError `ALUDEL_DATA_LOSS` when a table has columns that no revision knows and that would be lost
   */
  watchRebuilds?(options: RebuildWatchOptions): Promise<RebuildWatch>

  /**
   * Where a view has rights, an owner and comments that no revision knows (PostgreSQL): stands by and gives them back to a
   * view that a run drops and makes again. Absent where views have no such things.
   */
  watchViews?(warn: (message: string) => void): RebuildWatch

  /** What running the statements of a revision asks of the engine. */
  readonly steps: StepSupport

  /** Text around the statements of one revision in an offline script, for `psql` or `sqlite3`. */
  readonly script: {
    /** Once, at the top (for example `\set ON_ERROR_STOP on`, `.bail on`). */
    readonly header: readonly string[]
    begin(transactional: boolean): readonly string[]
    /** What must hold before a revision is recorded, or before a transaction of several is committed. */
    readonly check: readonly string[]
    commit(transactional: boolean): readonly string[]
    readonly footer: readonly string[]
  }

  openShadow(options: ShadowOptions): Promise<ShadowServer>
  /**
   * Makes the tables of a shadow's entities in it, by TypeORM's own schema sync. What TypeORM cannot make by a fault of
   * its own (a quote in a default, an enum type in another schema) is mended where that can be done.
   */
  createEntities(dataSource: DataSource): Promise<void>
  /** True for an error that says: a function, a type, an extension, a sequence … that is named does not exist. */
  isMissingObject(error: unknown): boolean
  /** Statements that drop what entities describe (tables, views, enums), and with it what cannot be without. */
  dropDescribed(schema: Schema): readonly string[]

  /** A copy of the database that has been verified, in `directory`. The signal ends it, where that can be done. */
  backup(queryRunner: QueryRunner, directory: string, name: string, signal?: AbortSignal): Promise<BackupResult>

  /** Turns what a driver throws when it cannot connect into a coded error; the password is never in it. */
  connectError(error: unknown, options: DataSourceOptions): AludelError
  /**
   * True for an error that says: rows are against a check, a key, a unique index or an exclusion, or a guard has counted
   * some. Not for a missing value (NOT NULL): to fill that is a revision's own business.
   */
  refusesRows(error: unknown): boolean
  /** The database's own words for a failed statement, without the driver's decoration. */
  errorText(error: unknown): string
  /** `{ name, version }`: the database's name (file or database) without credentials, and the server's version. */
  describe(queryRunner: QueryRunner): Promise<{ readonly name: string; readonly version: string }>
  /** Tables with row counts and sizes in bytes (null where the engine cannot say). */
  tableSizes(queryRunner: QueryRunner): Promise<readonly { name: string; rows: number; bytes: number | null }[]>
}
