import type { DialectName } from './dialect/registry'
import type { BrokenObject, TableEstimate, UnreadObject } from './dialect/roles/introspection'
import type { KeptKind } from './dialect/roles/keeping'
import type { LockHolder } from './dialect/roles/locks'
import type { Blocks } from './dialect/roles/scale'
import type { ConnectedSession, RestoreLeftover } from './dialect/roles/restore'
import type { Finding, StoppedRun } from './history/findings'
import type { Severity } from './lint/finding'
import type { Reported } from './lint/report'
import type { Category } from './lint/rule'
import type { GraphFormat } from './revision/document/formats'
import type { Direction } from './revision/revision'
import type { SchemaObjects } from './schema/document'

/*
 * What the methods of `Migrator` return. These are the JSON documents of the command line, key for key:
 * keys are added, never renamed or removed.
 */

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

/** One revision. */
export interface RevisionInfo {
  readonly revision: string
  /** Parents. */
  readonly down: readonly string[]
  readonly dependsOn: readonly string[]
  readonly branchLabels: readonly string[]
  /** Ids of the revisions that a squash replaces; absent for other revisions. */
  readonly replaces?: readonly string[]
  readonly message: string
  /** ISO 8601, from the timestamp in the class name. */
  readonly createdAt: string
  readonly path: string
  /** Class name, as stored in TypeORM's history table. */
  readonly name: string
  /** Null if the database was not asked. */
  readonly applied: boolean | null
  /** The direction of a run that began with it and did not finish; absent if there is none, or the database was not asked. */
  readonly halfway?: Direction
  readonly isHead: boolean
  readonly isCurrent: boolean
  readonly isBranchPoint: boolean
  readonly isMergePoint: boolean
  /** What its upgrade does on the database of the project, in words; only with `details`. */
  readonly does?: readonly string[]
  /** ISO 8601; only with `details`, of an applied revision whose run the journal contains. */
  readonly appliedAt?: string
  /** `user@host`; the same. */
  readonly appliedBy?: string
}

/** A list of revisions, newest first. */
export interface RevisionsResult {
  readonly revisions: readonly RevisionInfo[]
}

/** The revisions that are not a parent of another one. */
export interface HeadsResult {
  readonly heads: readonly RevisionInfo[]
}

/** A revision that takes part in a conflict of two branches. */
export interface ConflictSide {
  readonly revision: string
  readonly path: string
  /** In words: `add column users.born date`. */
  readonly operations: readonly string[]
}

/** A conflict of two branches over one object. */
export interface Conflict {
  /**
   * `same`: both branches touch the object. `order`: its final definition depends on which branch is applied first.
   * `fails`: one branch does not run after the other.
   */
  readonly kind: 'same' | 'order' | 'fails'
  /** `column users.name`, `index ix_users_name`, `table users`; for `fails` the error message. */
  readonly object: string
  readonly dialects: readonly DialectName[]
  /** The revisions of the first branch, and those of the second. */
  readonly sides: readonly [readonly ConflictSide[], readonly ConflictSide[]]
}

/** Whether two branches commute, and their conflicts. */
export interface BranchesResult {
  /** Ids of the two heads. */
  readonly heads: readonly [string, string]
  /** True if the resulting schema does not depend on which branch is applied first. */
  readonly commute: boolean
  readonly conflicts: readonly Conflict[]
  /**
   * Ids of revisions of these branches that write rows, or may. Only schemas are compared, so what these rows become may depend
   * on the order. Absent if there are none.
   */
  readonly writesRows?: readonly string[]
}

/** A branch that was moved on top of another head. */
export interface RebaseResult {
  /** Id of that head. */
  readonly onto: string
  /** In run order. */
  readonly moved: readonly {
    readonly revision: string
    readonly message: string
    /** New parents. */
    readonly down: readonly string[]
    /** Old path of the file. */
    readonly from: string
    /** New path of the file. */
    readonly path: string
    /** New class name. */
    readonly name: string
  }[]
  /** Conflicts of the two branches: the moved revisions run last there. */
  readonly branches: readonly BranchesResult[]
  /** False with `dryRun`. */
  readonly written: boolean
}

