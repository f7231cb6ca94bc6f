import type { Contention } from '../dialect/roles/errors'
import type { Blocker } from '../dialect/roles/running'
import type { Step } from '../revision/revision'
import type { BatchProgress } from '../batches/progress'

/** Progress of a run. The command line draws it as a progress line, an application may log it. */
export type RunEvent =
  /** `holder`: who holds the lock and since when, if known. */
  | { readonly type: 'waiting'; readonly waitedMs: number; readonly holder?: string }
  | { readonly type: 'locked' }
  | { readonly type: 'planned'; readonly steps: readonly Step[] }
  | { readonly type: 'stepStart'; readonly step: Step; readonly index: number; readonly total: number }
  | { readonly type: 'statement'; readonly step: Step; readonly statement: number; readonly sql: string }
  | ({ readonly type: 'batch'; readonly step: Step } & BatchProgress)
  /** Bytes that were restored, or read again to verify them; `total` is null if it is not known. */
  | {
      readonly type: 'restore'
      readonly phase: 'copy' | 'verify'
      readonly bytes: number
      readonly total: number | null
    }
  /** Bytes of a backup that were copied, or read again to verify it. `total` is an estimate; null if it is not known. */
  | {
      readonly type: 'backup'
      readonly phase: 'copy' | 'verify'
      readonly bytes: number
      readonly total: number | null
    }
  | {
      readonly type: 'stepDone'
      readonly step: Step
      readonly index: number
      readonly total: number
      /** With COMMIT, if the revision had a transaction of its own. */
      readonly durationMs: number
    }
  | {
      readonly type: 'stepFailed'
      readonly step: Step
      readonly index: number
      readonly total: number
      readonly error: unknown
    }
  | {
      /** A step, or a statement of one, failed because of contention and will be retried. */
      readonly type: 'retry'
      readonly step: Step
      readonly contention: Contention
      /** The number of the next try: 2 for the second. */
      readonly try: number
      readonly delayMs: number
      /** The blocking sessions that were found. */
      readonly blockers: readonly Blocker[]
    }
  | { readonly type: 'progress'; readonly message: string }
  /** A detail that explains a result; the command line prints it with `--verbose`. */
  | { readonly type: 'note'; readonly message: string }
  | { readonly type: 'warning'; readonly message: string }

/** Receives the events of a run. Errors that it throws are ignored. */
export type RunListener = (event: RunEvent) => void
