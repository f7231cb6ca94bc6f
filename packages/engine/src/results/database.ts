import type { DialectName } from '../dialect/registry'
import type { TableEstimate } from '../dialect/roles/introspection'
import type { LockHolder } from '../dialect/roles/locks'
import type { RestoreLeftover } from '../dialect/roles/restore'
import type { Finding } from '../history/findings'
import type { KeptSummary } from './kept'

/** The database of a project. */
export interface DatabaseInfo {
  readonly dialect: DialectName
  /** File of a SQLite database, name of a PostgreSQL database; never credentials. */
  readonly name: string
  /** Version of the server or library. */
  readonly version?: string
}

/** The applied revisions, compared with the revision files. */
export interface CurrentResult {
  /** Applied heads: applied revisions that no other applied revision has as parent or dependency. */
  readonly current: readonly string[]
  /** Ids of the heads among the files. */
  readonly heads: readonly string[]
  /** Number of revisions that `upgrade heads` would run. */
  readonly pending: number
  /** True if nothing is pending and no run stopped half-way. */
  readonly upToDate: boolean
  readonly database: DatabaseInfo
  /** Names in the history table without a revision file: the database is ahead of these files. */
  readonly unknown: readonly string[]
  /** Tables of a database without a history, of `synchronize`, by hand or of another tool; absent if none. */
  readonly tables?: readonly string[]
  /** Squashes of which only some replaced revisions are applied, and the files of others are missing; absent if none. */
  readonly unfinished?: readonly { readonly revision: string; readonly missing: readonly string[] }[]
  /** Revisions in the middle of which a run stopped; absent if none. */
  readonly halfway?: readonly Finding[]
  /** Inconsistencies between the history and the files, half-way revisions among them; only with `verbose`. */
  readonly findings?: readonly Finding[]
  /** What upgrades have kept in the database; only with `verbose`, and absent if nothing is kept. */
  readonly kept?: KeptSummary
}

/** A database that has everything that was waited for. */
export interface WaitResult {
  /** Ids of the applied heads, as far as the files know them. */
  readonly current: readonly string[]
  /** Ids of the heads among the files. */
  readonly heads: readonly string[]
  /** Names in the history table without a revision file: a newer release has migrated the database. */
  readonly unknown: readonly string[]
  /** Milliseconds. */
  readonly waitedMs: number
  readonly database: DatabaseInfo
}

/** The lock that `unlock` found. */
export interface UnlockResult {
  /** The holder of the lock, before it was removed; null: it was free. */
  readonly lock: LockHolder | null
  /** True if the lease was removed. */
  readonly removed: boolean
}

/** The database, its applied heads, and its tables. */
export interface DatabaseInfoResult {
  readonly database: DatabaseInfo
  /** Ids of the applied heads. */
  readonly current: readonly string[]
  /** True if nothing is pending and no run stopped half-way. */
  readonly upToDate: boolean
  /** Revisions in the middle of which a run stopped; absent if none. */
  readonly halfway?: readonly Finding[]
  /** What restores of the database have left beside it; absent if nothing. */
  readonly leftovers?: readonly RestoreLeftover[]
  /** `bytes` is null if the database does not report sizes. */
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly bytes: number | null }[]
  /** What upgrades have kept; absent if nothing is kept. These tables are not among `tables`. */
  readonly kept?: KeptSummary
}

/** {@link DatabaseInfoResult} with tables that were not counted, and without those in which the history is kept. */
export interface DatabaseEstimateResult extends Omit<DatabaseInfoResult, 'tables'> {
  /** The rows that the database expects; null where it does not know. */
  readonly tables: readonly TableEstimate[]
}
