import type { TableEstimate } from '../dialect/roles/introspection'
import type { Blocks } from '../dialect/roles/scale'
import type { Finding, StoppedRun } from '../history/findings'
import type { Direction } from '../revision/revision'
import type { GivenBack, KeptThing } from './kept'
import type { TracedStatementResult } from './lint'

/** An upgrade or a downgrade that ran. */
export interface RunResult {
  readonly direction: Direction
  /** Applied heads before the run. */
  readonly from: readonly string[]
  /** Applied heads after the run. */
  readonly to: readonly string[]
  /** The revisions that ran, in this order. */
  readonly steps: readonly {
    readonly revision: string
    readonly message: string
    readonly direction: Direction
    /** With COMMIT, if the revision had a transaction of its own. */
    readonly durationMs: number
  }[]
  /** The backup made before the run; null if none was made. */
  readonly backup: { readonly path: string; readonly id: string; readonly kind: 'database' | 'tables' } | null
  /** What the upgrade has kept in the database; absent if nothing. */
  readonly kept?: readonly KeptThing[]
  /** What the downgrade has given back; absent if nothing. */
  readonly givenBack?: readonly KeptThing[]
  /** The target of an upgrade, as written, if a later revision is already applied. */
  readonly older?: string
  /** Revisions in the middle of which an earlier run stopped, and that this one did not resume; absent if none. */
  readonly halfway?: readonly Finding[]
}

/** One revision that a plan would run or undo. */
export interface PlanStep {
  readonly revision: string
  readonly message: string
  readonly direction: Direction
  /** False for a revision that runs outside a transaction. */
  readonly transactional: boolean
  /** Why a downgrade undoes a revision that the target does not name: `depends on 77aa88bb99cc`. */
  readonly because?: string
  /** The file was edited after it was applied: the downgrade may not undo what the upgrade did. */
  readonly edited?: true
  /** An earlier run stopped within this revision; this run resumes after the completed statements. */
  readonly stopped?: StoppedRun
  /** The effects of its statements, in words. */
  readonly does: readonly string[]
  /** Rows or values that would be lost, in words. Includes everything that is not known to be harmless. */
  readonly destroys: readonly string[]
  /** For an upgrade that keeps what it drops: whether each of `destroys` is kept, and if not, why. Absent for other runs. */
  readonly keeps?: readonly { readonly text: string; readonly kept: boolean; readonly reason?: string }[]
  /** What the downgrade gives back; absent if nothing is kept. */
  readonly givesBack?: readonly GivenBack[]
  /** Why the effects of some statements are unknown. */
  readonly unknown: readonly string[]
  /** Conditions that the rows must satisfy, if the tool wrote the file. */
  readonly needs: readonly string[]
  /** For example `ACCESS EXCLUSIVE "workflows"`. */
  readonly locks: readonly string[]
  /** Tables that are rewritten completely. */
  readonly rewrites: readonly string[]
  /** Empty for a step whose statements are known only when it runs. */
  readonly sql: readonly string[]
  /** What its statements did on a shadow database; absent without `trace`, and where nothing can be measured. */
  readonly measured?: readonly TracedStatementResult[]
  /** Why it stopped on the shadow database before all of its statements were measured; absent if it did not. */
  readonly unmeasured?: string
  /** How long it would keep others waiting; absent without `trace`, and where that cannot be told. */
  readonly stalls?: readonly Stall[]
  /** Why that cannot be told; absent if it can, and where `unmeasured` says why. */
  readonly stallsUnknown?: string
}

/** How long a step keeps others waiting on the live database. It is foretold, from measurements with fewer rows. */
export interface Stall {
  /** Null: the whole database, on SQLite. */
  readonly table: string | null
  /**
   * `writes`: whoever writes the table · `reads and writes`: whoever uses it · `changed rows`: whoever writes a row that the step has
   * changed
   */
  readonly blocks: Blocks
  /** Milliseconds, without the wait for the lock itself. */
  readonly ms: number
  /** The number of the statement that takes the lock, from 1. */
  readonly first: number
  /** The number of the statement after which it is released; in a transaction the last one, and its end counts as well. */
  readonly last: number
  /** The revision at whose end it is released, if all steps run in one transaction and another one is the last. */
  readonly until?: string
  /** In words: `blocks writes to orders for about 4 s, from statement 2 to the end`. */
  readonly text: string
}

/** The steps that an upgrade or a downgrade would take. */
export interface PlanResult {
  readonly direction: Direction
  /** Applied heads before the run. */
  readonly from: readonly string[]
  /** Applied heads after the run. */
  readonly to: readonly string[]
  readonly steps: readonly PlanStep[]
  /** The target of an upgrade, as written, if a later revision is already applied. */
  readonly older?: string
  /** Revisions in the middle of which a run stopped, and that this one would not resume; absent if none. */
  readonly halfway?: readonly Finding[]
}

/** A plan with what is shown before it is confirmed. */
export interface SizedPlanResult extends PlanResult {
  readonly steps: readonly SizedPlanStep[]
  /** True if rows or values are lost for good, or it is not known that none are. What is kept or only rewritten is not lost. */
  readonly needsConfirmation: boolean
  /** What would be backed up before the run; null if nothing. */
  readonly backup: PlannedBackup | null
  /**
   * Identifies the plan: its direction, its revisions, and the texts of their files. The option `expect` of a run refuses any
   * other plan.
   */
  readonly fingerprint: string
}

/** A step of a {@link SizedPlanResult}. */
export interface SizedPlanStep extends PlanStep {
  /** The existing tables that its statements name, in the order of the database. Empty if the statements are not known. */
  readonly tables: readonly TableEstimate[]
}

/** A backup that a run would make first. */
export interface PlannedBackup {
  /** `tables`: only those that lose something or are rewritten, as there is no `pg_dump` */
  readonly kind: 'database' | 'tables'
  /** The size that it will probably have. */
  readonly bytes: number
}

/** A script for `psql` or `sqlite3`. */
export interface SqlResult {
  readonly statements: readonly string[]
}

/** Applied heads before and after a stamp. */
export interface StampResult {
  readonly from: readonly string[]
  readonly to: readonly string[]
}
