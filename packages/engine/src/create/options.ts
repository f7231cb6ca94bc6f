import type { CreateResult, NeedJson } from '../results'
import type { AnswerOptions } from './answers'
import type { NamesOptions } from './names'
import type { UnmanagedOptions } from './questions'

/** The question before a revision is written that destroys something or makes assumptions about rows. */
export interface CreateConfirmation {
  readonly operations: CreateResult['operations']
  /** The rows and values that will be destroyed. */
  readonly destroys: readonly string[]
  /** The conditions that rows must meet, in words, with the number of violating rows if it is known. */
  readonly conditions: readonly string[]
  readonly needs: readonly NeedJson[]
}

/** Options of `Migrator.create`. */
export interface CreateOptions extends AnswerOptions, UnmanagedOptions, NamesOptions {
  /** False: an empty revision, to be filled by hand. Default is true. */
  readonly autogenerate?: boolean
  /**
   * Do without blocking others what can be done so on PostgreSQL, in a second revision outside a transaction: indexes are built
   * concurrently; foreign keys and checks are added NOT VALID and validated afterwards; unique constraints get an index that was built
   * concurrently, and NOT NULL a check. Default is that of the project, else false.
   */
  readonly online?: boolean
  /** Compute everything, but write nothing. */
  readonly sql?: boolean
  /** What the entities are compared with. Default is `revisions`, which are replayed. */
  readonly from?: 'revisions' | 'database'
  /** The parent of the new revision. Default is the only head. `base` begins a new branch without a parent. */
  readonly head?: string
  /** Allow a parent that is not a head. */
  readonly splice?: boolean
  readonly branchLabels?: readonly string[]
  readonly dependsOn?: readonly string[]
  readonly revisionId?: string
  /** Also write a first test beside the revision: see `Migrator.writeTest`. Default is false. */
  readonly test?: boolean
  /** Called if the revision destroys something or makes assumptions about rows. Absent: the revision is refused. */
  readonly confirm?: (question: CreateConfirmation) => Promise<boolean>
}
