import type { StatementWatch } from '../dialect/roles/running'

/**
 * Sends a statement of a revision under a watch. Waits only for what is a promise: statements that a revision does not await keep their
 * order, if those before and after them do the same.
 *
 * @param watch undefined: nothing watches it
 * @param send sends the statement, or what the watch has made of it
 * @throws what the watch explains the failure by
 */
export async function sendWatched(
  watch: StatementWatch | undefined,
  sql: string,
  send: (instead?: string) => Promise<unknown>,
): Promise<unknown> {
  if (watch === undefined) return send()
  const watched = watch.before(sql)
  if (watched !== undefined) await watched
  const changed = watch.instead?.(sql)
  const instead = changed === undefined ? undefined : await changed
  let result: unknown
  try {
    result = await send(instead)
  } catch (error) {
    await watch.failed?.(sql)
    throw (await watch.explain?.(sql, error)) ?? error
  }
  const seen = watch.after?.(sql)
  if (seen !== undefined) await seen
  return result
}
