import type { DialectName } from '../dialect/registry'
import type { CreateResult } from './create'

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
