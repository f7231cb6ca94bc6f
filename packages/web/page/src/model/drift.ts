import type { KnownDrift } from '../../../src/api/types'
import { count } from './format'

/**
 * Why it was not checked whether the database is as its revisions made it, and what checking would do.
 *
 * @example
 * uncheckedText({ reason: 'many', replays: 10_000 }) // 'Not checked yet. It would replay 10,000 revisions.'
 */
export function uncheckedText({ reason, replays }: Pick<KnownDrift, 'reason' | 'replays'>): string {
  if (reason === 'run') return 'Not checked while a run is at work.'
  const revisions = count(replays, 'revision')
  if (reason === 'server') return `Not checked yet. It would replay ${revisions} in a scratch database on this server.`
  if (reason === 'many') return `Not checked yet. It would replay ${revisions}.`
  return `Not checked yet. It would execute ${revisions} in a scratch database.`
}
