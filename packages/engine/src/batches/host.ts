import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import type { BatchProgress } from './progress'
import type { Position } from './statements'

/** The progress of a call; {@link BatchHost.store} keeps it beyond the process. */
export interface Progressed {
  /** The last key that is done in this pass; null before the first batch. */
  readonly cursor: Position | null
  /** 1-based. */
  readonly pass: number
  /** The number of rows found in this pass. */
  readonly passRows: number
  readonly batches: number
  /** The number of rows updated. */
  readonly rows: number
  /** The number of rows to update in all, as estimated at the beginning or known at the end; null: unknown. */
  readonly total: number | null
  readonly finished: boolean
}

/** Keeps the progress of a call. */
export interface CursorStore {
  /**
   * The progress of earlier runs; undefined if none has begun.
   *
   * @throws AludelError `ALUDEL_BATCHED` when the call was changed since
   */
  read(): Promise<Progressed | undefined>
  begin(first: Progressed): Promise<void>
  /**
   * Called at the beginning of the transaction of a batch.
   *
   * @throws AludelError `ALUDEL_BATCHED` when another process has continued from there meanwhile
   */
  claim(from: Progressed): Promise<void>
  /** Called in the transaction of a batch, and, between two passes, outside of one. */
  move(to: Progressed): Promise<void>
}

/** What a call of `batched` needs from the runner of the revision. */
export interface BatchHost extends Queryable {
  readonly dialect: Dialect
  /** Identifies this call among those of the revision. */
  readonly name: string
  readonly store: CursorStore
  /** False if a transaction is open already: then all batches are part of it. */
  readonly ownTransactions: boolean
  /** Milliseconds. */
  now(): number
  /** Waits; returns early when the run is interrupted. */
  sleep(ms: number): Promise<void>
  /** Throws if the run is interrupted. */
  stopIfInterrupted(): void
  /** Called when a batch is committed or a pass is over. */
  committed(at: Progressed): void
  progress(progress: BatchProgress): void
  /** Reports a message to the user. */
  report(message: string, kind: 'progress' | 'warning'): void
}
