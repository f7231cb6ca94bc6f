import type { MigratorOptions } from '@aludel/engine'
import type { FastifyRequest } from 'fastify'

import type { ReviewSource } from './review-source'
import type { SessionTimes } from './security/sessions'

/** What the plugin and the server share. */
export interface WebOptions {
  /** The project, as `new Migrator` takes it. A DataSource that is initialized stays the application's own. */
  readonly project: MigratorOptions
  /** Nothing can be changed through this server. Default is false. */
  readonly readOnly?: boolean
  /** Revisions may be written, for development. Default is false. */
  readonly allowCreate?: boolean
  /**
   * Names, with or without a port, by which the server is reached besides those of this machine: `aludel.example.com`. Requests
   * with another Host or Origin are refused.
   */
  readonly allowHosts?: readonly string[]
  /** Review decisions to browse. Default: none. */
  readonly reviews?: ReviewSource
  /** When sessions end. */
  readonly sessions?: SessionTimes
  /** Directory of the built page. Default: that of this package; null: only the API. */
  readonly page?: string | null
  /** Receives the events of runs, for a log. */
  readonly onEvent?: MigratorOptions['onEvent']
}

/** How requests prove who they are. */
export interface Authentication {
  /** What is typed, or comes with the link, to start a session. */
  readonly token?: string
  /**
   * The application's own authentication, instead of a token.
   *
   * @returns the name of the user, for the journal; null: nobody
   * @example (request) => request.session.user?.name ?? null
   */
  readonly authenticate?: (request: FastifyRequest) => string | null | Promise<string | null>
}

/** Options of the Fastify plugin: one of `token` and `authenticate` is needed. */
export interface PluginOptions extends WebOptions, Authentication {}

/** Options of {@link createServer}. */
export interface ServerOptions extends WebOptions {
  /** Default is 127.0.0.1. Another one than of this machine needs `tls`, or `insecureHttp`. */
  readonly host?: string
  /** Default is 4983; 0: any that is free. */
  readonly port?: number
  /** Default: a random one. */
  readonly token?: string
  /** Certificate (with its chain) and key, as PEM. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer }
  /** Serve other machines without TLS: everybody on the way can read the token. Default is false. */
  readonly insecureHttp?: boolean
}
