import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import type { BatchProgress } from './progress'
import type { Position } from './statements'

/** How far a call has come; with {@link BatchHost.store} it outlives the process. */
export interface Progressed {
  /** The last key that is done in this pass; null before the first batch. */
  readonly cursor: Position | null
  /** 1-based. */
  readonly pass: number
  /** Rows that this pass has found. */
  readonly passRows: number
  readonly batches: number
  /** Rows updated. */
  readonly rows: number
  /** Rows to update in all when the call began, or what it turned out to be; null: not known. */
  readonly total: number | null
  readonly finished: boolean
}

/** Where it is kept how far a call has come. */
export interface CursorStore {
  /**
   * What an earlier run has left; undefined when none has begun.
   *
   * @throws AludelError `ALUDEL_BATCHED` when it was about something else
   */
  read(): Promise<Progressed | undefined>
  begin(first: Progressed): Promise<void>
  /**
   * Called at the beginning of the transaction of a batch.
   *
   * @throws AludelError `ALUDEL_BATCHED` when somebody else has gone on from there meanwhile
   */
  claim(from: Progressed): Promise<void>
  /** Called in the transaction of a batch, and between two passes outside of one. */
  move(to: Progressed): Promise<void>
}

/** What a call of `batched` needs of whoever runs it. */
export interface BatchHost extends Queryable {
  readonly dialect: Dialect
  /** Tells this call apart from others of the revision. */
  readonly name: string
  readonly store: CursorStore
  /** False inside the transaction of somebody else: then batches have none of their own. */
  readonly ownTransactions: boolean
  /** Milliseconds. */
  now(): number
  /** Waits; comes back early when the work is to stop. */
  sleep(ms: number): Promise<void>
  /** Throws when the work is to stop. */
  stopIfAsked(): void
  /** Told when a batch is committed, or a pass is over. */
  committed(at: Progressed): void
  progress(progress: BatchProgress): void
  /** Says something to people. */
  say(message: string, kind: 'progress' | 'warning'): void
}
