import type { DialectName } from './dialect/registry'
import type { LockHolder } from './dialect/roles/locks'
import type { Finding, StoppedRun } from './history/findings'
import type { GraphFormat } from './revision/document/formats'
import type { Direction } from './revision/revision'

/**
 * What the methods of `Migrator` return. These are the JSON documents of the command line, key for key:
 * names are stable, keys are added and never changed.
 */

export interface DatabaseInfo {
  readonly dialect: DialectName
  /** File of a SQLite database, name of a PostgreSQL database; never credentials. */
  readonly name: string
  readonly version?: string
}

export interface CurrentResult {
  /** Applied heads: applied revisions that no other applied revision has as parent or dependency. */
  readonly current: readonly string[]
  readonly heads: readonly string[]
  /** How many revisions `upgrade heads` would run. */
  readonly pending: number
  readonly upToDate: boolean
  readonly database: DatabaseInfo
  /** Names in the history table that no revision file has: the database is ahead of these files. */
  readonly unknown: readonly string[]
  /** Squashes that this database has begun and cannot finish, because files are gone; absent where there is none. */
  readonly unfinished?: readonly { readonly revision: string; readonly missing: readonly string[] }[]
  /** What is wrong between the history and the files, and what mends it; absent unless it was asked for. */
  readonly findings?: readonly Finding[]
}

export interface RevisionInfo {
  readonly revision: string
  /** Parents. */
  readonly down: readonly string[]
  readonly dependsOn: readonly string[]
  readonly branchLabels: readonly string[]
  /** Ids of what it stands for; absent for what is no squash. */
  readonly replaces?: readonly string[]
  readonly message: string
  /** ISO 8601, from the timestamp in the class name. */
  readonly createdAt: string
  readonly path: string
  /** Class name, as TypeORM's history table has it. */
  readonly name: string
  /** Null: the database was not asked. */
  readonly applied: boolean | null
  readonly isHead: boolean
  readonly isCurrent: boolean
  readonly isBranchPoint: boolean
  readonly isMergePoint: boolean
}

export interface RevisionsResult {
  readonly revisions: readonly RevisionInfo[]
}

export interface HeadsResult {
  readonly heads: readonly RevisionInfo[]
}

/** What one revision of one of two branches has to do with a conflict. */
export interface ConflictSide {
  readonly revision: string
  readonly path: string
  /** In words: `add column users.born date`. */
  readonly operations: readonly string[]
}

/** Two branches that meet in one thing. */
export interface Conflict {
  /**
   * `same`: both touch it. `order`: what it is in the end depends on which branch is applied first. `fails`: the one
   * does not run behind the other.
   */
  readonly kind: 'same' | 'order' | 'fails'
  /** `column users.name`, `index ix_users_name`, `table users`; for `fails` what the database says. */
  readonly object: string
  readonly dialects: readonly DialectName[]
  /** The revisions of the first branch, and those of the second. */
  readonly sides: readonly [readonly ConflictSide[], readonly ConflictSide[]]
}

/** Whether two heads commute, and what both branches touch. */
export interface BranchesResult {
  readonly heads: readonly [string, string]
  /** The result does not depend on which is applied first. */
  readonly commute: boolean
  readonly conflicts: readonly Conflict[]
}

/** A branch that was put on top of another head. */
export interface RebaseResult {
  /** The head that it depends on now. */
  readonly onto: string
  /** In run order. */
  readonly moved: readonly {
    readonly revision: string
    readonly message: string
    /** Parents from now on. */
    readonly down: readonly string[]
    /** The file before. */
    readonly from: string
    readonly path: string
    /** Class name from now on. */
    readonly name: string
  }[]
  /** What both branches touch: the revisions that moved have the last word there. */
  readonly branches: readonly BranchesResult[]
  /** False with `dryRun`. */
  readonly written: boolean
}

/** A revision that stands for several. */
export interface SquashResult {
  /** Null with `dryRun`. */
  readonly created: { readonly revision: string; readonly path: string } | null
  /** What it replaces, in run order; the files are still there. */
  readonly replaces: readonly SquashedRevision[]
  /** Those of them whose statements it has as they were written, because they do more than change the schema. */
  readonly kept: readonly SquashedRevision[]
  readonly sql: CreateResult['sql']
}

