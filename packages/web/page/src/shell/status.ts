import { computed, effect, signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Status } from '../../../src/api/types'
import { refresh, reload, useResource } from '../api/resource'
import type { Resource } from '../api/resource'
import { sessionState } from '../api/session'

/** What the overview and the navigation show. */
export function useStatus(): Resource<Status> {
  return useResource<Status>('/status')
}

/** Between two looks at the database: somebody else may change it. */
const everyMs = 10_000

const visible = signal(document.visibilityState === 'visible')
addEventListener('visibilitychange', () => {
  visible.value = document.visibilityState === 'visible'
})

/** Nobody looks at a hidden tab, and nobody is signed in: then nothing is read. */
const watching = computed(() => visible.value && sessionState.value === 'in')

effect(() => {
  if (!watching.value) return undefined
  refresh('/status')
  const timer = setInterval(() => {
    refresh('/status')
  }, everyMs)
  return () => {
    clearInterval(timer)
  }
})

/** Everything but the status that depends on what is applied, or on the files. */
const dependents = ['/plan', '/lint', '/revisions', '/journal', '/schema', '/backups', '/kept']

/** In place of a state that could not be read. */
const failed = 'failed'

/** Reads again what is shown when the status shows that the database or the files have changed, whoever has changed them. */
export function useFreshPages(): void {
  const { data, error } = useStatus()
  const status = data.value
  // What could not be read with it is read again when it can be. After a lost connection everything is anyway.
  const state =
    error.value !== undefined && error.value.code !== 'NETWORK'
      ? failed
      : status === undefined
        ? undefined
        : JSON.stringify([status.current, status.heads, status.pending, status.unknown, status.lastRuns[0]?.finishedAt])
  const before = useRef<string | undefined>(undefined)
  useEffect(() => {
    if (before.current !== undefined && state !== undefined && state !== failed && before.current !== state)
      reload(...dependents)
    before.current = state ?? before.current
  }, [state])
  const drift = status?.driftState
  const driftBefore = useRef<string | undefined>(undefined)
  useEffect(() => {
    if (driftBefore.current !== undefined && drift !== undefined && driftBefore.current !== drift) reload('/drift')
    driftBefore.current = drift ?? driftBefore.current
  }, [drift])
}
