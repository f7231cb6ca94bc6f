import { count } from '../model/format'
import type { Tone } from '../ui/parts'
import { stateOf } from '../model/state'
import { useStatus } from './status'

/** In a few words: where the database is. */
export function StateLine() {
  const status = useStatus().data.value
  if (status === undefined) return <span class="skeleton state-line__skeleton" aria-hidden="true" />
  const state = stateOf(status)
  const tone: Tone =
    state === 'up-to-date' ? 'green' : state === 'pending' ? 'blue' : state === 'no-history' ? 'blue' : 'amber'
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