export interface SquashedRevision {
  readonly revision: string
  readonly message: string
  readonly path: string
}

/** The graph of revisions as a document. */
export interface GraphResult {
  readonly format: GraphFormat
  readonly text: string
}

/** Files of revisions that somebody wants to edit. */
export interface EditResult {
  /** Absolute, each once. */
  readonly paths: readonly string[]
}

export interface RunResult {
  readonly direction: Direction
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly steps: readonly {
    readonly revision: string
    readonly message: string
    readonly direction: Direction
    readonly durationMs: number
  }[]
  readonly backup: { readonly path: string } | null
  /** The target of an upgrade as written, when what is applied has gone past it. */
  readonly older?: string
}

export interface PlanStep {
  readonly revision: string
  readonly message: string
  readonly direction: Direction
  readonly transactional: boolean
  /** Why a downgrade undoes what was not asked for by name or count: `depends on 77aa88bb99cc`. */
  readonly because?: string
  /** Its file was edited after it was applied: what is undone may not be what was done. */
  readonly edited?: true
  /** An earlier run has stopped in the middle of it: this one goes on behind what is done. */
  readonly stopped?: StoppedRun
  /** What its statements do, in words. */
  readonly does: readonly string[]
  /** What rows or values will be gone, in words. What is not known to be harmless is among them. */
  readonly destroys: readonly string[]
  /** Why it is not known what some of them do. */
  readonly unknown: readonly string[]
  /** What must be true of the rows, where the tool wrote the file. */
  readonly needs: readonly string[]
  /** `ACCESS EXCLUSIVE "workflows"` and so on. */
  readonly locks: readonly string[]
  /** Tables that are written anew as a whole. */
  readonly rewrites: readonly string[]
  /** Empty for a step whose statements are known only when it runs. */
  readonly sql: readonly string[]
}

export interface PlanResult {
  readonly direction: Direction
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly steps: readonly PlanStep[]
  /** The target of an upgrade as written, when what is applied has gone past it. */
  readonly older?: string
}

export interface SqlResult {
  readonly statements: readonly string[]
}

/** An operation as JSON: the contract's keys, and its own. */
export interface OperationJson {
  readonly op: string
  readonly table?: string
  readonly name?: string
  readonly destroys: boolean
  readonly dialects: readonly DialectName[]
  /** One line for people. */
  readonly description: string
  readonly [key: string]: unknown
}

/** What was asked, or said by a flag, about a rename or about values. */
export interface AnswerJson {
  readonly kind: 'rename' | 'noRename' | 'map' | 'backfill' | 'using' | 'keep' | 'drop'
  /** What the option of that name takes, to give the same answer again. */
  readonly flag: string
  /** For people. */
  readonly text: string
}

/** What must be true of the rows for a revision to run. It counts those in the way, and stops before it changes anything. */
export interface NeedJson {
  readonly kind: 'noRows' | 'noNulls' | 'fits' | 'values'
  /** `table.column` */
  readonly column: string
  /** For people. */
  readonly text: string
  /** An option of `create` with which nothing would be needed. */
  readonly flag: string
  /** Rows of the project's database that are in the way; null where they were not counted. */
  readonly rows: number | null
  readonly dialects: readonly DialectName[]
}

export interface CreateResult {
  /** Null when nothing changed, or with `sql: true`. */
  readonly created: { readonly revision: string; readonly path: string } | null
  /** What was written besides, on top of it: indexes that are built concurrently cannot be in a transaction with the rest. */
  readonly more?: readonly { readonly revision: string; readonly path: string }[]
  readonly operations: readonly OperationJson[]
  readonly destroys: readonly string[]
  /** Absent where nothing is needed, or nothing was answered. */
  readonly needs?: readonly NeedJson[]
  readonly answers?: readonly AnswerJson[]
  readonly sql: Readonly<
    Partial<Record<DialectName, { readonly up: readonly string[]; readonly down: readonly string[] }>>
  >
  /**
   * Unmanaged objects that are kept from now on: `added` are the new patterns, `path` the configuration file
   * they were written to; null when there is none that can be edited (the patterns are to be added by hand then).
   */
  readonly unmanaged: { readonly added: readonly string[]; readonly path: string | null }
}

