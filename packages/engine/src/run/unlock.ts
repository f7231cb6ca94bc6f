import type { MigratorContext } from '../project/context'
import type { LockHolder } from '../dialect/roles/locks'
import { holderWords } from '../dialect/polling'
import { runsHere } from '../dialect/processes'
import { AludelError } from '../errors'
import type { UnlockResult } from '../results'

/** Options of `Migrator.unlock`. */
export interface UnlockOptions {
  /** End the lease even if its holder or its process is alive; the holder is stopped at its next statement. */
  readonly force?: boolean
  /** Called with the lease before it is ended; false stops. Absent: no confirmation is needed. */
  readonly confirm?: (lock: LockHolder) => Promise<boolean>
}

/**
 * Ends a lease that is no longer renewed, and whose process does not run on this host.
 *
 * @throws AludelError `ALUDEL_LOCK_LIVE`, `ALUDEL_CONFIRMATION`
 */
export async function unlock(context: MigratorContext, { force, confirm }: UnlockOptions): Promise<UnlockResult> {
  return context.connection.withReader(async (runner, dialect) => {
    const { table } = await context.connection.history()
    const lock = await dialect.locks.holder(runner, table)
    if (lock === null) return { lock, removed: false }
    const running = runsHere(lock.owner, lock.pid)
    if (lock.live && (force !== true || lock.kind === 'session')) throw liveError(lock, running)
    // It is stopped, or cannot reach the database: if it continues, it must not find its lease taken without a word.
    if (running === true && force !== true) throw liveError(lock, running)
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

/** @param running whether its process runs on this host; undefined if it is on another */
function liveError(lock: LockHolder, running: boolean | undefined): AludelError {
  const session = lock.kind === 'session'
  const process = lock.pid === null ? '' : `process ${String(lock.pid)}`
  const found =
    running === undefined ? [] : [running ? `${process} runs on this host.` : `On this host no ${process} runs.`]
  return new AludelError(
    'ALUDEL_LOCK_LIVE',
    `the lock is held by ${holderWords(lock)}, which ${lock.live ? 'is alive' : 'is still running'}`,
    {
      help: [
        ...found,
        ...(session
          ? [
              'It ends with its session; there is nothing to remove.',
              ...(lock.endWith === undefined ? [] : [`To end it: ${lock.endWith}`]),
            ]
          : [
              `Its last heartbeat was at ${lock.heartbeatAt ?? '?'}, and it ends at ${lock.expiresAt ?? '?'} without another.`,
              'End the process, or end the lease anyway with --force.',
            ]),
      ].join('\n'),
      details: { lock },
    },
  )
}
