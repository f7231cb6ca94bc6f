import type { QueryRunner } from 'typeorm'

import { AludelError } from '../../errors'
import type { Lock, LockHolder, LockOptions } from '../roles/locks'
import { stopWatching, watchSession } from './client'
import { lockLease } from './lease'
import { endLease } from './lease-rows'
import { lockKey } from './lock-key'
import { lockSession } from './session-lock'

/**
 * Takes the lock on the database, the schema and the history table, as session locks or as a lease; each kind respects the
 * other. Polls, so that no statement waits on the server.
 *
 * @throws AludelError `ALUDEL_LOCKED` when another run holds it for longer than `timeoutMs`; `ALUDEL_INTERRUPTED`;
 *   `ALUDEL_POOLER` for a session lock through a pooler in transaction mode
 */
export async function lock(queryRunner: QueryRunner, options: LockOptions): Promise<Lock> {
  if (queryRunner.isTransactionActive) {
    throw new AludelError('ALUDEL_INTERNAL', 'the lock must be taken outside a transaction')
  }
  await watchSession(queryRunner)
  try {
    return await (options.kind === 'lease' ? lockLease(queryRunner, options) : lockSession(queryRunner, options))
  } catch (error) {
    stopWatching(queryRunner)
    throw error
  }
}

/** Ends the lease `seen`; false when it has been replaced since, or was not a lease. */
export async function removeLease(queryRunner: QueryRunner, key: string, seen: LockHolder): Promise<boolean> {
  if (seen.token === undefined) return false
  return endLease(queryRunner, await lockKey(queryRunner, key), seen.token)
}
