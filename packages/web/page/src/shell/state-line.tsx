import { count } from '../model/format'
import type { Tone } from '../ui/parts'
import { stateOf } from '../model/state'
import type { DatabaseState } from '../model/state'
import { useStatus } from './status'

const tones: Record<DatabaseState, Tone> = {
  halfway: 'amber',
  ahead: 'amber',
  'no-revisions': 'blue',
  'no-history': 'blue',
  pending: 'blue',
  'up-to-date': 'green',
}

/** In a few words: where the database is. */
export function StateLine() {
  const status = useStatus().data.value
  if (status === undefined) return <span class="skeleton state-line__skeleton" aria-hidden="true" />
  const state = stateOf(status)
  const tone = tones[state]
  return (
    <p class={`state-line state-line--${tone}`}>
      <span class="state-line__dot" />
      {state === 'up-to-date' && 'Up to date'}
      {state === 'pending' && `${count(status.pending, 'revision')} pending`}
      {state === 'halfway' && 'Stopped half-way'}
      {state === 'ahead' && 'Ahead of the files'}
      {state === 'no-history' && 'No history yet'}
      {state === 'no-revisions' && 'No revisions yet'}
    </p>
  )
}
