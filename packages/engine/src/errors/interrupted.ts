import { AludelError, isAludelError } from './error'

/**
 * Ends work that changes nothing when somebody has canceled it.
 *
 * @param signal undefined: it cannot be canceled
 * @param where after "interrupted", with a space before it
 * @param help what remains to be known
 * @throws AludelError `ALUDEL_INTERRUPTED` if it was aborted; the reason of the abort is that error, or its cause
 * @example
 * refuseAborted(context.signal, ' while waiting for the lock', 'Nothing was changed.')
 */
export function refuseAborted(signal: AbortSignal | undefined, where = '', help?: string): void {
  if (signal?.aborted !== true) return
  const cause: unknown = signal.reason
  if (where === '' && isAludelError(cause, 'ALUDEL_INTERRUPTED')) throw cause
  throw new AludelError('ALUDEL_INTERRUPTED', `interrupted${where}`, {
    ...(help !== undefined && { help }),
    cause,
  })
}