/** A revision that replaces several others. */
export interface SquashResult {
  /** Null with `dryRun`. */
  readonly created: { readonly revision: string; readonly path: string } | null
  /** The replaced revisions, in run order; their files still exist. */
  readonly replaces: readonly SquashedRevision[]
  /** Those whose statements are copied unchanged, because they do more than change the schema. */
  readonly kept: readonly SquashedRevision[]
  /** The statements of the squash, by dialect. */
  readonly sql: CreateResult['sql']
}

/** A revision that a squash replaces. */
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

/** Files of revisions to edit. */
export interface EditResult {
  /** Absolute, without duplicates. */
  readonly paths: readonly string[]
}

/** An upgrade or a downgrade that ran. */
export interface RunResult {
  readonly direction: Direction
  /** Applied heads before the run. */
  readonly from: readonly string[]
  /** Applied heads after the run. */
  readonly to: readonly string[]
  /** The revisions that ran, in this order. */
  readonly steps: readonly {
    readonly revision: string
    readonly message: string
    readonly direction: Direction
    readonly durationMs: number
  }[]
  /** The backup made before the run; null if none was made. */
  readonly backup: { readonly path: string; readonly id: string; readonly kind: 'database' | 'tables' } | null
  /** What the upgrade has kept in the database; absent if nothing. */
  readonly kept?: readonly KeptThing[]
  /** What the downgrade has given back; absent if nothing. */
  readonly givenBack?: readonly KeptThing[]
  /** The target of an upgrade, as written, if a later revision is already applied. */
  readonly older?: string
  /** Revisions in the middle of which an earlier run stopped, and that this one did not resume; absent if none. */
  readonly halfway?: readonly Finding[]
}

/** Something that an upgrade has kept, or a downgrade has given back. */
export interface KeptThing {
  readonly revision: string
  /**
   * `table`: all rows of a table · `column`: all values of a column · `values`: values of a column that were converted ·
   * `sequence`, `type`: an object of PostgreSQL
   */
  readonly kind: KeptKind
  /** `schema.name` outside the default schema. */
  readonly table: string
  readonly column: string | null
  /** Rows, or values. */
  readonly rows: number
}

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

/** One revision that a plan would run or undo. */
export interface PlanStep {
  readonly revision: string
  readonly message: string
  readonly direction: Direction
  /** False for a revision that runs outside a transaction. */
  readonly transactional: boolean
  /** Why a downgrade undoes a revision that the target does not name: `depends on 77aa88bb99cc`. */
  readonly because?: string
  /** The file was edited after it was applied: the downgrade may not undo what the upgrade did. */
  readonly edited?: true
  /** An earlier run stopped within this revision; this run resumes after the completed statements. */
  readonly stopped?: StoppedRun
  /** The effects of its statements, in words. */
  readonly does: readonly string[]
  /** Rows or values that would be lost, in words. Includes everything that is not known to be harmless. */
  readonly destroys: readonly string[]
  /** For an upgrade that keeps what it drops: whether each of `destroys` is kept, and if not, why. Absent for other runs. */
  readonly keeps?: readonly { readonly text: string; readonly kept: boolean; readonly reason?: string }[]
  /** What the downgrade gives back; absent if nothing is kept. */
  readonly givesBack?: readonly GivenBack[]
  /** Why the effects of some statements are unknown. */
  readonly unknown: readonly string[]
  /** Conditions that the rows must satisfy, if the tool wrote the file. */
  readonly needs: readonly string[]
  /** For example `ACCESS EXCLUSIVE "workflows"`. */
  readonly locks: readonly string[]
  /** Tables that are rewritten completely. */
  readonly rewrites: readonly string[]
  /** Empty for a step whose statements are known only when it runs. */
  readonly sql: readonly string[]
  /** What its statements did on a shadow database; absent without `trace`, and where nothing can be measured. */
  readonly measured?: readonly TracedStatementResult[]
  /** Why it stopped on the shadow database before all of its statements were measured; absent if it did not. */
  readonly unmeasured?: string
  /** How long it would keep others waiting; absent without `trace`, and where that cannot be told. */
  readonly stalls?: readonly Stall[]
  /** Why that cannot be told; absent if it can, and where `unmeasured` says why. */
  readonly stallsUnknown?: string
}

