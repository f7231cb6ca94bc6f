import type { ApiError } from '../../../src/api/types'
import { apiUrl } from './base'
import { Failure } from './failure'

/** What the client reports to the rest of the page; `main.tsx` sets it. */
export const hooks = {
  /** To be sent with everything that writes. */
  csrf: '',
  onUnauthorized: () => {},
  onReached: () => {},
  onUnreachable: () => {},
}

/**
 * Reads a route.
 *
 * @param proves that this page asks, which is only needed for what does more than to read
 * @throws Failure
 */
export function get<T>(path: string, signal?: AbortSignal, { proves = false } = {}): Promise<T> {
  return request<T>('GET', path, undefined, signal, proves)
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
  proves = method !== 'GET',
): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (proves) headers['x-aludel-csrf'] = hooks.csrf
  let response: Response
  try {
    response = await fetch(apiUrl(path), {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    hooks.onUnreachable()
    throw new Failure(0, {
      code: 'NETWORK',
      message: 'the server does not answer',
      help: 'Check that `aludel web` is running and that this device can reach it.',
    })
  }
  hooks.onReached()
  if (response.status === 204) return undefined as T
  const text = await response.text()
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
