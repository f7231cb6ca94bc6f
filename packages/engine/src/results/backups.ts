import type { ConnectedSession, RestoreLeftover } from '../dialect/roles/restore'
import type { DatabaseInfo } from './database'

/** A backup that was made and verified. */
export interface BackupResult {
  /** `20261130T041500Z-9f3c`: the time in UTC, and four random hex digits. */
  readonly id: string
  /** The file, or the folder of a copy of tables. */
  readonly path: string
  readonly bytes: number
  /** ISO 8601. */
  readonly createdAt: string
  /** Ids of the applied heads in it. */
  readonly revision: readonly string[]
  /** `database`: all of it · `tables`: only those that a run was about to destroy or rewrite, as there was no `pg_dump`. */
  readonly kind: 'database' | 'tables'
  readonly reason: 'requested' | 'before-upgrade' | 'before-downgrade' | 'before-restore'
  readonly database: DatabaseInfo
  /** With the number of rows, partitions one by one. */
  readonly tables: readonly { readonly schema?: string; readonly name: string; readonly rows: number }[]
  /** What wrote it: `pg_dump 18.1`, `SQLite 3.53.2`. */
  readonly program: string
  /** The version of Aludel. */
  readonly toolVersion: string
}

/** The backups in a directory. */
export interface BackupsResult {
  readonly directory: string
  /** Newest first. */
  readonly backups: readonly ListedBackup[]
  /** What restores of the database have left beside it; absent if nothing, or if it cannot be reached. */
  readonly leftovers?: readonly RestoreLeftover[]
}

/**
 * A backup, or what looks like one. `unfinished`: its process was killed · `old`: made by a version without manifests, so that its
 * revision and its rows are not known · `unreadable`: its manifest is damaged, or of a later version
 */
export type ListedBackup =
  | (BackupResult & { readonly state: 'complete' })
  | {
      readonly state: 'unfinished' | 'old' | 'unreadable'
      readonly id: string
      readonly path: string
      readonly bytes: number
      readonly createdAt: string
      /** Empty: it is not known. */
      readonly revision: readonly string[]
      /** Why it is unreadable. */
      readonly problem?: string
    }

/** Whether a backup can be trusted. */
export interface BackupCheckResult {
  readonly id: string
  readonly path: string
  readonly ok: boolean
  /** What was compared with the manifest, and whether the content was read completely. */
  readonly checked: readonly ('size' | 'checksum' | 'content' | 'rows')[]
  /** Why the content was not read: there is no driver or `pg_restore` here. Absent if it was. */
  readonly unchecked?: string
  /** What is wrong, for display; empty if it is `ok`. */
  readonly problems: readonly string[]
}

/** A backup that was removed. */
export interface RemovedBackup {
  readonly id: string
  readonly path: string
  readonly bytes: number
  readonly createdAt: string
}

/** What `backup prune` removed, or would with `dryRun`. */
export interface BackupPruneResult {
  readonly directory: string
  /** Oldest first. */
  readonly removed: readonly RemovedBackup[]
  /** Backups that are in the directory afterwards, of all databases. */
  readonly remaining: number
  readonly dryRun: boolean
}

/** A table that a restore replaces. */
export interface RestoredTable {
  /** As displayed: `users`, `audit.events`. */
  readonly name: string
  /** Exact rows now; null if there is no such table, or the database cannot be read. */
  readonly now: number | null
  /** Exact rows in the backup; null if it does not have the table, or that is not known. */
  readonly backup: number | null
}

/** What a restore would replace. */
export interface RestorePlan {
  readonly backup: {
    /** Null for a file that is not in the directory of backups. */
    readonly id: string | null
    readonly path: string
    readonly kind: 'database' | 'tables'
    /** ISO 8601. This and the following are null for a file without a manifest. */
    readonly createdAt: string | null
    /** Ids of the applied heads in it. */
    readonly revision: readonly string[] | null
    /** The database of which it was made. */
    readonly database: string | null
  }
  readonly database: DatabaseInfo
  /** False if there is no database yet. */
  readonly exists: boolean
  /** Under which name the replaced database, or file, is kept; null if it is not, and for tables. */
  readonly kept: string | null
  /** In the order of names. */
  readonly tables: readonly RestoredTable[]
  /** Who will be disconnected. */
  readonly disconnected: readonly ConnectedSession[]
}

/** A backup that was restored. */
export interface RestoreResult {
  /** The id of the backup; the path of a file that is not in the directory of backups. */
  readonly restored: string
  /** Ids of the applied heads afterwards. */
  readonly revision: readonly string[]
  /** The file of the backup, or the folder of a copy of tables. */
  readonly path: string
  readonly kind: 'database' | 'tables'
  readonly database: DatabaseInfo
  /** The name of the database or file that was replaced; of tables, the backup with their replaced rows. Null if nothing is kept. */
  readonly kept: string | null
  /** What interrupted restores had left, and was removed. */
  readonly removed: readonly string[]
}

/** What was dropped of former restores, or would be with `dryRun`. */
export interface DropReplacedResult {
  readonly dropped: readonly RestoreLeftover[]
  readonly dryRun: boolean
}
