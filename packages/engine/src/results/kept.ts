import type { KeptKind } from '../dialect/roles/keeping'

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
