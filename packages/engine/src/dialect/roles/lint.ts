import type { Linter } from '../../lint/linter'
import type { Rule } from '../../lint/rule'
import type { Schema } from '../../schema/schema'

/** Reads revisions for `lint`. */
export interface LintRole {
  /** A linter with its parser loaded. */
  linter(options: LinterOptions): Promise<Linter>
}

export interface LinterOptions {
  /** Those that are on; the ones that do not look at this dialect are left out. */
  readonly rules: readonly Rule[]
  /** The database before the first step. Default: nothing is known of it. */
  readonly from?: Schema
  /** Estimated number of rows of a table; undefined if unknown. */
  readonly rows: (table: string) => number | undefined
  /** The lowest major version of the servers that the revisions must run on. Default is the oldest that is supported. */
  readonly server?: number
}
