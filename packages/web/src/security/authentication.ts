import { createHmac, randomBytes } from 'node:crypto'

import { parse, serialize } from 'cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'

import { ApiFailure } from '../api/errors'
import type { Authentication } from '../options'
import { processUser } from '../project/actor'
import { Attempts } from './attempts'
import { Sessions, type KnownSession, type SessionTimes } from './sessions'
import { sameSecret } from './token'

/** Who sends requests, and how they begin and end to do so. */
export interface Authenticator {
  /** Where sessions begin: here, with a token, or in the application that the page is a part of. */
  readonly signIn: SignIn
  /** Null for nobody. */
  identify(request: FastifyRequest): Promise<KnownSession | null>
  /** @throws ApiFailure `ALUDEL_WEB_SESSION` for a wrong token, `ALUDEL_WEB_RATE` after many of them */
  logIn(request: FastifyRequest, reply: FastifyReply, token: string): void
  logOut(request: FastifyRequest, reply: FastifyReply): void
}

/** See {@link Authenticator.signIn}. */
export type SignIn = 'token' | 'application'

interface AuthenticatorOptions extends Authentication {
  readonly sessions?: SessionTimes
  /** Path to which the cookie is sent. */
  readonly path: string
  /** Milliseconds, from a clock that only advances. */
  readonly now?: () => number
}

/** @throws TypeError without `token` and `authenticate`: there is no server without authentication */
export function makeAuthenticator(options: AuthenticatorOptions): Authenticator {
  if (options.authenticate !== undefined) return new ApplicationAuthenticator(options.authenticate)
  if (options.token !== undefined) return new TokenAuthenticator(options.token, options)
  throw new TypeError('one of the options token and authenticate is needed')
}

/** By a token that is shown once, and then by a cookie. */
class TokenAuthenticator implements Authenticator {
  readonly signIn = 'token'
  readonly #sessions: Sessions
  readonly #attempts: Attempts
  /** Whoever has the token acts as the user of this process. */
  readonly #user = processUser()

  constructor(
    private readonly token: string,
    private readonly options: AuthenticatorOptions,
  ) {
    const now = options.now ?? (() => performance.now())
    this.#sessions = new Sessions(now, options.sessions)
    this.#attempts = new Attempts(now)
  }

  identify(request: FastifyRequest): Promise<KnownSession | null> {
    const id = cookieOf(request)
    return Promise.resolve(id === undefined ? null : (this.#sessions.use(id) ?? null))
  }

  logIn(request: FastifyRequest, reply: FastifyReply, token: string): void {
    const retryAfterMs = Math.ceil(this.#attempts.waitMs(request.ip))
    if (retryAfterMs > 0) {
      void reply.header('retry-after', String(Math.ceil(retryAfterMs / 1000)))
      throw new ApiFailure('ALUDEL_WEB_RATE', 'too many wrong tokens', 'Wait a moment, then try again.', {
        retryAfterMs,
      })
    }
    if (!sameSecret(token, this.token)) {
      this.#attempts.failed(request.ip)
      throw new ApiFailure('ALUDEL_WEB_SESSION', 'the token is wrong', 'It is in the link that the server printed.')
    }
    const known = cookieOf(request)
    // The link was opened in a second tab, which shares the cookie: another session would end that of the first.
    if (known !== undefined && this.#sessions.use(known) !== undefined) return
    this.#setCookie(request, reply, this.#sessions.start(this.#user))
  }

  logOut(request: FastifyRequest, reply: FastifyReply): void {
    const id = cookieOf(request)
    if (id !== undefined) this.#sessions.end(id)
    this.#setCookie(request, reply, '', new Date(0))
  }

  #setCookie(request: FastifyRequest, reply: FastifyReply, value: string, expires?: Date): void {
    const cookie = serialize(cookieName(request), value, {
      path: this.options.path,
      httpOnly: true,
      sameSite: 'strict',
      secure: isSecure(request),
      ...(expires === undefined ? {} : { expires }),
    })
    void reply.header('set-cookie', cookie)
  }
}

/** By the application in which the plugin is mounted. */
class ApplicationAuthenticator implements Authenticator {
  readonly signIn = 'application'
  readonly #secret = randomBytes(32)

  constructor(private readonly authenticate: NonNullable<Authentication['authenticate']>) {}

  async identify(request: FastifyRequest): Promise<KnownSession | null> {
    const user = await this.authenticate(request)
    return user === null ? null : { user, csrf: createHmac('sha256', this.#secret).update(user).digest('base64url') }
  }

  logIn(): void {
    throw elsewhere()
  }

  logOut(): void {
    throw elsewhere()
  }
}

function elsewhere(): ApiFailure {
  return new ApiFailure('ALUDEL_WEB_FORBIDDEN', 'sessions begin and end in the application that this is a part of')
}

/** Servers on other ports of the same machine share its cookies, so that each needs a name of its own. */
function cookieName(request: FastifyRequest): string {
  return `aludel-${String(request.raw.socket.localPort ?? 0)}`
}

function cookieOf(request: FastifyRequest): string | undefined {
  return parse(request.headers.cookie ?? '')[cookieName(request)]
}

/** Whether the browser uses TLS, here or up to a proxy: it tells where its page comes from. */
function isSecure(request: FastifyRequest): boolean {
  return request.protocol === 'https' || request.headers.origin?.startsWith('https:') === true
}
