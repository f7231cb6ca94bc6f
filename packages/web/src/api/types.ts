import type {
  BackupCheckResult,
  BackupPruneResult,
  BackupResult,
  BackupsResult,
  CheckResult,
  ColumnDocument,
  CreateFinding,
  CreatePreview,
  CreateQuestion,
  CurrentResult,
  DatabaseDrift,
  DatabaseInfoResult,
  Direction,
  ErrorCode,
  Finding,
  JournalResult,
  JournalRun,
  KeptResult,
  LintFinding,
  LintResult,
  PruneKeptResult,
  RestoreLeftover,
  RestorePlan,
  RevisionDetails,
  RunResult,
  SchemaDifference,
  SchemaDocument,
  SizedPlanResult,
  Stall,
  Story,
  TableDocument,
  TableEstimate,
  TracedStatementResult,
} from '@aludel/engine'

/*
 * The bodies and queries of the HTTP API under `/api/v1`. What a command of the command line prints with `--json` has the same keys
 * here (CONTRACT.md): these types extend the results of `Migrator`. Keys are added, never renamed or removed.
 *
 * All times are ISO 8601 in UTC, all durations milliseconds, all sizes bytes.
 *
 * `npm run api` makes the JSON schemas in `schemas.json` from these types: the server checks requests with them, tests check answers,
 * and `/api/v1/openapi.json` contains them, with the comments. Tags such as `@maxLength` become keywords of the schema.
 */

/** Query of routes that take none. */
export type NoQuery = Readonly<Record<never, never>>

/** Id in a path: of a revision, a run, a backup or a review. */
export interface IdParams {
  /**
   * @minLength 1
   * @maxLength 200
   */
  readonly id: string
}

/** The body of every answer whose status is not 2xx: as on the command line. */
export interface ApiError {
  readonly error: {
    readonly code: ErrorCode | ApiErrorCode
    readonly message: string
    readonly help?: string
    readonly details?: Readonly<Record<string, unknown>>
  }
}

/** Codes that only the API has. */
export type ApiErrorCode =
  /** 401: no session, or an expired one. The page asks for the token. */
  | 'ALUDEL_WEB_SESSION'
  /** 403: a foreign Origin or Host, no CSRF token, or a server that was started with `--read-only` or without `--allow-create`. */
  | 'ALUDEL_WEB_FORBIDDEN'
  /** 404 */
  | 'ALUDEL_WEB_NOT_FOUND'
  /** 409: a run is at work. `details.run` is its id. */
  | 'ALUDEL_WEB_BUSY'
  /** 429: too many wrong tokens; `details.retryAfterMs` */
  | 'ALUDEL_WEB_RATE'
  /** 400: the body or the query is not what the schema says; `help` names the key. */
  | 'ALUDEL_WEB_INPUT'
  /** 504: the database has not answered for two minutes. */
  | 'ALUDEL_WEB_TIMEOUT'

/** `POST /session` → 204 and the cookie. */
export interface Login {
  /** @maxLength 1000 */
  readonly token: string
}

/** `GET /session` → this, or 401. `DELETE /session` → 204. */
export interface Session {
  /** To be sent as header `x-aludel-csrf` with every request that is not GET. */
  readonly csrf: string
  readonly readOnly: boolean
  /** Revisions may be written from the page. */
  readonly allowCreate: boolean
  /** Version of Aludel. */
  readonly version: string
  /** Reviews can be browsed: `@aludel/services` is installed, and the project is the shipped entities. */
  readonly reviews: boolean
  /** Null if it cannot be reached; `GET /status` tells why. */
  readonly database: DatabaseInfoResult['database'] | null
  /** What is typed to confirm a loss: the name of the database, of a SQLite file without its folder. */
  readonly typedName: string | null
  /** `user via web@host`, as the journal records runs from here. */
  readonly actor: string
}

/** `GET /status`: everything of the overview that is known without a shadow database. */
export interface Status extends Omit<CurrentResult, 'tables'> {
  readonly findings: readonly Finding[]
  /** Newest first, at most 10. */
  readonly lastRuns: readonly JournalRun[]
  /** The run at work in this server; null if there is none. */
  readonly running: Run | null
  /** What restores have left beside the database; empty if nothing. */
  readonly leftovers: readonly RestoreLeftover[]
  /** Who holds the migration lock; null: it is free. */
  readonly lockedBy: string | null
  /** Rows are not counted, except those of small tables; null where the database has no idea. */
  readonly tables: readonly TableEstimate[]
  /** Tables of a database without a history, of `synchronize`, by hand or of another tool; absent if none. */
  readonly unrecordedTables?: readonly string[]
  /** The newest backup of this database, verified when it was made; null: there is none; absent if the directory cannot be read. */
  readonly lastBackup?: BackupResult | null
  /** Changes with the schema of the database, its history and the files, and when somebody has checked for drift: then `GET /drift` has news. */
  readonly driftState: string
  /** When this was read: what a run is changing is not read meanwhile. */
  readonly readAt: string
}

