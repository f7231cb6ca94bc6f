import type { ErrorCode } from './codes'

/** A database that could not be used: its address on PostgreSQL, its file on SQLite. */
export interface UnusableDatabase {
  readonly host?: string
  readonly port?: number
  readonly user?: string
  /** Name of a PostgreSQL database, file of a SQLite database. */
  readonly database?: string
  /** On SQLite, the lock file next to the database. */
  readonly lockFile?: string
}

/** The statement at which a run failed. Every error that stops a step has these details, whatever its code. */
export interface FailedStep {
  readonly revision: string
  readonly message: string
  readonly path: string
  readonly direction: 'upgrade' | 'downgrade'
  /** Number of the statement, from 1. */
  readonly statement: number
  readonly sql: string
  /** The message of the database. */
  readonly database: string
  /** Number of statements of the step that were not rolled back. */
  readonly kept: number
  /** Revisions that the run completed before. */
  readonly done: readonly string[]
  /** The error of the rollback itself. */
  readonly rollbackError: string
  /** The backup of the run, if something of it stays in the database. */
  readonly backup: { readonly path: string; readonly id: string; readonly kind: 'database' | 'tables' }
  /** The id of the backup that was restored after the failure (`restoreOnFailure`). */
  readonly restored: string
  /** What the restore has replaced, under its new name; null if it was not kept. */
  readonly replaced: string | null
  /** Ids of the applied heads after the restore. */
  readonly current: readonly string[]
}

/** The holder of a lock; the fields are those of {@link LockHolder}. */
export interface HolderDetails {
  readonly kind: 'session' | 'lease'
  readonly owner: string | null
  readonly pid: number | null
  /** ISO 8601. */
  readonly since: string | null
  readonly ageMs: number | null
  readonly live: boolean
  readonly heartbeatAt?: string
  readonly expiresAt?: string
  readonly token?: string
  readonly session?: number
  readonly endWith?: string
}

/** A session on a database; the fields are those of {@link ConnectedSession}. */
export interface ConnectedDetails {
  readonly pid: number | null
  readonly user: string | null
  readonly application: string | null
  readonly client: string | null
  readonly canBeEnded: boolean
}

/** An inconsistency of one revision; the fields are those of {@link Finding}. */
export interface FindingDetails {
  readonly kind: string
  readonly revision: string | null
  readonly name: string
  readonly path: string | null
  readonly message: string
  readonly help: string
  readonly mend: readonly string[]
}

/** A possible rename without an answer. */
export interface RenameQuestionDetails {
  /** What is gone, as the flags name it: `users.name`. */
  readonly gone: string
  readonly candidates: readonly string[]
  readonly kind: 'table' | 'column' | 'value'
  /** The question in words. */
  readonly message: string
  /** The remaining values of an enum, for `--map`; only of a value. */
  readonly kept?: readonly string[]
}

/** An unmanaged object; the fields are those of {@link UnmanagedObject}. */
export interface UnmanagedObjectDetails {
  readonly pattern: string
  readonly description: string
  readonly madeBy: { readonly revision: string; readonly message: string; readonly path: string } | null
  readonly destroys: readonly string[]
  readonly blockedBy: string | null
}

/**
 * The type of `details`, by code. Optional fields are not known wherever the code is thrown. An error that stopped a step
 * of a run also has the fields of {@link FailedStep}.
 *
 * @example
 * if (isAludelError(error, 'ALUDEL_DISK_SPACE')) console.error(`${error.details.free} bytes free`)
 */