/** How long a step keeps others waiting on the live database. It is foretold, from measurements with fewer rows. */
export interface Stall {
  /** Null: the whole database, on SQLite. */
  readonly table: string | null
  /**
   * `writes`: whoever writes the table · `reads and writes`: whoever uses it · `changed rows`: whoever writes a row that the step has
   * changed
   */
  readonly blocks: Blocks
  /** Milliseconds, without the wait for the lock itself. */
  readonly ms: number
  /** The number of the statement that takes the lock, from 1. */
  readonly first: number
  /** The number of the statement after which it is released; in a transaction the last one, and its end counts as well. */
  readonly last: number
  /** The revision at whose end it is released, if all steps run in one transaction and another one is the last. */
  readonly until?: string
}

/** Something that a downgrade would give back. */
export interface GivenBack extends KeptThing {
  /** Rows that were inserted since it was dropped; null if that does not matter, or is not known yet. */
  readonly since: number | null
  /** What these rows get: `NULL`, `the default 0`; null if nothing, or if there are none. */
  readonly gets: string | null
  /** Why it cannot be given back, so that the downgrade would be refused; absent if it can. */
  readonly obstacle?: string
}

/** Something that is kept in the database. */
export interface KeptInfo extends KeptThing {
  readonly id: number
  /** The message of the revision; null if it has no file. */
  readonly message: string | null
  /** The table or the column of the database in which it is. */
  readonly place: string
  /** ISO 8601, UTC. */
  readonly keptAt: string
  /** When it is past its time, by the configuration; null: never. */
  readonly expiresAt: string | null
  readonly expired: boolean
  /** False if the revision is no longer applied: another tool has undone it, and nothing gives this back. */
  readonly applied: boolean
}

/** What `--keep-dropped` has set aside in a database, in numbers. */
export interface KeptSummary {
  readonly entries: number
  /** Rows and values. */
  readonly rows: number
  /** Entries that are past their time. */
  readonly expired: number
}

/** Everything that is kept, oldest first. */
export interface KeptResult {
  readonly kept: readonly KeptInfo[]
}

/** What a prune has removed. */
export interface PruneKeptResult {
  readonly pruned: readonly KeptInfo[]
  /** The number of entries that are still kept. */
  readonly left: number
}

/** The steps that an upgrade or a downgrade would take. */
export interface PlanResult {
  readonly direction: Direction
  /** Applied heads before the run. */
  readonly from: readonly string[]
  /** Applied heads after the run. */
  readonly to: readonly string[]
  readonly steps: readonly PlanStep[]
  /** The target of an upgrade, as written, if a later revision is already applied. */
  readonly older?: string
  /** Revisions in the middle of which a run stopped, and that this one would not resume; absent if none. */
  readonly halfway?: readonly Finding[]
}

/** A plan with what is shown before it is confirmed. */
export interface SizedPlanResult extends PlanResult {
  readonly steps: readonly SizedPlanStep[]
  /** True if rows or values are lost for good, or it is not known that none are. What is kept or only rewritten is not lost. */
  readonly needsConfirmation: boolean
  /** What would be backed up before the run; null if nothing. */
  readonly backup: PlannedBackup | null
  /**
   * Identifies the plan: its direction, its revisions, and the texts of their files. The option `expect` of a run refuses any
   * other plan.
   */
  readonly fingerprint: string
}

/** A step of a {@link SizedPlanResult}. */
export interface SizedPlanStep extends PlanStep {
  /** The existing tables that its statements name, in the order of the database. Empty if the statements are not known. */
  readonly tables: readonly TableEstimate[]
}

/** A backup that a run would make first. */
export interface PlannedBackup {
  /** `tables`: only those that lose something or are rewritten, as there is no `pg_dump` */
  readonly kind: 'database' | 'tables'
  /** The size that it will probably have. */
  readonly bytes: number
}

/** Everything that is known of one revision without running it. */
export interface RevisionDetails extends RevisionInfo {
  /** Path from the directory of the project, with `/`. */
  readonly file: string
  /** Text of its file; empty if it cannot be read any more. */
  readonly source: string
  readonly language: 'ts' | 'js'
  /** False for a revision that runs outside a transaction. */
  readonly transactional: boolean
  /** The effects of its upgrade on the database of the project, as in {@link PlanStep}. */
  readonly does: readonly string[]
  readonly destroys: readonly string[]
  readonly unknown: readonly string[]
  readonly needs: readonly string[]
  readonly locks: readonly string[]
  readonly rewrites: readonly string[]
  /**
   * Its statements, by dialect. A dialect is absent if they are known only when the revision runs; if that is so in one direction,
   * its list is empty.
   */
  readonly sql: Readonly<
    Partial<Record<DialectName, { readonly up: readonly string[]; readonly down: readonly string[] }>>
  >
  /** Why statements are known only when the revision runs: `line 12 calls queryRunner.createTable`. Absent if all are known. */
  readonly unread?: readonly {
    readonly dialect: DialectName
    readonly direction: Direction
    readonly reason: string
  }[]
  /** Its newest runs in the journal, at most 100, newest first. */
  readonly runs: readonly JournalRun[]
  /** What is wrong between the history and its file. */
  readonly findings: readonly Finding[]
}

