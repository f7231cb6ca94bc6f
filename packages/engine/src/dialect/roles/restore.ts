import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm'

import type { Queryable } from '../queryable'
import type { CopiedTable, CopyProgress } from './backup'
import type { LockOptions } from './locks'

/** Puts a backup in the place of its database. Knows nothing of where backups are kept. */
export interface RestoreRole {
  /** The name of the database in the manifests of its backups; undefined if the options do not contain it. */
  nameOf(options: DataSourceOptions): string | undefined

  /**
   * Takes the migration lock of the database that is to be replaced, and removes what killed restores of it have left. The
   * database may be missing or damaged.
   *
   * @throws AludelError `ALUDEL_LOCKED`, `ALUDEL_PERMISSION`, `ALUDEL_CONNECT` …, `ALUDEL_RESTORE` when the database can never
   *   be replaced; nothing was changed then
   */
  open(options: RestoreOptions): Promise<Restoring>

  /**
   * Compares the tables of a copy of tables with those of the database.
   *
   * @throws AludelError `ALUDEL_RESTORE` when the rows of the copy do not fit into them
   */
  compareTables(database: QueryRunner, folder: string): Promise<readonly TableToRestore[]>

  /**
   * Puts the rows of a copy of tables back, and creates those of its tables that do not exist, in the open transaction of
   * the session. Foreign keys are checked before it returns.
   *
   * @throws AludelError `ALUDEL_RESTORE`; the `reason` of the signal. The caller rolls back then.
   */
  restoreTables(queryRunner: QueryRunner, options: RestoreTablesOptions): Promise<void>

  /**
   * What restores of this database have left: databases or files that were replaced, and unfinished ones. Empty if it cannot be
   * found out.
   */
  leftovers(database: QueryRunner): Promise<readonly RestoreLeftover[]>

  /**
   * Removes what {@link leftovers} has found.
   *
   * @throws AludelError `ALUDEL_RESTORE`
   */
  removeLeftover(database: QueryRunner, leftover: RestoreLeftover): Promise<void>
}

/** What to restore, over which database, and how. */
export interface RestoreOptions {
  /** Names the database. Nothing may be connected through it. */
  readonly template: DataSource
  readonly backup: RestoredBackup
  /** `key`: as the project names it; the dialect finds its schema. */
  readonly lock: LockOptions
  /** The name of the journal's table, in every schema that has one. */
  readonly journal: string
  /** The folder of the programs, if it was configured. */
  readonly tools: string | undefined
  /** A database of the server to connect to while another is renamed. Default: `postgres`, `template1`, or any other. */
  readonly maintenanceDatabase: string | undefined
  /** Whether owners and rights of the backup are restored. If not, all belongs to the user of the connection. */
  readonly withOwners: boolean
  /** Whether other sessions are ended, instead of refusing to replace their database. */
  readonly disconnect: boolean
  /** Whether the replaced database is kept, under another name. */
  readonly keep: boolean
  readonly signal: AbortSignal | undefined
  readonly onProgress: (progress: RestoreProgress) => void
  readonly warn: (message: string) => void
}

/** A backup of a whole database, as far as it is known. */
export interface RestoredBackup {
  /** Becomes a part of names: `app_before_restore_20261130T041500Z-9f3c`. */
  readonly id: string
  /** Absolute path. */
  readonly file: string
  /** Undefined for a file that was not made by Aludel. */
  readonly made: MadeBackup | undefined
}

/** What the manifest of a backup contains. */
export interface MadeBackup {
  readonly sha256: string
  /** What wrote it: `pg_dump 18.1`. */
  readonly program: string
  readonly serverVersion: string
  readonly tables: readonly CopiedTable[]
  readonly settings: Readonly<Record<string, unknown>>
}

export type RestoreProgress = CopyProgress | { readonly phase: 'table'; readonly name: string }

/** A database that is being replaced. The migration lock is held until it is swapped or closed. */
export interface Restoring {
  /** For display: the path of a file, the name of a database. */
  readonly name: string
  /** False if there is no database yet: it was dropped, or deleted. */
  readonly exists: boolean
  /** The name under which the replaced one will be kept; null if nothing will be, unless {@link swap} could not drop it. */
  readonly kept: string | null
  /** What killed restores had left, and was removed now; for display. */
  readonly removed: readonly string[]

  /** Exact rows of all tables; null if there is no database, or it cannot be read. */
  rows(): Promise<readonly CopiedTable[] | null>

  /**
   * Who else is connected, as far as it can be found out, and will be disconnected by {@link swap}.
   *
   * @throws AludelError `ALUDEL_CONNECTED` when others are connected and must not, or cannot, be disconnected
   */
  others(): Promise<readonly ConnectedSession[]>

  /**
   * Restores the backup beside the database, and verifies it: it can be read, and has the rows of its manifest. Ends the leases in
   * it, and what it reports as running.
   *
   * @throws AludelError `ALUDEL_RESTORE`, `ALUDEL_BACKUP_TOOLS`, `ALUDEL_DISK_SPACE`, `ALUDEL_PERMISSION`, `ALUDEL_LOCK_LOST`; the
   *   `reason` of the signal. Nothing was changed then.
   */
  load(): Promise<void>

  /** Calls `work` with a session on what was loaded. */
  within<Result>(work: (database: Queryable) => Promise<Result>): Promise<Result>

  /**
   * Gives the loaded database the name of the other one, in one step, and releases the lock.
   *
   * @throws AludelError `ALUDEL_CONNECTED` when others are connected; nothing was changed then
   */
  swap(): Promise<void>

  /** Removes what was loaded and not swapped, and releases the lock. Never throws. */
  close(): Promise<void>
}

/** Somebody who is connected to a database that is to be replaced. */
export interface ConnectedSession {
  /** Of the session on the server; on SQLite of the process. Null if it is not known. */
  readonly pid: number | null
  readonly user: string | null
  /** `application_name`; on SQLite the command of the process. */
  readonly application: string | null
  /** Address of the client. */
  readonly client: string | null
  /** False if `disconnect` would not help. */
  readonly canBeEnded: boolean
}

/** `pid 4711 (app, user web, from 10.0.0.7)`. */
export function sessionText({ pid, user, application, client }: ConnectedSession): string {
  const details = [application, user === null ? null : `user ${user}`, client === null ? null : `from ${client}`]
  const known = details.filter((detail) => detail !== null).join(', ')
  const process_ = pid === null ? 'another process' : `pid ${String(pid)}`
  return known === '' ? process_ : `${process_} (${known})`
}

/** Something that a restore has left. */
export interface RestoreLeftover {
  /** `replaced`: what the database was before a restore · `unfinished`: a restore was killed */
  readonly kind: 'replaced' | 'unfinished'
  /** The path of a file, the name of a database. */
  readonly name: string
  /** Null if it is not known. */
  readonly bytes: number | null
}

/** Which tables to put back, and from where. */
export interface RestoreTablesOptions {
  /** The folder of the copy. */
  readonly folder: string
  readonly signal: AbortSignal | undefined
  readonly onProgress: (progress: RestoreProgress) => void
}

/** A table of a copy of tables. */
export interface TableToRestore extends CopiedTable {
  /** Exact rows that it has now; null if it does not exist. */
  readonly now: number | null
}
