import { Interrupted, RefusedError } from '../errors'
import { type DataCommandContext, grouped, plural } from './command'

interface Removal {
  /** What is removed: `value`, `cached result`. */
  readonly what: string
  /** How much there is to remove. */
  readonly total: number
  readonly question: { readonly lines?: readonly string[]; readonly text: string }
  /** Of the error when nobody confirms. */
  readonly details: Readonly<Record<string, unknown>>
  /** @returns how many it has removed when it ends or the signal stops it */
  readonly remove: (options: {
    readonly signal: AbortSignal
    readonly onProgress: (removed: number) => void
  }) => Promise<number>
}

/**
 * Removes rows after a yes, in batches, with progress.
 *
 * @returns how many
 * @throws {RefusedError} if nobody confirms @throws {Interrupted} if it was stopped: what was removed until then is gone
 */
export async function removeConfirmed(
  context: DataCommandContext,
  { what, total, question, details, remove }: Removal,
): Promise<number> {
  if (!(await context.confirm(question)))
    throw new RefusedError(
      'ALUDEL_CONFIRMATION',
      `the removal of ${plural(total, what)} was not confirmed`,
      'Nothing was removed. Confirm with --yes.',
      details,
    )
  context.stopsItself()
  const { signal } = context
  const removed = await remove({
    signal,
    onProgress: (done) => context.progress(done, total, 'removed', `${grouped(done)}/${grouped(total)}`),
  })
  if (signal.aborted)
    throw new Interrupted(
      `stopped after ${grouped(removed)} of ${plural(total, what)}`,
      'What was removed is gone. Run it again to remove the rest.',
      { removed },
    )
  return removed
}