/** One entry of the journal: a revision that a run applied or undid, or that a stamp recorded. */
export interface JournalRun {
  /** Its id at that time. */
  readonly revision: string
  /** Class name. */
  readonly name: string
  /** Null if it has no file. */
  readonly message: string | null
  readonly direction: Direction | 'stamp'
  /** `running`: it is at work, or its process was killed meanwhile */
  readonly outcome: 'done' | 'failed' | 'running'
  /** Number of completed statements. Those of a revision that is not transactional stay after a failure. */
  readonly statement: number
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** ISO 8601, UTC. Of a run at work, when it was last active. */
  readonly finishedAt: string
  readonly durationMs: number
  /** `user@host` */
  readonly actor: string
  /** The version of Aludel. */
  readonly toolVersion: string
  readonly error: string | null
}

/** A page of the journal. */
export interface JournalResult {
  /** Newest first. */
  readonly runs: readonly JournalRun[]
  /** The option `before` of the next page; null at the end. */
  readonly next: string | null
}

/** The schema of a database, or of a revision. */
export interface SchemaDocument extends SchemaObjects {
  /** `live`, the id of a revision, or `base`. Of several heads their ids, with commas between them. */
  readonly at: string
  readonly dialect: DialectName
}

/** What would lead from one schema to another. */
export interface SchemaDifference {
  /** As in {@link SchemaDocument}. */
  readonly from: string
  readonly to: string
  /** In an order in which they apply. */
  readonly operations: readonly OperationJson[]
}

/** The revisions that made and changed a table or a column. */
export interface Story {
  readonly table: string
  /** Null: the whole table. */
  readonly column: string | null
  /** Oldest first; empty if no revision is about it. */
  readonly events: readonly StoryEvent[]
}

/** A revision in a {@link Story}. */
export interface StoryEvent {
  readonly revision: string
  readonly message: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly applied: boolean
  /** In words, in run order: `add column orders.total numeric(10,2)`. Names are those of that time. */
  readonly operations: readonly string[]
  /** Its name before this revision, if it has renamed it: of the table, or of the column. */
  readonly renamedFrom?: string
}

/** A script for `psql` or `sqlite3`. */
export interface SqlResult {
  readonly statements: readonly string[]
}

/** An operation as JSON: the keys listed here, and those of its kind. */
export interface OperationJson {
  /** Its kind, for example `addColumn`. */
  readonly op: string
  readonly table?: string
  readonly name?: string
  /** True if it loses rows or values. */
  readonly destroys: boolean
  readonly dialects: readonly DialectName[]
  /** One line for display. */
  readonly description: string
  readonly [key: string]: unknown
}

/** An answer about a rename, values or an unmanaged object, given by a flag or to a question. */
export interface AnswerJson {
  readonly kind: 'rename' | 'noRename' | 'map' | 'backfill' | 'using' | 'keep' | 'drop'
  /** The value of the option of that name, to give the same answer again. */
  readonly flag: string
  /** For display. */
  readonly text: string
}

/**
 * A condition that the rows must satisfy for a revision to run. The revision counts the violating rows, and stops before
 * it changes anything.
 */
export interface NeedJson {
  readonly kind: 'noRows' | 'noNulls' | 'fits' | 'values' | 'zone'
  /** `table.column` */
  readonly column: string
  /** For display. */
  readonly text: string
  /** An option of `create` that removes the condition. */
  readonly flag: string
  /** Violating rows in the project's database; null if they were not counted. */
  readonly rows: number | null
  readonly dialects: readonly DialectName[]
}