/**
 * `GET /drift`: whether the database is as its applied revisions made it, if that can be told without making anything on its server, or
 * if somebody has checked since it last changed.
 */
export interface KnownDrift {
  /** Null: it was not checked as it is now; `reason` tells why. */
  readonly database: DatabaseDrift | null
  /** How many operations the entities differ in from the revisions; null: they were not compared. */
  readonly entities: number | null
  /** Null if it was not checked. */
  readonly checkedAt: string | null
  /**
   * Why it is not checked without being asked. `server`: that would make a scratch database on the server of this database · `many`: it
   * would replay many revisions · `read-only`: it would replay revisions, which this server does only when asked · `run`: a run is at
   * work. Null if it was checked.
   */
  readonly reason: 'server' | 'many' | 'read-only' | 'run' | null
  /** How many revisions `POST /drift` would replay at least; 0: none. */
  readonly replays: number
}

/** `POST /drift` (it replays revisions on a shadow database: seconds). The same as `migrate check --database`. */
export type DriftReport = CheckResult
export type { DatabaseDrift }

/** `GET /revisions`: all of them, newest first, with their lanes; `?indicateCurrent` is always on. */
export interface Revisions {
  readonly revisions: readonly RevisionRow[]
  /** The greatest number of lanes side by side. */
  readonly lanes: number
}

/** One row of the picture of the history. Optional keys are absent where they are empty, since there may be 10,000 rows. */
export interface RevisionRow {
  readonly revision: string
  readonly down?: readonly string[]
  readonly dependsOn?: readonly string[]
  readonly branchLabels?: readonly string[]
  readonly replaces?: readonly string[]
  readonly message: string
  readonly createdAt: string
  readonly applied: boolean
  readonly halfway?: Direction
  readonly isHead?: true
  readonly isCurrent?: true
  /** The column of its dot, from 0. */
  readonly lane: number
  /** Lines from this row to the row below it: `[from lane, to lane, kind]`; `p` parent, `d` dependency. */
  readonly edges?: readonly (readonly [number, number, 'p' | 'd'])[]
}

/** `GET /revisions/:id`: of an id, or another REV that names one revision. */
export type RevisionDocument = RevisionDetails
export type { RevisionDetails }

/** Query of `GET /journal`. */
export interface JournalQuery {
  /**
   * `next` of the page before.
   *
   * @maxLength 200
   */
  readonly before?: string
  /**
   * Default is 50.
   *
   * @asType integer
   * @minimum 1
   * @maximum 200
   */
  readonly limit?: number
  /**
   * Id of a revision.
   *
   * @maxLength 200
   */
  readonly revision?: string
  readonly outcome?: 'done' | 'failed' | 'running'
  /**
   * In the names and messages of revisions, in actors and in errors.
   *
   * @maxLength 200
   */
  readonly search?: string
}

/** `GET /journal`: newest first. */
export type Journal = JournalResult
export type { JournalRun }

/** Query of `GET /plan`. */
export interface PlanQuery {
  readonly direction: Direction
  /**
   * A REV. Default is `head` for an upgrade, `-1` for a downgrade.
   *
   * @minLength 1
   * @maxLength 200
   */
  readonly target?: string
  /** Default: as configured. */
  readonly keepDropped?: boolean
  /** Default: as configured. */
  readonly backup?: 'auto' | 'always' | 'never'
  /** Default is `each`. With `all`, a revision that cannot take part in one transaction is refused. */
  readonly transaction?: 'each' | 'all'
  /**
   * Measure what each statement locks, rewrites and reads, and foretell how long it would block others: this runs the revisions on
   * scratch databases with sample rows. It needs the right to write revisions (`--allow-create`), and the header `x-aludel-csrf`. On
   * SQLite there are only times. Default is false.
   */
  readonly trace?: boolean
}

/**
 * `GET /plan?direction=upgrade&target=head&keepDropped=true`: the same as `--plan`, with sizes and what would be backed up. If it needs
 * confirmation, the name of the database must be typed. `fingerprint` is sent with the run, which is refused (409,
 * `ALUDEL_PLAN_CHANGED`) if it would run something else.
 */
export type Plan = SizedPlanResult
export type { Stall, TracedStatementResult }

/** Query of `GET /lint`: a range, or a plan. Default: all revisions. */
export interface LintQuery {
  /**
   * `A:B`, or a REV.
   *
   * @minLength 1
   * @maxLength 400
   */
  readonly range?: string
  /** That of a plan whose revisions are read, instead of a range. */
  readonly direction?: Direction
  /**
   * That of the plan: a REV. Default is that of `GET /plan`.
   *
   * @minLength 1
   * @maxLength 200
   */
  readonly target?: string
}

