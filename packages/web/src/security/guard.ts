import type { FastifyReply, FastifyRequest } from 'fastify'

import { ApiFailure } from '../api/errors'
import type { WebOptions } from '../options'
import type { Route } from '../routes/route'
import type { AllowedHosts } from './addresses'
import type { Authenticator } from './authentication'
import { securityHeaders } from './headers'
import type { KnownSession } from './sessions'
import { sameSecret } from './token'

/** The header that every write carries. */
export const csrfHeader = 'x-aludel-csrf'

/** Sets the headers of every answer, and refuses requests that come from pages of others. */
export function refuseStrangers(hosts: AllowedHosts, request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers(securityHeaders)
  const { host, origin } = request.headers
  if (!hosts.accepts(host)) {
    throw new ApiFailure(
      'ALUDEL_WEB_FORBIDDEN',
      'this server does not answer to that name',
      'Use the link that the server printed. For another name or a proxy, start it with --allow-host NAME.',
    )
  }
  const site = request.headers['sec-fetch-site']
  const isForeign = site === 'cross-site' || site === 'same-site'
  // A link on another page may lead here; what it gets is the page, or an answer that the other page cannot read.
  const isLink = request.headers['sec-fetch-mode'] === 'navigate' && request.method === 'GET'
  if (!hosts.acceptsOrigin(origin, host) || (isForeign && !isLink))
    throw new ApiFailure('ALUDEL_WEB_FORBIDDEN', 'requests of other pages are refused')
}

/**
 * Who sends a request, if they may.
 *
 * @returns undefined on routes that are open
 * @throws ApiFailure `ALUDEL_WEB_SESSION`, `ALUDEL_WEB_FORBIDDEN`
 */
export async function admit(
  { access, method }: Pick<Route, 'access' | 'method'>,
  request: FastifyRequest,
  authenticator: Authenticator,
  { readOnly = false, allowCreate = false }: WebOptions,
): Promise<KnownSession | undefined> {
  if (access === 'open') return undefined
  const session = await authenticator.identify(request)
  if (session === null) {
    throw new ApiFailure(
      'ALUDEL_WEB_SESSION',
      'there is no session, or it has expired',
      authenticator.signIn === 'token'
        ? 'Open the link that the server printed.'
        : 'Sign in to the application that this page is a part of.',
    )
  }
  if (method !== 'GET') refuseForged(request, session.csrf)
  if (readOnly && (access === 'write' || access === 'create')) throw readOnlyFailure()
  if (access === 'create' && !allowCreate)
    throw new ApiFailure('ALUDEL_WEB_FORBIDDEN', 'revisions cannot be written through this server', allowCreateHelp)
  return session
}

/**
 * Refuses to measure, which runs revisions on a scratch database, where no revisions may be written either.
 *
 * @param csrf that of the session
 * @throws ApiFailure `ALUDEL_WEB_FORBIDDEN`
 */
export function refuseMeasuring(
  request: FastifyRequest,
  csrf: string,
  { readOnly = false, allowCreate = false }: WebOptions,
): void {
  // It does more than a GET usually does: a link on another page must not start it.
  refuseForged(request, csrf)
  if (readOnly) throw readOnlyFailure()
  if (!allowCreate)
    throw new ApiFailure('ALUDEL_WEB_FORBIDDEN', 'revisions cannot be measured through this server', allowCreateHelp)
}

const allowCreateHelp = 'Start it with --allow-create, for development.'

function readOnlyFailure(): ApiFailure {
  return new ApiFailure('ALUDEL_WEB_FORBIDDEN', 'this server is read-only')
}

/** Only the page can read the secret of its session. */
function refuseForged(request: FastifyRequest, expected: string): void {
  const csrf = request.headers[csrfHeader]
  if (typeof csrf !== 'string' || !sameSecret(csrf, expected))
    throw new ApiFailure('ALUDEL_WEB_FORBIDDEN', `the header ${csrfHeader} is missing or wrong`, 'Reload the page.')
}