/** A revision written from the entities. */
export interface CreateResult {
  /** Null if nothing changed, and with `sql: true`. */
  readonly created: { readonly revision: string; readonly path: string } | null
  /** The path of its test; only with `test: true`. */
  readonly test?: string
  /** Further revisions on top of it: indexes that are built concurrently cannot share its transaction. */
  readonly more?: readonly { readonly revision: string; readonly path: string }[]
  readonly operations: readonly OperationJson[]
  /** Rows or values that the upgrade loses, in words. */
  readonly destroys: readonly string[]
  /** Absent if the rows need not satisfy any condition. */
  readonly needs?: readonly NeedJson[]
  /** Absent if there were no questions and no flags. */
  readonly answers?: readonly AnswerJson[]
  /** The statements, by dialect. */
  readonly sql: Readonly<
    Partial<Record<DialectName, { readonly up: readonly string[]; readonly down: readonly string[] }>>
  >
  /**
   * Unmanaged objects that are kept from now on: `added` are the new patterns, `path` the configuration file
   * they were written to; null if no file can be edited, and the user must add the patterns.
   */
  readonly unmanaged: { readonly added: readonly string[]; readonly path: string | null }
  /** Constraints and indexes that keep a name that TypeORM would derive differently. Absent if there are none. */
  readonly names?: readonly NameJson[]
  /** What `lint` finds in the statements; absent if nothing. */
  readonly findings?: readonly CreateFinding[]
}

/** A finding in a revision that `create` writes. */
export interface CreateFinding extends Reported<DialectName> {
  // An alias would have no name of its own in the schemas of the HTTP API.
  readonly dialects: readonly DialectName[]
}

/** What `create` would write, or the questions that must be answered first. */
export type CreatePreview =
  /** The entities do not differ from the revisions. */
  | { readonly state: 'same' }
  | {
      readonly state: 'questions'
      /** The open ones. Their answers may raise others: call again with them. */
      readonly questions: readonly CreateQuestion[]
      /** Given so far. */
      readonly answers: readonly AnswerJson[]
    }
  | {
      readonly state: 'ready'
      /** As of `create`; nothing is created. */
      readonly result: CreateResult
      readonly file: PreviewedFile
      /** Further files, as {@link CreateResult.more}; absent if there are none. */
      readonly more?: readonly PreviewedFile[]
    }

/** A file as it would be written. Its id and the time in its name are those of this preview. */
export interface PreviewedFile {
  readonly revision: string
  /** Absolute. */
  readonly path: string
  readonly source: string
  readonly language: 'ts' | 'js'
}

/** A question of `create`. Each answer is a value of an option of {@link Migrator.previewCreate}. */
export interface CreateQuestion {
  readonly kind: 'rename' | 'unmanaged' | 'backfill' | 'names'
  /** One line: `column users.name is gone, and full_name is new: was it renamed?` */
  readonly text: string
  /** A few more words; absent if there are none. */
  readonly detail?: string
  /** The object that the question is about. */
  readonly unmanaged?: UnmanagedObject
  /** The names that the question is about. */
  readonly names?: readonly NameJson[]
  readonly options: readonly CreateAnswer[]
}

/** An answer to a {@link CreateQuestion}: `answer` or `typed` is present. */
export interface CreateAnswer {
  readonly label: string
  /** To be added to the list of this option; `names` is no list, but that value. */
  readonly answer?: { readonly list: CreateAnswerList; readonly value: string }
  /** To be typed by the user, and added after the prefix. */
  readonly typed?: { readonly list: CreateAnswerList; readonly prefix: string; readonly placeholder: string }
  /** True if rows or values are lost by it. */
  readonly destroys?: boolean
}

/** The options of {@link Migrator.previewCreate} that answer questions; `create` has them too, without `accept`. */
export type CreateAnswerList = AnswerJson['kind'] | 'names' | 'accept'

/** A constraint or an index that is as the entity declares it, except for a name that no entity gives. */
export interface NameJson {
  readonly table: string
  readonly kind: 'primaryKey' | 'unique' | 'check' | 'exclusion' | 'foreignKey' | 'index'
  /** The name that it has after the revisions. Null for a constraint without one, on SQLite. */
  readonly database: string | null
  /** The name that TypeORM derives from the entity. */
  readonly entity: string
  readonly dialects: readonly DialectName[]
}

