import type { Direction } from '../revision/revision'

/** A row of TypeORM's `migrations` table. */
export interface AppliedRow {
  /** Class name, or the migration's own `name`. */
  readonly name: string
  readonly timestamp: number
}

/**
 * The outcome of a journal entry. `running`: a revision that is not transactional is at work, or its process died meanwhile;
 * `progress` contains how far it came.
 */
type JournalOutcome = 'running' | 'done' | 'failed' | 'stamped'

/** One row of `aludel_journal`: one revision in one run. */
export interface JournalEntry {
  /** UUID of the run; rows of one command share it. */
  readonly runId: string
  /** Revision id. */
  readonly revision: string
  /** Class name. */
  readonly name: string
  readonly direction: Direction | 'stamp'
  /** Statements completed (1-based index of the last one); 0 when none. */
  readonly statement: number
  /**
   * How far a revision that is not transactional has come, so that a resumed run can check whether its statements are still
   * the same, and which of them is in doubt: see `progress.ts`. Absent for other revisions.
   */
  readonly progress?: string
  /**
   * Of the revision file when it ran: 32 hex digits for its text, 32 for its code (in older entries the SHA-256 of its
   * text). Empty in an entry that ends a revision's being applied.
   */
  readonly checksum: string
  readonly startedAt: Date
  readonly finishedAt: Date
  readonly durationMs: number
  /** `user@host`. */
  readonly actor: string
  readonly toolVersion: string
  readonly outcome: JournalOutcome
  readonly error?: string
}

/** The journal entry of an applied revision: one that a run or a stamp applied and none has undone since. */
export interface AppliedEntry {
  /** Its id at that time. */
  readonly revision: string
  /** As in {@link JournalEntry}. */
  readonly checksum: string
  readonly at: Date
  readonly actor: string
}
