import { signal } from '@preact/signals'
import type { Session } from '../../../src/api/types'
import { base } from './base'
import { get, hooks, post, remove } from './client'
import { onReached, onUnreachable } from './connection'
import { failureOf } from './failure'
import type { Failure } from './failure'
import { forgetAll, reloadAll } from './resource'

/**
 * `starting`: the server is being asked · `out`: a token is needed · `in`: signed in · `expired`: signed in until now; the page stays
 * as it is below the question for the token
 */
export type SessionState = 'starting' | 'out' | 'in' | 'expired'

export const sessionState = signal<SessionState>('starting')

/** Of the last sign-in; stays while it is `expired`. */
export const session = signal<Session | undefined>(undefined)

/** Why the start failed, other than that a token is needed. */
export const startFailure = signal<Failure | undefined>(undefined)

/** Other tabs of this page: they learn of a sign-in, a sign-out and of what was changed. A server may have several of these pages. */
const otherTabs = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(`aludel${base}`)

hooks.onUnauthorized = () => {
  if (sessionState.value === 'in') sessionState.value = 'expired'
}
hooks.onReached = onReached
hooks.onUnreachable = onUnreachable

/**
 * Signs in with the token of the URL, if it has one (`#token=…`), else finds out whether there is a session.
 * The token is removed from the address bar and the history as soon as the server has answered. Until then it stays, since a page
 * that is loaded again meanwhile has it from nowhere else.
 */
export async function start(): Promise<void> {
  const token = tokenOfAddress()
  startFailure.value = undefined
  try {
    if (token !== undefined) await post('/session', { token })
    removeToken(token)
    await open()
    // Another tab may have waited for it: the server was started again, and has printed another link.
    if (token !== undefined) otherTabs?.postMessage('signed-in')
  } catch (error) {
    const failure = failureOf(error)
    // Without an answer the token is still good.
    if (failure.code !== 'NETWORK') removeToken(token)
    if (failure.code !== 'ALUDEL_WEB_SESSION' || token !== undefined) startFailure.value = failure
    sessionState.value = 'out'
  }
}

/**
 * Signs in with a token that was typed.
 *
 * @throws Failure
 */
export async function signIn(token: string): Promise<void> {
  await post('/session', { token })
  await open()
  otherTabs?.postMessage('signed-in')
}

/**
 * Asks for the session again, which began elsewhere: in the application that the page is a part of.
 *
 * @throws Failure
 */
export async function findSession(): Promise<void> {
  await open()
  otherTabs?.postMessage('signed-in')
}

/** Ends the session, in all tabs. */
export async function signOut(): Promise<void> {
  await remove('/session')
  signedOut()
  otherTabs?.postMessage('signed-out')
}

/** Lets other tabs read again what this one has changed. */
export function tellOtherTabs(): void {
  otherTabs?.postMessage('changed')
}

async function open(): Promise<void> {
  const opened = await get<Session>('/session')
  hooks.csrf = opened.csrf
  const wasExpired = sessionState.value === 'expired'
  session.value = opened
  startFailure.value = undefined
  sessionState.value = 'in'
  if (wasExpired) reloadAll()
}

function signedOut(): void {
  session.value = undefined
  hooks.csrf = ''
  forgetAll()
  sessionState.value = 'out'
}

function tokenOfAddress(): string | undefined {
  return new URLSearchParams(location.hash.slice(1)).get('token') ?? undefined
}

/** @param token the one that was sent: another link may have been opened here meanwhile */
function removeToken(token: string | undefined): void {
  if (token === undefined || token !== tokenOfAddress()) return
  history.replaceState(history.state, '', location.pathname + location.search)
}

otherTabs?.addEventListener('message', ({ data }) => {
  if (data === 'signed-out') signedOut()
  // Also where there was a session: writes need the secret of the new one.
  if (data === 'signed-in') void open().catch(() => undefined)
  if (data === 'changed' && sessionState.value === 'in') reloadAll()
})

// The address of a page that is open already, with another token: a link that was clicked in a terminal.
addEventListener('hashchange', () => {
  if (location.hash.startsWith('#token=')) void start()
})