/** An object that a revision created and no entity describes. */
export interface UnmanagedObject {
  /** Its name in flags and in the configuration, for example `index:posts.ix_body`. */
  readonly pattern: string
  /** The operation that would remove it: `drop index ix_body on posts (body)`. */
  readonly description: string
  /** The revision that created it, if known. */
  readonly madeBy: { readonly revision: string; readonly message: string; readonly path: string } | null
  /** Rows and values that would be lost with it. */
  readonly destroys: readonly string[]
  /** The dropped object that it depends on, because of which it cannot be kept; null if it can be kept. */
  readonly blockedBy: string | null
}

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

/**
 * What rows have shown. `row`: any row · `null`: a NULL · `duplicate`: the same values twice · `orphan`: a reference to no row · `self`: a
 * row that references itself · `check`: a value that a new check refuses · `value`: a value at the edge of its type, or that a new type
 * refuses · `lost`: rows are gone without a word · `changed`: values are
 */
export type HostileKind = 'row' | 'null' | 'duplicate' | 'orphan' | 'self' | 'check' | 'value' | 'lost' | 'changed'

/** A revision that fails, or loses values, with rows that its database allows. */
export interface HostileFinding {
  readonly revision: string
  /** The file, relative to the project. */
  readonly path: string
  /** Line of the statement, from 1; null if it is not written in the file itself. */
  readonly line: number | null
  readonly dialect: DialectName
  readonly kind: HostileKind
  /**
   * `error`: the upgrade fails, or loses rows · `warning`: the downgrade fails, values change, or hardly any table has such rows · `info`:
   * the revision refuses them itself
   */
  readonly severity: Severity
  readonly direction: Direction
  /** `schema.name` outside the default schema. */
  readonly table: string
  /** The columns that it is about; empty for whole rows. */
  readonly columns: readonly string[]
  /** The fewest rows of the table with which it happens, beside ordinary ones: SQL values by column. */
  readonly rows: readonly Readonly<Record<string, string>>[]
  /** The statement that failed; null if none did. */
  readonly statement: string | null
  /** The database's own words; null if nothing failed. */
  readonly error: string | null
  readonly message: string
  /** What to do. */
  readonly help: string
}

/** What hostile rows have found. */
export interface HostileResult {
  /** In the order of the revisions; of one, errors first. */
  readonly findings: readonly HostileFinding[]
  /** The number of revisions that ran with them. */
  readonly revisions: number
  /** The number of sets of rows. */
  readonly trials: number
  /** Revisions that were not tried, or not with everything, and why. */
  readonly untried: readonly { readonly revision: string; readonly dialect: DialectName; readonly reason: string }[]
  /** The number of findings that comments in the files ignore, or that tests expect. */
  readonly ignored: number
}

/** What the tests beside revisions have found. */
export interface TestResult {
  /** In the order of the revisions; of one, in the order of its file; of one test, in that of the dialects. */
  readonly tests: readonly RevisionTestResult[]
  /** The number of revisions that were asked for, with and without tests. */
  readonly revisions: number
  /** Those without tests, with the files that would be their tests, relative as `path` of a test. */
  readonly untested: readonly { readonly revision: string; readonly path: string }[]
  /** What hostile rows have found; absent without them. */
  readonly hostile?: HostileResult
}

/** A test that was written beside a revision. */
export interface WrittenTest {
  readonly revision: string
  /** Absolute. */
  readonly path: string
  /** Where it passes: on all databases of the project, if the sample rows suit all of them. */
  readonly dialects: readonly DialectName[]
}

/** One test of a revision on one database. */
export interface RevisionTestResult {
  readonly revision: string
  /** What the revision does. */
  readonly message: string
  readonly dialect: DialectName
  readonly title: string
  /** The test file, relative to the root of the project where it is below. */
  readonly path: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly durationMs: number
  /** Why it was skipped. */
  readonly reason?: string
  readonly failure?: RevisionTestFailure
}

/** Where a test of a revision failed, and why. */
export interface RevisionTestFailure {
  /** `replay`: a revision below does not run; `before`, `after`, `back`: in the test itself. */
  readonly phase: 'replay' | 'before' | 'upgrade' | 'after' | 'downgrade' | 'back'
  /** The error or the difference; may have several lines. */
  readonly message: string
  /** The line and the column in the test file, from 1; null if the error is not from there. */
  readonly line: number | null
  readonly column: number | null
  /** The statement that the database refused; null for any other failure. */
  readonly statement: string | null
}