export interface ErrorDetails {
  ALUDEL_UNKNOWN_REVISION: {
    readonly revision: string
    readonly nearest?: readonly string[] | string
    readonly replacedBy?: string
    readonly branch?: string
  }
  ALUDEL_AMBIGUOUS_REVISION: { readonly revision: string; readonly candidates: readonly string[] }
  ALUDEL_MALFORMED_REVISION: { readonly revision?: string; readonly range?: string }
  ALUDEL_MULTIPLE_HEADS: { readonly revision?: string; readonly heads: readonly string[] }
  ALUDEL_RELATIVE_OUT_OF_RANGE: { readonly revision: string; readonly asked?: number; readonly available?: number }
  ALUDEL_NOT_A_TARGET: {
    readonly revision?: string
    readonly range?: string
    readonly from?: string | readonly string[]
    readonly to?: string | readonly string[]
    readonly target?: string
    readonly missing?: readonly string[]
    readonly current?: readonly string[]
    readonly others?: readonly string[]
  }
  ALUDEL_OVERLAPPING_REVISIONS: { readonly targets?: readonly string[]; readonly revisions?: readonly string[] }
  ALUDEL_NOT_A_HEAD: { readonly revision?: readonly string[] }
  ALUDEL_DUPLICATE_REVISION: {
    readonly revision: string
    readonly name?: string
    readonly path?: string
    readonly paths?: readonly string[]
    /** `path:line` of each. */
    readonly places?: readonly string[]
    readonly replacedBy?: readonly string[]
  }
  ALUDEL_DUPLICATE_LABEL: {
    readonly label: string
    readonly revisions: readonly string[]
    readonly paths: readonly string[]
  }
  ALUDEL_MISSING_PARENT: {
    readonly revision: string
    readonly path: string
    readonly line?: number
    readonly missing: string
  }
  ALUDEL_MISSING_DEPENDENCY: {
    readonly revision: string
    readonly path: string
    readonly line?: number
    readonly missing: string
  }
  ALUDEL_REVISION_CYCLE: {
    readonly revisions: readonly string[]
    readonly paths: readonly string[]
    readonly places: readonly string[]
  }
  ALUDEL_UNKNOWN_APPLIED: {
    /** Names in the history. */
    readonly unknown: readonly string[]
    readonly pending?: readonly string[]
    readonly current?: readonly string[]
    readonly heads?: readonly string[]
  }
  /** Revisions as they were expected, and the ids of the heads of the files. */
  ALUDEL_UNEXPECTED_HEAD: { readonly expected: readonly string[]; readonly heads: readonly string[] }
  ALUDEL_SQUASH_UNFINISHED: {
    readonly revision: string
    readonly applied: readonly string[]
    readonly missing: readonly string[]
  }
  ALUDEL_REVISION_DIRECTORY: { readonly directory?: string; readonly path?: string }
  /** `offset` in bytes, from 0; `line` from 1; `byte` absent for UTF-16. */
  ALUDEL_ENCODING: { readonly path: string; readonly offset: number; readonly line: number; readonly byte?: number }
  ALUDEL_REVISION_SYNTAX: { readonly path: string }
  ALUDEL_REVISION_INVALID: {
    readonly path: string
    readonly revision?: string
    readonly label?: string
    readonly line?: number
    readonly field?: string
    readonly name?: string
    /** Ids that an edit removed, and those in the file now. */
    readonly lost?: readonly string[]
    readonly now?: readonly string[]
  }
  ALUDEL_UNSETTLED: { readonly what: string }
  /** `exitCode`: what the code of the project passed to `process.exit`; absent when nothing kept the process alive. */
  ALUDEL_PROCESS_ENDED: { readonly atWork: readonly string[]; readonly path?: string; readonly exitCode?: number }
  ALUDEL_REVISION_LOAD: { readonly revision: string; readonly path: string }
  ALUDEL_REVISION_EXISTS: { readonly path: string }
  ALUDEL_TEMPLATE: {
    readonly path: string
    /** One phrase each. */
    readonly problems: readonly string[]
  }
  /** `test`: its title; `path` is absent where testRevision does not know its file. */
  ALUDEL_TEST_INVALID: { readonly path?: string; readonly test?: string }
  ALUDEL_TEST_LOAD: { readonly path: string }
  ALUDEL_TEST_ORPHAN: { readonly path: string; readonly nearest?: string }
  ALUDEL_UNKNOWN_TEST: { readonly only: string; readonly tests: readonly string[] }
  ALUDEL_USAGE: {
    readonly flag?: string
    readonly revision?: string
    readonly pattern?: unknown
    readonly kept?: readonly string[]
    readonly other?: string
    readonly new?: readonly string[]
    /** A table that does not exist, and names that are similar. */
    readonly table?: string
    readonly nearest?: readonly string[]
  }
  ALUDEL_NO_PROJECT: {
    /** The configuration file; null if there is none. */
    readonly config: string | null
    /** Files with a DataSource, relative to the working directory. */
    readonly dataSources: readonly string[]
  }
  /** `install`: the command line that installs it. */
  ALUDEL_PACKAGE: { readonly package: string; readonly install: string }
  ALUDEL_CONFIG: {
    readonly pattern?: unknown
    readonly path?: string
    /** Wrong or unknown keys: `revisions[1]`, `shadow.postgres`. */
    readonly keys?: readonly string[]
  }
  /** `since`: a branch, a tag or a commit; `reason`: the words of git. */
  ALUDEL_GIT: { readonly since: string; readonly reason: string }
  ALUDEL_DATA_SOURCE: { readonly exports?: readonly string[] }
  ALUDEL_DATABASE_URL: {
    readonly scheme?: string
    readonly reason?: string
    /** The parameter of the URL, or the environment variable that replaces it. */
    readonly parameter?: string
    /** The file of a certificate or key. */
    readonly file?: string
  }
  ALUDEL_DIALECT: { readonly type: string } | { readonly dialect: string }
  ALUDEL_ENTITIES: {
    /** The file that does not load, or that declares the property. */
    readonly path?: string
    /** The line of the property, from 1. */
    readonly line?: number
    readonly patterns?: readonly string[]
    readonly databases?: readonly string[]
    readonly dialect?: string
    readonly entity?: string
    readonly entities?: readonly string[]
    readonly table?: string
    readonly property?: string
    readonly constraint?: string
    readonly statement?: string
  }
  ALUDEL_DRIVER: {
    /** The npm package. */
    readonly driver: string
    /** `unbuilt`: it is installed, but its native part is missing or does not fit this Node. */
    readonly problem: 'missing' | 'unbuilt'
    /** The command line that mends it. */
    readonly mend: string
  }
  ALUDEL_CONNECT: UnusableDatabase & {
    readonly revisions?: readonly string[]
    readonly reconnect?: string
    /** The size of the DataSource's pool, all of whose connections are in use. */
    readonly poolSize?: number
  }
  ALUDEL_AUTHENTICATION: UnusableDatabase
  ALUDEL_DATABASE_MISSING: UnusableDatabase
  ALUDEL_PERMISSION: UnusableDatabase & {
    readonly role?: string
    /** Statements that grant the missing rights. */
    readonly grants?: readonly string[]
  }
  ALUDEL_READ_ONLY: UnusableDatabase & { readonly role?: string; readonly replica?: boolean; readonly place?: string }
  ALUDEL_NOT_A_DATABASE: UnusableDatabase
  ALUDEL_STATEMENT: Partial<FailedStep>
  ALUDEL_STATEMENT_HALFWAY: Partial<FailedStep> & {
    /** The history that runs, where the entry with this id in the journal may be that of another one. */
    readonly history?: string
    readonly entry?: number
  }
  ALUDEL_TABLE_LOCKED: {
    readonly contention?: string
    readonly tries?: number
    readonly index?: string
    readonly blockers: readonly {
      readonly pid: number
      readonly user?: string | null
      readonly application?: string | null
      readonly state?: string | null
      readonly since?: string | null
      readonly query?: string | null
      readonly holds?: string
    }[]
  }
  ALUDEL_FOREIGN_KEYS: {
    /** At most 100. */
    readonly violations?: readonly {
      readonly table: string
      readonly rowid: number | null
      readonly references: string
    }[]
  }
  ALUDEL_BROKEN_OBJECT: {
    readonly dialect?: string
    readonly direction?: string
    readonly objects?: readonly {
      readonly kind: string
      readonly name: string
      readonly table?: string
      readonly error: string
    }[]
  }
  ALUDEL_ROW_COUNT: { readonly table: string; readonly before: number; readonly after: number }
  ALUDEL_BATCHED: {
    readonly table?: string
    readonly key?: readonly string[]
    readonly option?: string
    readonly passes?: number
    readonly where?: string
    readonly rows?: number
    readonly batches?: number
    readonly name?: string
  }
  ALUDEL_LEFTOVER: { readonly table: string; readonly of: string }
  ALUDEL_LIVE_ONLY: { readonly object: string; readonly database: string }
  ALUDEL_LOCKED: Partial<HolderDetails> & UnusableDatabase & { readonly waitedMs?: number }
  ALUDEL_LOCK_LOST: Readonly<Record<never, never>>
  ALUDEL_POOLER: { readonly evidence: string; readonly mode: 'transaction' | 'statement' }
  ALUDEL_SEARCH_PATH: { readonly searchPath: string; readonly history?: string | null; readonly target?: string }
  ALUDEL_SERVER_VERSION: { readonly version: string }
  /** Bytes. */
  ALUDEL_DISK_SPACE: { readonly folder: string; readonly free: number; readonly needed: number }
  ALUDEL_SHADOW: { readonly shadow?: string }
  ALUDEL_REPLAY: {
    readonly revision: string
    readonly path: string
    readonly direction: 'upgrade' | 'downgrade'
    readonly dialect: string
    readonly statement?: string
  }
  ALUDEL_PROOF: {
    readonly dialect?: string
    readonly direction?: string
    readonly statement?: string
    readonly lost?: readonly string[]
    readonly differences?: readonly string[]
    readonly schema?: readonly string[]
    readonly rows?: readonly string[]
    readonly revision?: string
    readonly path?: string
    readonly operations?: readonly string[]
    /** Objects in the database that no operation creates. */
    readonly unread?: readonly { readonly kind: string; readonly name: string }[]
  }
  ALUDEL_BACKUP: {
    readonly directory?: string
    /** A file of a backup that is wrong. */
    readonly path?: string
    /** Bytes, when there is too little free space. */
    readonly free?: number
    readonly needed?: number
  }
  /** Major versions. */
  ALUDEL_BACKUP_TOOLS: { readonly pgDump?: number; readonly server?: number }
  ALUDEL_UNKNOWN_BACKUP: { readonly backup: string; readonly candidates: readonly string[] }
  ALUDEL_RESTORE: {
    /** The file of the backup. */
    readonly path?: string
    /** Roles that the server does not have. */
    readonly roles?: readonly string[]
    /** Tables that differ from those of the backup. */
    readonly tables?: readonly string[]
  }
  ALUDEL_OPERATION: Readonly<Record<never, never>>
  ALUDEL_RENAME_QUESTION: {
    readonly questions: readonly RenameQuestionDetails[]
  }
  ALUDEL_UNMANAGED_QUESTION: { readonly unmanaged: readonly UnmanagedObjectDetails[] }
  /** `unmanaged`: patterns of the objects; empty for one that no pattern can name, such as a rule. */
  ALUDEL_KEEP: Partial<FailedStep> & {
    readonly revision: string
    /** What cannot be kept, in the words of the plan. */
    readonly losses: readonly string[]
  }
  ALUDEL_GIVE_BACK: Partial<FailedStep> & {
    readonly revision: string
    readonly table: string
    readonly column: string | null
    /** How many rows are in the way. */
    readonly rows: number
  }
  ALUDEL_CANNOT_KEEP: {
    readonly dialect: string
    readonly unmanaged: readonly string[]
    readonly direction?: string
    readonly statement?: string
  }
  ALUDEL_CONFIRMATION: {
    readonly kept?: readonly { readonly id: number; readonly revision: string; readonly table: string }[]
    readonly destroys?: readonly string[]
    readonly conditions?: readonly string[]
    readonly needs?: readonly unknown[]
    readonly steps?: readonly string[]
    /** An {@link AdoptConversion}. */
    readonly conversion?: object
    readonly agreed?: readonly string[]
    readonly now?: readonly string[]
    readonly lock?: HolderDetails
    readonly backups?: readonly string[]
    readonly changes?: readonly { readonly what: string; readonly revision: string | null; readonly text: string }[]
  }
  /** `expected` and `now`: fingerprints of plans; `steps`: ids of the revisions that would run now. */
  ALUDEL_PLAN_CHANGED: { readonly expected: string; readonly now: string; readonly steps: readonly string[] }
  ALUDEL_CONNECTED: {
    /** Name of a PostgreSQL database, file of a SQLite database. */
    readonly database: string
    /** Who is connected; the fields are those of {@link ConnectedSession}. */
    readonly sessions: readonly ConnectedDetails[]
  }
  ALUDEL_LOCK_LIVE: { readonly lock: HolderDetails }
  ALUDEL_DATA_LOSS: {
    readonly table: string
    readonly columns?: readonly string[]
    readonly missing?: readonly string[]
  }
  ALUDEL_BRANCH_CONFLICT: {
    readonly branches: readonly {
      readonly heads: readonly [string, string]
      readonly commute: boolean
      readonly conflicts: readonly { readonly kind: string; readonly object: string }[]
    }[]
  }
  ALUDEL_REVISION_APPLIED: { readonly applied: readonly string[] }
  ALUDEL_SQUASH: { readonly revisions: readonly string[]; readonly paths: readonly string[] }
  ALUDEL_REVISION_EDITED: {
    readonly revisions: readonly (string | null)[]
    readonly findings: readonly FindingDetails[]
  }
  ALUDEL_OUT_OF_ORDER: {
    readonly revision?: string
    readonly lacks?: readonly string[]
    readonly revisions?: readonly (string | null)[]
    readonly findings?: readonly FindingDetails[]
  }
  ALUDEL_CONVERSION: {
    readonly dialect?: string
    readonly direction?: string
    readonly statement?: string
  }
  /** The fields of {@link AdoptObstacle}. */
  ALUDEL_ADOPT_CONVERSION: {
    readonly nearest: string
    readonly obstacles: readonly {
      readonly kind: string
      readonly object: string
      readonly text: string
      readonly rows: number | null
      readonly examples: readonly string[]
      readonly ways: readonly string[]
    }[]
  }
  ALUDEL_STAMP_MISMATCH: {
    readonly revisions: readonly string[]
    /** The operations from the schema of the revisions to the database. */
    readonly differences: readonly string[]
  }
  ALUDEL_SCHEMA_MISMATCH: {
    /** The operations from the schema of the nearest revision to the database. */
    readonly differences: readonly string[]
    readonly heads: readonly string[]
    /** The revision that was compared; absent if there are no revisions. */
    readonly nearest?: string
  }
  ALUDEL_NO_HISTORY: {
    readonly revision: string
    /** Existing tables that it would create. */
    readonly tables: readonly string[]
  }
  /** `current`: the applied heads. `halfway`: revisions in the middle of which a run stopped. */
  ALUDEL_HISTORY_EXISTS: { readonly current: readonly string[]; readonly halfway: readonly string[] }
  ALUDEL_NOT_AT_HEAD: {
    readonly current: readonly string[]
    readonly heads: readonly string[]
    readonly pending?: number
    readonly upToDate?: boolean
    readonly unknown?: readonly string[]
  }
  /** The fields are those of {@link WaitStatus}. */
  ALUDEL_WAIT_TIMEOUT: {
    readonly reason: 'server' | 'database' | 'access' | 'busy' | 'revisions' | 'halfway'
    readonly waitedMs: number
    /** Ids of the heads of the files. */
    readonly heads: readonly string[]
    /** Ids; absent if the history could not be read. */
    readonly current?: readonly string[]
    readonly pending?: readonly string[]
    /** Names. */
    readonly unknown?: readonly string[]
  }
  ALUDEL_NOTHING_TO_DO: { readonly revision?: string; readonly onto?: string }
  ALUDEL_TRANSACTION_MODE: { readonly revisions?: readonly string[] }
  ALUDEL_OFFLINE: Readonly<Record<never, never>>
  ALUDEL_REVIEWS: { readonly pending?: number }
  ALUDEL_WEB_ADDRESS: { readonly host: string; readonly port: number }
  /** `path`: the file that is missing. */
  ALUDEL_WEB_PAGE: { readonly path: string }
  ALUDEL_EDITOR: { readonly paths?: readonly string[] }
  ALUDEL_INTERRUPTED: Partial<FailedStep> & {
    /** Only of `reviews import`. */
    readonly aborted?: { readonly file: string; readonly path: string; readonly reason: string }
  }
  ALUDEL_INTERNAL: { readonly sql?: string }
}

/** The type of `details` for a code; an untyped record if the code is not known. */
export type DetailsOf<Code extends ErrorCode> = ErrorCode extends Code
  ? Readonly<Record<string, unknown>>
  : Readonly<ErrorDetails[Code]>
