import type { DialectName } from '../dialect/registry'
import type { Finding } from '../history/findings'
import type { GraphFormat } from '../revision/document/formats'
import type { Direction } from '../revision/revision'

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

/** Everything that is known of one revision without running it. */
export interface RevisionDetails extends RevisionInfo {
  /** Path from the directory of the project, with `/`. */
  readonly file: string
  /** Text of its file; empty if it cannot be read any more. */
  readonly source: string
  readonly language: 'ts' | 'js'
  /** False for a revision that runs outside a transaction. */
  readonly transactional: boolean
  /** The effects of its upgrade on the database of the project, as in a `PlanStep`. */
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