/** What the rules of `lint` have found. */
export interface LintResult {
  /** In the order of the revisions; of one revision, the upgrade before the downgrade. */
  readonly findings: readonly LintFinding[]
  /** The number of revisions that were read. */
  readonly revisions: number
  /** The number of findings that comments in the files ignore. */
  readonly ignored: number
  /** What was measured; absent without `trace`. */
  readonly traces?: readonly LintTrace[]
}

/**
 * A statement that was measured on a shadow database: what it did to tables that existed before it. Null for one that cannot run in
 * a transaction, in which alone it can be measured.
 */
export interface TracedStatementResult {
  readonly sql: string
  /** New locks of all levels: `ACCESS EXCLUSIVE orders`. */
  readonly locks: readonly string[] | null
  readonly rewrites: readonly string[] | null
  /** Indexes that were built anew. */
  readonly rebuilds: readonly string[] | null
  /** Tables that were read from beginning to end. */
  readonly scans: readonly string[] | null
  /**
   * Milliseconds that it would take on the live database, foretold from measurements with fewer rows; absent if the database was not
   * asked, and where that cannot be told.
   */
  readonly takesMs?: number
}

/** A revision in one direction, as it ran on a shadow database with sample rows. */
export interface LintTrace {
  readonly revision: string
  readonly direction: Direction
  readonly dialect: DialectName
  readonly statements: readonly TracedStatementResult[]
  /** Why it did not run to its end. */
  readonly error?: string
  /** How long it would keep others waiting; absent without `database`, of what is applied, and where that cannot be told. */
  readonly stalls?: readonly Stall[]
  /** Why that cannot be told of a pending revision; absent if it can. */
  readonly stallsUnknown?: string
}

/** A finding of `lint`. */
export interface LintFinding extends Reported<DialectName> {
  readonly revision: string
  /** The file, relative to the project. */
  readonly path: string
  /** From 1; null if the statement is not written in the file itself. */
  readonly line: number | null
  /** Size of the table in the database, if that was asked. */
  readonly rows?: number
  readonly bytes?: number
  /** How long its statement would keep others from the table; absent without `database` and `trace`, and where that cannot be told. */
  readonly stall?: Stall
}

/** A rule of `lint`, as documentation lists it. */
export interface LintRuleInfo {
  readonly id: string
  readonly rule: string
  readonly category: Category
  /** That of the settings. */
  readonly severity: Severity | 'off'
  readonly dialects: readonly DialectName[]
  readonly about: string
}

/** Applied heads before and after a stamp. */
export interface StampResult {
  readonly from: readonly string[]
  readonly to: readonly string[]
}

/** A tool that has kept a history in a database. */
export interface AdoptedTool {
  /** `Alembic`, `Flyway`, `TypeORM` … */
  readonly name: string
  /** The table of its history, with the schema where it is not the default one. */
  readonly table: string
  /** What it applied last, as it names it; null if that is not known. */
  readonly last: string | null
}

/** A difference between the schema of a revision and that of a database that others made. */
export interface AdoptDifference extends OperationJson {
  /** As {@link Drift.ahead}. */
  readonly ahead: 'database' | 'revisions' | 'both'
  /** One line for display: `the database lacks column users.age integer`. */
  readonly explanation: string
}

/** A database that others made, as it was found, and what was done to take it over. */
export interface AdoptResult {
  /** Whose it is; null: nobody has kept a history. */
  readonly tool: AdoptedTool | null
  /** Further tools that have kept one. */
  readonly others: readonly AdoptedTool[]
  /** The tables of these tools. They stay, and are not compared. */
  readonly tables: readonly string[]
  /**
   * Patterns of `ignore` that match them: `table:alembic_version`. A configuration needs none of these, since the tables are recognized.
   */
  readonly ignore: readonly string[]
  /** The newest revision whose schema the database has, or has after `renames`; null: none. */
  readonly matches: string | null
  /** The revision with the fewest differences; null if there are no revisions. */
  readonly nearest: string | null
  /** Applied heads that were recorded. */
  readonly stamped: readonly string[]
  /**
   * Revisions that were recorded although the database cannot show whether they ever ran: they change rows, or nothing. The newest
   * first.
   */
  readonly unproved: readonly string[]
  /** Names that were removed from TypeORM's history, because no file has them. */
  readonly forgotten: readonly string[]
  /** The first revision, which was written from the database; null if there were revisions. */
  readonly created: { readonly revision: string; readonly path: string } | null
  /** Constraints and indexes that got the name of the revisions. */
  readonly renames: readonly OperationJson[]
  /** The statements of `renames`. */
  readonly sql: readonly string[]
  /** What `lint` finds in these statements; absent if nothing. */
  readonly findings?: readonly CreateFinding[]
  /**
   * What the first revision does not create, because no operation does: composite types, aggregates, inheritance … The database keeps
   * it; one that is made from the revisions lacks it. Absent: nothing.
   */
  readonly unread?: readonly UnreadObject[]
  /** The backup that was made before them, or before the conversion. */
  readonly backup: RunResult['backup']
  /** From the schema of `nearest` to that of the database; empty if the database was taken over. */
  readonly differences: readonly AdoptDifference[]
  /** How the database was converted, or would be; absent if it was not, or would not be. */
  readonly conversion?: AdoptConversion
  /** With `convert: 'offer'`: why the database cannot be converted; absent if it can, or was not to be. */
  readonly obstacles?: readonly AdoptObstacle[]
}

