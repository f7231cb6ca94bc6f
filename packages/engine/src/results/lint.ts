import type { DialectName } from '../dialect/registry'
import type { Severity } from '../lint/finding'
import type { Reported } from '../lint/report'
import type { Category } from '../lint/rule'
import type { Direction } from '../revision/revision'
import type { Stall } from './runs'

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
  /** The same in words: `about 4 s`; absent below 100 milliseconds, which nobody notices. */
  readonly takes?: string
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
