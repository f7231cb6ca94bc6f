import type { MigratorContext } from '../project/context'
import type { LockHolder } from '../dialect/roles/locks'
import { holderWords } from '../dialect/polling'
import { AludelError } from '../errors'
import type { UnlockResult } from '../results'

/** Options of `Migrator.unlock`. */
export interface UnlockOptions {
  /** End the lease even if its holder is alive; the holder is stopped at its next statement. */
  readonly force?: boolean
  /** Called with the lease before it is ended; false stops. Absent: no confirmation is needed. */
  readonly confirm?: (lock: LockHolder) => Promise<boolean>
}

/**
 * Ends a lease that is no longer renewed.
 *
 * @throws AludelError `ALUDEL_LOCK_LIVE`, `ALUDEL_CONFIRMATION`
 */
export async function unlock(context: MigratorContext, { force, confirm }: UnlockOptions): Promise<UnlockResult> {
  return context.connection.withRunner(async (runner, dialect) => {
    const { table } = await context.connection.history()
    const lock = await dialect.locks.holder(runner, table)
    if (lock === null) return { lock, removed: false }
    if (lock.live && (force !== true || lock.kind === 'session')) throw liveError(lock)
    if (confirm !== undefined && !(await confirm(lock))) {
      throw new AludelError('ALUDEL_CONFIRMATION', 'the lease was not removed: that was not confirmed', {
        help: `It is that of ${holderWords(lock)}. Confirm with --yes.`,
        details: { lock },
      })
    }
    // Only the confirmed lease is ended: one that was taken meanwhile has another token.
    return { lock, removed: await dialect.locks.removeLease(runner, table, lock) }
  })
}

function liveError(lock: LockHolder): AludelError {
  const session = lock.kind === 'session'
  return new AludelError('ALUDEL_LOCK_LIVE', `the lock is held by ${holderWords(lock)}, which is alive`, {
    help: [
      ...(session
        ? [
            'It ends with its session; there is nothing to remove.',
            ...(lock.endWith === undefined ? [] : [`To end it: ${lock.endWith}`]),
          ]
        : [`Its last heartbeat was at ${lock.heartbeatAt ?? '?'}. End it anyway with --force.`]),
    ].join('\n'),
    details: { lock },
  })
}
