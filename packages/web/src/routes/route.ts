import type { FastifyReply, FastifyRequest } from 'fastify'

import type { SchemaName } from '../api/validation'
import type { Authenticator } from '../security/authentication'
import type { Services } from '../services'

/**
 * Who may call a route. `open`: everybody · `session`: who has shown the token · `look`: the same, for what works without changing
 * anything, but takes long · `write`: not on a server that is read-only · `create`: only where revisions may be written
 *
 * What is no GET needs the header against forged requests, except to start a session.
 */
export type Access = 'open' | 'session' | 'look' | 'write' | 'create'

/** A checked request. */
export interface RouteInput<Query = unknown, Body = unknown> {
  /** Of the path; empty if it has none. */
  readonly id: string
  readonly query: Query
  readonly body: Body
  /** Who sent it, for the journal. */
  readonly actor: string
  /** That of the session; empty on routes that are open. */
  readonly csrf: string
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly authenticator: Authenticator
}

/** A route as data, from which the server, the description of the API and the tests are made. */
export interface Route<Query = unknown, Body = unknown> {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Below `/api/v1`; `:id` is a parameter. */
  readonly path: string
  /** One line. */
  readonly summary: string
  readonly access: Access
  readonly query?: SchemaName
  readonly body?: SchemaName
  /** Default of the status is 200; no schema: no body. Default of the type is JSON. */
  readonly answer: {
    readonly status?: 200 | 202 | 204
    readonly schema?: SchemaName
    readonly type?: 'text/event-stream'
  }
  readonly handle: (input: RouteInput<Query, Body>, services: Services) => unknown
}

/** Aborts when the client goes away before it has its answer. */
export function clientGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort()
  })
  return gone.signal
}

/**
 * A route whose handler gets the types of its query and its body.
 *
 * @example
 * defineRoute<PlanQuery>({ method: 'GET', path: '/plan', query: 'PlanQuery', … })
 */
export function defineRoute<Query = undefined, Body = undefined>(route: Route<Query, Body>): Route {
  // The schemas that it names check them before the handler is called.
  return route as Route
}
