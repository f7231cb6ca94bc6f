import type { ApiError } from '../../../src/api/types'
import { apiUrl } from './base'
import { Failure } from './failure'
import { watch } from './waiting'

/** What the client reports to the rest of the page; `main.tsx` sets it. */
export const hooks = {
  /** To be sent with everything that writes. */
  csrf: '',
  onUnauthorized: () => {},
  onReached: () => {},
  onUnreachable: () => {},
}

/** How a route is read. */
interface GetOptions {
  /** Show that this page asks, which is only needed for what does more than to read. Default is false. */
  readonly proves?: boolean
  /** Report that the answer is late. Default is true; not for what reports itself what it waits for. */
  readonly isWatched?: boolean
}

/**
 * Reads a route.
 *
 * @throws Failure
 */
export function get<T>(path: string, signal?: AbortSignal, options: GetOptions = {}): Promise<T> {
  return request<T>('GET', path, undefined, signal, options)
}

/** Milliseconds in which a server answers that is there, however busy its database is. */
const aliveMs = 10_000

/**
 * Asks whether the server answers, whatever it answers.
 *
 * @returns false: it cannot be reached, which has been reported
 */
export async function isAlive(): Promise<boolean> {
  const abort = new AbortController()
  const timer = setTimeout(() => {
    abort.abort()
  }, aliveMs)
  try {
    await get('/session', abort.signal, { isWatched: false })
  } catch (error) {
    // Any answer is one.
    if (abort.signal.aborted) hooks.onUnreachable()
    return error instanceof Failure && error.status !== 0
  } finally {
    clearTimeout(timer)
  }
  return true
}

/**
 * Writes to a route.
 *
 * @throws Failure
 */
export function post<T>(path: string, body: unknown = {}, signal?: AbortSignal): Promise<T> {
  return request<T>('POST', path, body, signal)
}

/** Ends the session. */
export function remove(path: string): Promise<void> {
  return request('DELETE', path, undefined)
}

async function request<T>(
  method: string,
  path: string,
  body: unknown,
  signal?: AbortSignal,
  { proves = method !== 'GET', isWatched = method === 'GET' || path === '/session' }: GetOptions = {},
): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (proves) headers['x-aludel-csrf'] = hooks.csrf
  const abort = new AbortController()
  const onAbort = (): void => {
    abort.abort(signal?.reason)
  }
  signal?.addEventListener('abort', onAbort)
  if (signal?.aborted) onAbort()
  const end = isWatched ? watch(path, () => abort.abort()) : undefined
  let response: Response
  let text: string
  try {
    response = await fetch(apiUrl(path), {
      method,
      headers,
      credentials: 'same-origin',
      signal: abort.signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    text = await response.text()
  } catch (error) {
    if (signal?.aborted) throw error
    hooks.onUnreachable()
    throw new Failure(0, {
      code: 'NETWORK',
      message: 'the server does not answer',
      help: 'Check that `aludel web` is running and that this device can reach it.',
    })
  } finally {
    end?.()
    signal?.removeEventListener('abort', onAbort)
  }
  hooks.onReached()
  if (response.status === 204) return undefined as T
  if (response.ok) return JSON.parse(text) as T
  const failure = failureIn(response.status, text)
  if (failure.code === 'ALUDEL_WEB_SESSION' && path !== '/session') hooks.onUnauthorized()
  throw failure
}

/** The error in a body; a proxy between this page and the server answers with bodies of its own. */
function failureIn(status: number, text: string): Failure {
  try {
    const { error } = JSON.parse(text) as ApiError
    return new Failure(status, error)
  } catch {
    return new Failure(status, {
      code: 'NETWORK',
      message: `the server answered with status ${String(status)}`,
      help: 'If there is a proxy in front of `aludel web`, check its log.',
    })
  }
}
