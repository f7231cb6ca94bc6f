import type { DialectName } from '../dialect/registry'
import type { Severity } from '../lint/finding'
import type { Direction } from '../revision/revision'

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
  /** Comments that ignore what was found on no database, in the order of the revisions. */
  readonly unusedIgnores: readonly UnusedIgnore[]
}

/** A comment in a revision (`aludel-test-ignore`) that ignores nothing. Left alone, it hides the next finding. */
export interface UnusedIgnore {
  readonly revision: string
  /** The file, relative to the project. */
  readonly path: string
  /** Line of the comment, from 1. */
  readonly line: number
  /** What it names and was not found: a {@link HostileKind}, or an unknown word. */
  readonly kinds: readonly string[]
  readonly message: string
  /** What to do. */
  readonly help: string
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