/** An object that a revision created and no entity describes. */
export interface UnmanagedObject {
  /** `index:posts.ix_body`: what flags and the configuration call it. */
  readonly pattern: string
  /** What would happen to it: `drop index ix_body on posts (body)`. */
  readonly description: string
  /** The revision that made it, when one did. */
  readonly madeBy: { readonly revision: string; readonly message: string; readonly path: string } | null
  /** Rows and values that would be gone with it. */
  readonly destroys: readonly string[]
  /** Why it cannot be kept: something it needs is dropped. */
  readonly blockedBy: string | null
}

/** One difference between what the applied revisions make and what the database has, and which of them is ahead. */
export interface Drift extends OperationJson {
  /** `database`: it has what the revisions do not make; `revisions`: they make what it has not; `both`: each its own. */
  readonly ahead: 'database' | 'revisions' | 'both'
  /** The pending revisions, or the entities, have it as the database has it; null: nothing has. */
  readonly matches: 'head' | 'entities' | null
  /** The applied revision that makes what the database lacks. */
  readonly revision: string | null
  /** One line for people: `the database has index ix which no revision creates (unmanaged?)`. */
  readonly explanation: string
}

export interface DatabaseDrift {
  readonly clean: boolean
  readonly operations: readonly Drift[]
  /** Revisions that are not applied. What they make is no drift. */
  readonly pending: number
  /** The database as a whole has this shape already, although the history does not say so. */
  readonly matches: 'head' | 'entities' | null
  /**
   * What is wrong between the history and the files. All but `late` ones make it not clean; with `missing` ones there is
   * nothing to compare with, and `operations` is empty.
   */
  readonly findings: readonly Finding[]
}

export interface CheckResult {
  readonly clean: boolean
  readonly operations: readonly OperationJson[]
  /** Unmanaged objects that are not yet to be kept: `create` asks. Not among the operations. */
  readonly unmanaged: readonly UnmanagedObject[]
  /** Null unless the live database was asked about. */
  readonly database: DatabaseDrift | null
  /** Ids of the heads, where they were asked about. More than one is not clean. */
  readonly heads?: readonly string[]
  /** Each pair of heads, where there are several. Branches that do not commute cannot be compared with the entities. */
  readonly branches: readonly BranchesResult[]
}

export interface VerifyResult {
  readonly revisions: readonly {
    readonly revision: string
    readonly dialect: DialectName
    readonly up: 'ok' | 'failed'
    readonly down: 'ok' | 'differs' | 'failed' | 'irreversible'
    readonly message: string
  }[]
}

export interface StampResult {
  readonly from: readonly string[]
  readonly to: readonly string[]
}

/** One thing that a repair does to the history. */
export interface RepairChange {
  /**
   * `checksum` an edited file is accepted · `remove` a row goes · `restore` a row comes, and nothing is run · `order` a row
   * changes its place
   */
  readonly what: 'checksum' | 'remove' | 'restore' | 'order'
  /** Null for what no file has and the journal does not know. */
  readonly revision: string | null
  readonly name: string
  /** One line for people. */
  readonly text: string
  /** Of an edited file: what changed since it was applied, unified; null where the text of then is not to be had. */
  readonly diff?: string | null
  /** Where the text of then is from, or why it is not to be had. */
  readonly source?: string
  /** What it takes to get from what the applied files make now to what the database has, in words; empty: they are equal. */
  readonly database?: readonly string[]
  /** Why that is not known: the files do not run on an empty database. */
  readonly databaseError?: string
}

export interface RepairResult {
  readonly repaired: readonly Pick<RepairChange, 'what' | 'revision' | 'name'>[]
  /** What was done, or with `dryRun` would be. */
  readonly changes: readonly RepairChange[]
  /** What is still wrong. */
  readonly findings: readonly Finding[]
}

export interface UnlockResult {
  /** Who holds the lock, or held it until now; null: nobody. */
  readonly lock: LockHolder | null
  /** The lease was ended. */
  readonly removed: boolean
}

export interface DatabaseInfoResult {
  readonly database: DatabaseInfo
  readonly current: readonly string[]
  readonly upToDate: boolean
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly bytes: number | null }[]
}
