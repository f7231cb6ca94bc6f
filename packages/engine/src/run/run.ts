import type { LockKind } from '../dialect/roles/locks'
import { AludelError } from '../errors'
import type { RevisionFiles } from '../history/state'
import type { KeepOptions } from '../kept/options'
import type { MigratorContext } from '../project/context'
import type { LimitOptions } from '../project/limits'
import type { RunResult } from '../results'
import type { Direction } from '../revision/revision'
import { endAtHead, planNothing } from './at-head'
import type { BackupOptions } from './back-up'
import type { ExpectOptions } from './expected-head'
import { endWithout } from './outcome'
import type { Planner } from './plan'
import { planTo } from './plan-to'
import type { TransactionMode } from './steps'

/** How a run is carried out. */
export interface MigrateOptions extends LimitOptions, BackupOptions, KeepOptions, ExpectOptions {
  /** One transaction for `each` revision (default), or one for `all`. */
  readonly transaction?: TransactionMode
  /** Milliseconds to wait for another migrator. Default: that of the `Migrator`. */
  readonly lockTimeoutMs?: number
  /** The kind of lock. Default: that of the `Migrator`. */
  readonly lock?: LockKind
  /** Run pending revisions even if an applied one depends on them. Default is false: they are refused. */
  readonly outOfOrder?: boolean
  /**
   * Restore the backup of the run if it fails after something was committed: an earlier revision, or statements of one that is
   * not transactional. A backup of the whole database is then always made first. Default is false.
   */
  readonly restoreOnFailure?: boolean
  /** With `restoreOnFailure`: ends the sessions of others then. Without it, a database that others use is not restored. */
  readonly disconnect?: boolean
  /** Ids of the steps that the user confirmed; a different plan under the lock is refused. */
  readonly expectedSteps?: readonly string[]
  /**
   * The fingerprint of the plan that the user confirmed, of {@link Migrator.plan} with `sizes`: other steps, or other texts of their
   * files, are refused before anything runs.
   */
  readonly expect?: string
}

/** What runs revisions is loaded when there are some to run. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const work = () => require('./under-lock') as typeof import('./under-lock')

/** Loaded where something is expected. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const expectation = () => require('./expected-head') as typeof import('./expected-head')

/**
 * An upgrade or a downgrade, from top to bottom:
 *
 * 1. end if there is nothing to do, without the DataSource if the project has a cheap connection
 * 2. check for what would make it fail, before anything is locked
 * 3. take the lock, unless there is nothing to do: whoever holds it is then not waited for, and nothing is written
 * 4. plan, check, back up, run the steps, report: `runUnderLock` in `under-lock.ts`
 */
export async function runTo(
  context: MigratorContext,
  direction: Direction,
  target: string,
  options: MigrateOptions,
): Promise<RunResult> {
  if (options.restoreOnFailure === true && options.backup === 'never') {
    throw new AludelError('ALUDEL_USAGE', 'a run without a backup cannot be restored', {
      help: 'Leave out --backup never, or --restore-on-failure.',
    })
  }
  const { expectHead } = options
  const planner: Planner = (state) => {
    if (expectHead !== undefined) expectation().refuseAhead(state)
    return planTo(direction, state, target)
  }
  if (expectHead !== undefined) await expectation().refuseUnexpected(context, expectHead)
  if (options.expectedSteps !== undefined) await refuseEdited(context, options.expectedSteps)
  if (options.expect !== undefined) context.revisions.forget()
  const atHead = await endAtHead(context, direction, target, options)
  if (atHead !== undefined) return atHead
  const nothing = await planNothing(context, planner)
  if (nothing !== undefined) return endWithout(context, nothing, options)
  return work().runConnected(context, planner, options)
}

/** Reads the files again: a revision edited since the plan was shown is not the one that was agreed to. */
async function refuseEdited(context: MigratorContext, expected: readonly string[]): Promise<void> {
  const shown = await context.revisions.read()
  context.revisions.forget()
  const now = await context.revisions.read()
  const edited = expected.filter((id) => checksumIn(shown, id) !== checksumIn(now, id))
  if (edited.length === 0) return
  throw new AludelError(
    'ALUDEL_CONFIRMATION',
    `the plan changed while waiting for confirmation: ${edited.join(', ')} was edited`,
    {
      help: 'Nothing was changed. Look at the plan again, then run again.',
      details: { agreed: expected, now: expected.filter((id) => !edited.includes(id)) },
    },
  )
}

function checksumIn({ revisions }: RevisionFiles, id: string): string | undefined {
  return revisions.find((revision) => revision.id === id)?.checksum
}
