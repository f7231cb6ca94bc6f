import type { DialectName } from '../dialect/registry'
import type { BrokenObject } from '../dialect/roles/introspection'
import type { Finding } from '../history/findings'
import type { BranchesResult } from './branches'
import type { NameJson, UnmanagedObject } from './create'
import type { OperationJson } from './schema'

/** A difference between the schema of the applied revisions and that of the database. */
export interface Drift extends OperationJson {
  /** `database`: only the database has the object; `revisions`: only the revisions create it; `both`: definitions differ. */
  readonly ahead: 'database' | 'revisions' | 'both'
  /** `head`, `entities`: the pending revisions or the entities define it as the database has it; null: neither does. */
  readonly matches: 'head' | 'entities' | null
  /** The applied revision that creates an object missing in the database. */
  readonly revision: string | null
  /** One line for display: `the database has index ix which no revision creates (unmanaged?)`. */
  readonly explanation: string
}

/** The differences between the live database and its applied revisions. */
export interface DatabaseDrift {
  readonly clean: boolean
  readonly operations: readonly Drift[]
  /** Number of revisions that are not applied. Their changes are not drift. */
  readonly pending: number
  /** Set if the whole schema of the database already equals that of the heads or the entities. */
  readonly matches: 'head' | 'entities' | null
  /**
   * Inconsistencies between the history and the files. All kinds but `late` make `clean` false; with `missing` ones there
   * is nothing to compare with, and `operations` is empty.
   */
  readonly findings: readonly Finding[]
  /** SQLite: views and triggers that do not compile, except ignored ones. They make `clean` false. */
  readonly broken: readonly BrokenObject[]
  /** The histories that other migration tools keep in the database. Their tables are not compared. Absent: none. */
  readonly tools?: readonly ToolTables[]
}

/** The tables in which a migration tool keeps its history. */
export interface ToolTables {
  /** Its name: `Alembic`. */
  readonly name: string
  /** With the schema where it is not the default one, sorted. */
  readonly tables: readonly string[]
}

/** Whether entities, revisions and, if requested, the database agree. */
export interface CheckResult {
  readonly clean: boolean
  /** The operations of a revision that `create` would write. */
  readonly operations: readonly OperationJson[]
  /** Unmanaged objects about which `create` would ask. They are not among the operations. */
  readonly unmanaged: readonly UnmanagedObject[]
  /**
   * Constraints and indexes that differ from the entities only in a name that TypeORM derives, because no entity gives
   * one. They are not among the operations, and not clean only with the option `names`.
   */
  readonly names: readonly NameJson[]
  /** Null without the option `database`. */
  readonly database: DatabaseDrift | null
  /** Ids of the heads; only with the option `heads`. More than one is not clean. */
  readonly heads?: readonly string[]
  /** Each pair of heads, if there are several. Branches that do not commute cannot be compared with the entities. */
  readonly branches: readonly BranchesResult[]
}

/** Whether the live database is as its applied revisions made it. */
export interface DriftResult {
  /** What this depends on, as `driftState` returns it. */
  readonly state: string
  /** Null if the schema of the applied revisions is not known, and was not replayed. */
  readonly database: DatabaseDrift | null
  /** What would have to be replayed to know it; null if it is known. */
  readonly missing: {
    /** The number of applied revisions. */
    readonly revisions: number
    /** False: a scratch database would be made on the server of the database. */
    readonly isApart: boolean
  } | null
}

/** The proofs of revisions: up, down, up, with sample rows. */
export interface VerifyResult {
  readonly revisions: readonly {
    readonly revision: string
    readonly dialect: DialectName
    readonly up: 'ok' | 'failed'
    /** `differs`: ran, but did not restore the schema or the rows; `irreversible`: throws an error of its own. */
    readonly down: 'ok' | 'differs' | 'failed' | 'irreversible'
    /** The error or the differences; empty if both are `ok`. */
    readonly message: string
    /**
     * The sample rows that existed before the up. `kept`: its down left those that it should; `lost`: it did not; `refused`: the
     * revision does not run with them, and was verified with empty tables; `none`: there were none, or it failed.
     */
    readonly rows: 'kept' | 'lost' | 'refused' | 'none'
    /** Whether an observer compared the schemas as well; absent without `observe`. */
    readonly observed?: boolean
  }[]
  /**
   * What the observer finds different between the revisions and the entities, in words, where the range ends with the last revision and
   * the project has entities; absent without `observe`.
   */
  readonly entities?: readonly { readonly dialect: DialectName; readonly differences: readonly string[] }[]
}