/**
 * `GET /lint?range=REV` or `GET /lint?direction=upgrade&target=head`: the same as `migrate lint --database`, up and down. Runs no code of
 * a revision.
 */
export type Lint = LintResult
export type { CreateFinding, LintFinding }

/** Of the catalog, without counting. */
export type TableSize = TableEstimate

/** `POST /runs` → 202 and {@link Run} */
export interface RunRequest {
  readonly direction: Direction
  /**
   * A REV.
   *
   * @minLength 1
   * @maxLength 200
   */
  readonly target: string
  /**
   * Of the plan that was shown.
   *
   * @maxLength 200
   */
  readonly fingerprint: string
  /**
   * The name of the database, typed; needed if the plan needs confirmation.
   *
   * @maxLength 4096
   */
  readonly confirm?: string
  readonly backup?: 'auto' | 'always' | 'never'
  readonly keepDropped?: boolean
  readonly transaction?: 'each' | 'all'
}

/**
 * Something that this server does in the background, one at a time: `GET /runs/:id`, `GET /runs` (`{ runs }`, newest first, those
 * since the server started), `POST /runs/:id/cancel` → 202. Backups, their verification and restores are runs too.
 */
export interface Run {
  readonly id: string
  readonly kind: 'upgrade' | 'downgrade' | 'backup' | 'verify-backup' | 'restore'
  /** For display: `upgrade to head`. */
  readonly title: string
  readonly state: 'running' | 'canceling' | 'done' | 'failed' | 'canceled'
  readonly actor: string
  readonly startedAt: string
  readonly finishedAt: string | null
  /** The revisions of the plan, in order, with how far each is; empty for other kinds. */
  readonly steps: readonly RunStep[]
  /** Number of the last event, to follow from there. */
  readonly lastEvent: number
  /** Of a run that is `done`. */
  readonly result: RunResult | BackupsResult['backups'][number] | BackupCheckResult | RestoredBackup | null
  /** Of a run that is `failed`. */
  readonly error: ApiError['error'] | null
  /** How to go on after a failure; absent if there is nothing to resume. */
  readonly resume?: { readonly direction: Direction; readonly target: string }
}

/** `GET /runs` */
export interface Runs {
  /** Newest first. */
  readonly runs: readonly Run[]
}

export interface RestoredBackup {
  readonly restored: string
  readonly revision: readonly string[]
  /** The replaced database or file, which is kept. */
  readonly kept: string | null
}

export interface RunStep {
  readonly revision: string
  readonly message: string
  readonly state: 'pending' | 'running' | 'done' | 'failed'
  readonly durationMs: number | null
}

/** Query of `GET /runs/:id/events`. */
export interface EventsQuery {
  /**
   * Number of the last event that is known; 0 for all.
   *
   * @asType integer
   * @minimum 0
   */
  readonly after?: number
}

/**
 * `GET /runs/:id/events`: server-sent events; each has an `id` (1, 2, …), an `event` name that is `type`, and one of these as JSON.
 * With `Last-Event-ID` (header, or `?after=`) the stream goes on after that event. It ends after `end`.
 */
export type RunUpdate =
  | { readonly type: 'waiting'; readonly waitedMs: number; readonly holder?: string }
  | { readonly type: 'locked' }
  | { readonly type: 'planned'; readonly steps: readonly RunStep[] }
  | { readonly type: 'stepStart'; readonly revision: string; readonly index: number; readonly total: number }
  | { readonly type: 'statement'; readonly revision: string; readonly statement: number; readonly sql: string }
  | {
      readonly type: 'batch'
      readonly revision: string
      readonly name: string
      readonly rows: number
      readonly total: number | null
      /** Null if it is not known. */
      readonly remainingMs: number | null
    }
  | {
      readonly type: 'backup' | 'restore'
      readonly phase: 'copy' | 'verify'
      readonly bytes: number
      readonly total: number | null
    }
  | {
      readonly type: 'stepDone'
      readonly revision: string
      readonly index: number
      readonly total: number
      readonly durationMs: number
    }
  | {
      readonly type: 'stepFailed'
      readonly revision: string
      readonly index: number
      readonly total: number
      readonly message: string
    }
  | {
      readonly type: 'retry'
      readonly revision: string
      readonly try: number
      readonly delayMs: number
      /** For display: who blocks it. */
      readonly blockers: readonly string[]
    }
  | { readonly type: 'message'; readonly level: 'progress' | 'note' | 'warning'; readonly message: string }
  | { readonly type: 'end'; readonly run: Run }

/**
 * `POST /create/preview` and `POST /create` (only with `--allow-create`). The same answers as the options of `create`; `accept` is only
 * for the preview: rows that get no value, at which the upgrade stops.
 */
