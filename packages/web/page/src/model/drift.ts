import type { KnownDrift } from '../../../src/api/types'
import { count } from './format'

/** Why it was not checked whether the database is as its revisions made it, and what checking would do. */
export function uncheckedText({ reason, replays }: Pick<KnownDrift, 'reason' | 'replays'>): string {
  if (reason === 'run') return 'Not checked while a run is at work.'
  const revisions = count(replays, 'revision')
  if (reason === 'server')
    return `Not checked: this replays ${revisions} in a scratch database, which it creates on this server and drops.`
  if (reason === 'many') return `Not checked: this replays ${revisions}, which takes a while.`
  return `Not checked: this executes ${revisions} on a scratch database.`
}
