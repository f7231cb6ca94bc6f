import { createSecureContext } from 'node:tls'

import { AludelError } from '@aludel/engine'
import fastify, { type FastifyInstance } from 'fastify'

import { sendError } from './api/answers'
import { ApiFailure } from './api/errors'
import type { ServerOptions } from './options'
import { mount } from './plugin'
import { isLoopback } from './security/addresses'
import { securityHeaders } from './security/headers'
import { newToken } from './security/token'
import { Services } from './services'

/** The port without another one. */
export const defaultPort = 4983

/** Milliseconds in which a request must have arrived completely. */
const requestTimeout = 30_000

/** A server that is ready to listen. */
export interface WebServer {
  /** What starts a session. */
  readonly token: string
  /** For what an application adds, and for tests. */
  readonly app: FastifyInstance
  /**
   * Reads the database and the revision files, so that who opens the page first does not wait for it, and begins to answer. What cannot
   * be read is reported to whoever opens the page.
   *
   * @returns the address, without the token: `http://127.0.0.1:4983/`
   * @throws AludelError `ALUDEL_WEB_ADDRESS` when the port is in use, or the address is none of this machine
   */
  listen(): Promise<string>
  /** Stops a run at work at a safe point, then ends all connections. */
  close(): Promise<void>
}

/**
 * Creates a server with the page and its API. Only this machine can reach it, unless another `host` is given.
 *
 * @throws AludelError `ALUDEL_USAGE` for another machine without TLS, unless `insecureHttp`, and for a certificate that cannot be used;
 *   `ALUDEL_WEB_PAGE` when the page is not built
 * @example
 * const server = await createServer({ project: { dataSource, revisions: 'src/migrations' } })
 * console.log(`${await server.listen()}#token=${server.token}`)
 */
export async function createServer(options: ServerOptions): Promise<WebServer> {
  const { host = '127.0.0.1', port = defaultPort, tls, insecureHttp = false, token = newToken() } = options
  if (!isLoopback(host) && tls === undefined && !insecureHttp) {
    throw new AludelError('ALUDEL_USAGE', `${host} can be reached by other machines, which needs TLS`, {
      help:
        'Give --tls-cert FILE and --tls-key FILE, or put a proxy with TLS in front of 127.0.0.1. ' +
        '--insecure-http allows it without: everybody on the way can then read the token.',
      details: { flag: '--host' },
    })
  }
  if (tls !== undefined) checkTls(tls)
  const app = fastify({
    forceCloseConnections: true,
    requestTimeout,
    // A run needs as much time as it needs to stop.
    pluginTimeout: 0,
    // Of paths that reach no route.
    frameworkErrors: (_error, _request, reply) => {
      const problem = new ApiFailure('ALUDEL_WEB_INPUT', 'the address is not valid')
      void sendError(reply.headers(securityHeaders), problem)
    },
    ...(tls === undefined ? {} : { https: { cert: tls.cert, key: tls.key } }),
  }) as FastifyInstance
  const allowHosts = [...(options.allowHosts ?? []), ...(isAnyAddress(host) ? [] : [inUrl(host)])]
  const services = new Services(options)
  await app.register((scope) => mount(scope, { ...options, allowHosts, token }, services))
  await app.ready()
  return {
    token,
    app,
    listen: async () => {
      await services.warmUp()
      try {
        await app.listen({ host, port })
      } catch (error) {
        throw addressError(error, host, port)
      }
      const address = app.server.address()
      const used = typeof address === 'object' && address !== null ? address.port : port
      // Behind a proxy, the name that was allowed has another port.
      const name = isAnyAddress(host) ? (options.allowHosts?.[0] ?? 'localhost') : inUrl(host)
      const isWhole = /:\d+$/.test(name)
      return `${tls === undefined ? 'http' : 'https'}://${name}${isWhole ? '' : `:${String(used)}`}/`
    },
    close: () => app.close(),
  }
}

function checkTls({ cert, key }: NonNullable<ServerOptions['tls']>): void {
  try {
    createSecureContext({ cert, key })
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error:\w+:/, '') : String(error)
    throw new AludelError('ALUDEL_USAGE', `the TLS certificate and its key cannot be used: ${reason}`, {
      help: 'Both are PEM files, and the key is that of the first certificate.',
      details: { flag: '--tls-cert' },
      cause: error,
    })
  }
}

/** Whether a server listens on all addresses of the machine. */
function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function addressError(error: unknown, host: string, port: number): unknown {
  const { code } = error as { readonly code?: unknown }
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${String(port)} is in use`,
    EACCES: `port ${String(port)} is reserved for administrators`,
    EADDRNOTAVAIL: `${host} is not an address of this machine`,
    ENOTFOUND: `${host} is not an address of this machine`,
  }
  const reason = typeof code === 'string' ? reasons[code] : undefined
  if (reason === undefined) return error
  return new AludelError(
    'ALUDEL_WEB_ADDRESS',
    `the server cannot listen on ${inUrl(host)}:${String(port)}: ${reason}`,
    {
      help:
        code === 'EADDRINUSE'
          ? 'Choose another one with --port; --port 0 takes any that is free.'
          : 'Choose another one.',
      details: { host, port },
      cause: error,
    },
  )
}