export interface CreateRequest {
  /**
   * @minLength 1
   * @maxLength 500
   */
  readonly message: string
  readonly rename?: readonly string[]
  readonly noRename?: readonly string[]
  readonly map?: readonly string[]
  readonly backfill?: readonly string[]
  readonly using?: readonly string[]
  readonly keep?: readonly string[]
  readonly drop?: readonly string[]
  readonly accept?: readonly string[]
  readonly names?: 'keep' | 'rename'
  /** @maxLength 200 */
  readonly branchLabel?: string
  /**
   * Of the preview, so that the file gets the id that was shown.
   *
   * @pattern ^[0-9a-f]{12}$
   */
  readonly revisionId?: string
  /**
   * For `POST /create`, if the revision loses data or needs something of the rows: the name of the database, typed.
   *
   * @maxLength 4096
   */
  readonly confirm?: string
}

/** `POST /create/preview` */
export type Preview = CreatePreview
export type { CreatePreview, CreateQuestion }

/** Query of `GET /schema`. */
export interface SchemaQuery {
  /**
   * `live`, or a REV. Default is `live`.
   *
   * @minLength 1
   * @maxLength 200
   */
  readonly at?: string
}

/** `GET /schema?at=live`, or of a REV (replayed on a shadow database). */
export type SchemaAt = SchemaDocument
export type { ColumnDocument, SchemaDocument, TableDocument }

/** Query of `GET /schema/difference`. */
export interface DifferenceQuery {
  /**
   * `live`, or a REV.
   *
   * @minLength 1
   * @maxLength 200
   */
  readonly from: string
  /**
   * `live`, or a REV.
   *
   * @minLength 1
   * @maxLength 200
   */
  readonly to: string
}

/** `GET /schema/difference?from=REV|live&to=REV|live`: what would lead from one to the other. */
export type SchemaChange = SchemaDifference
export type { SchemaDifference }

/** Query of `GET /schema/story`. */
export interface StoryQuery {
  /**
   * `schema.name` outside the default schema.
   *
   * @minLength 1
   * @maxLength 500
   */
  readonly table: string
  /**
   * @minLength 1
   * @maxLength 200
   */
  readonly column?: string
}

/** `GET /schema/story?table=orders&column=total`: the revisions that made and changed a table or a column, oldest first. */
export type StoryAnswer = Story
export type { Story }

/** `GET /backups`; `POST /backups`, `POST /backups/:id/verify`, `POST /backups/:id/restore` are runs (202 and {@link Run}). */
export type Backups = BackupsResult

/** `GET /backups/:id/restore`: what a restore would replace. `POST` of the same takes {@link RestoreRequest}. */
export type Restore = RestorePlan

export interface RestoreRequest {
  /**
   * The name of the database, typed.
   *
   * @maxLength 4096
   */
  readonly confirm: string
  /** End the sessions of others, instead of refusing to replace the database. Default is false. */
  readonly disconnect?: boolean
}

/** `POST /backups/prune` → {@link Pruned}. Without `count` and `age`: as configured. */
export interface PruneRequest {
  /**
   * How many to keep.
   *
   * @asType integer
   * @minimum 1
   */
  readonly count?: number
  /**
   * Keep those that are younger: `30d`, `12h`.
   *
   * @maxLength 20
   */
  readonly age?: string
  readonly dryRun?: boolean
}
export type Pruned = BackupPruneResult

/** `GET /kept` */
export type Kept = KeptResult

/** `POST /kept/prune` → {@link PrunedKept}. Without `olderThan` and `all`: what is past its time, as configured. */
export interface PruneKeptRequest {
  /**
   * The name of the database, typed: it cannot be given back afterwards.
   *
   * @maxLength 4096
   */
  readonly confirm: string
  /**
   * What was kept longer ago than this: `30d`, `12h`.
   *
   * @maxLength 20
   */
  readonly olderThan?: string
  readonly all?: boolean
}
export type PrunedKept = PruneKeptResult

/** Query of `GET /reviews`. */
export interface ReviewsQuery {
  /** @maxLength 50 */
  readonly status?: string
  /**
   * In all of their texts.
   *
   * @maxLength 200
   */
  readonly search?: string
  /**
   * `next` of the page before.
   *
   * @maxLength 200
   */
  readonly before?: string
  /**
   * Default is 50.
   *
   * @asType integer
   * @minimum 1
   * @maximum 200
   */
  readonly limit?: number
}

/** `GET /reviews?status=&search=&before=&limit=50` and `GET /reviews/:id`, where {@link Session.reviews} is true. */
export interface Reviews {
  readonly reviews: readonly Review[]
  readonly next: string | null
  readonly counts: Readonly<Record<string, number>>
}

export interface Review {
  readonly id: string
  readonly [key: string]: unknown
}
