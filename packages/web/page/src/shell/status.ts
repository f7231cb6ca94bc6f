import { computed, effect, signal } from '@preact/signals'
import type { Status } from '../../../src/api/types'
import { sessionState } from '../api/session'
import { useResource, reload } from '../api/resource'
import type { Resource } from '../api/resource'

/** What the overview and the navigation show. */
export function useStatus(): Resource<Status> {
  return useResource<Status>('/status')
}

/** Seconds between two looks at the database: somebody else may change it. */
const everyMs = 10_000

export const visible = signal(document.visibilityState === 'visible')
addEventListener('visibilitychange', () => {
  visible.value = document.visibilityState === 'visible'
})

/** Nobody looks at a hidden tab, and nobody is signed in: then nothing is read. */
const watching = computed(() => visible.value && sessionState.value === 'in')

let first = true
effect(() => {
  if (!watching.value) return undefined
  if (!first) reload('/status')
  first = false
  const timer = setInterval(() => {
    reload('/status')
  }, everyMs)
  return () => {
    clearInterval(timer)
  }
})