/** A conversion of a database to the schema of a revision, which keeps all rows and values. */
export interface AdoptConversion {
  /** From the database to the revision. */
  readonly operations: readonly OperationJson[]
  readonly sql: readonly string[]
  /** Tables whose rows it changes or copies. */
  readonly tables: readonly { readonly table: string; readonly rows: number }[]
  /** Values of enums that get another spelling. */
  readonly values: readonly AdoptedValue[]
  /** Values of other columns that are computed. */
  readonly computed: readonly {
    /** `table.column` */
    readonly column: string
    readonly using: string
    /** Why: `the times are UTC`. */
    readonly reason: string
    readonly rows: number
  }[]
  /** What replaces NULL in columns that become NOT NULL. */
  readonly fills: readonly { readonly column: string; readonly value: string; readonly rows: number }[]
  /** `ACCESS EXCLUSIVE users`. Empty on SQLite, which locks the file. */
  readonly locks: readonly string[]
  /** Tables that are rebuilt or rewritten. */
  readonly rewrites: readonly string[]
  /** What `lint` finds in the statements; absent if nothing. */
  readonly findings?: readonly CreateFinding[]
}

/** A value of an enum that gets another spelling. */
export interface AdoptedValue {
  /** `table.column` */
  readonly column: string
  readonly from: string
  readonly to: string
  readonly rows: number
}

/** Why a database cannot be converted without a loss, and what to do about it. */
export interface AdoptObstacle {
  /**
   * `object`: only the database has it · `values`: values that the enum does not have · `nulls`: NULL without a default · `type`:
   * values that do not fit the new type · `unreadable`: values that no entity could read · `rule`: rows that violate a constraint
   */
  readonly kind: 'object' | 'values' | 'nulls' | 'type' | 'unreadable' | 'rule'
  /** `table.column`, or the name of the object. */
  readonly object: string
  /** One line for display. */
  readonly text: string
  /** How many rows; null where it is not about rows. */
  readonly rows: number | null
  /** Values with their number of rows, or the first keys. */
  readonly examples: readonly string[]
  /** What to do, each a line: an option, or a change of the configuration. */
  readonly ways: readonly string[]
}

/** One change that a repair makes to the history. */
export interface RepairChange {
  /**
   * `checksum`: an edited file is accepted · `remove`: a row is deleted · `restore`: a row is inserted without running the
   * revision · `order`: a row is moved
   */
  readonly what: 'checksum' | 'remove' | 'restore' | 'order'
  /** Null if neither a file nor the journal has an id for the name. */
  readonly revision: string | null
  readonly name: string
  /** One line for display. */
  readonly text: string
  /** For an edited file: a unified diff of the changes since it was applied; null if the applied text was not found. */
  readonly diff?: string | null
  /** Where the applied text was found, or why it was not. */
  readonly source?: string
  /** For an edited file: operations from the schema of the applied files to that of the database; empty if equal. */
  readonly database?: readonly string[]
  /** Why `database` is unknown: the files do not run on an empty database. */
  readonly databaseError?: string
}

/** The changes of a repair, and the remaining findings. */
export interface RepairResult {
  /** The changes that were written. */
  readonly repaired: readonly Pick<RepairChange, 'what' | 'revision' | 'name'>[]
  /** The changes that were written or, with `dryRun`, would be. */
  readonly changes: readonly RepairChange[]
  /** The findings after the repair. */
  readonly findings: readonly Finding[]
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
