import type { Finding } from '../history/findings'

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
