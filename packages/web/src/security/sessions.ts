import { createHash, randomBytes } from 'node:crypto'

/** A browser that has shown the token. */
export interface KnownSession {
  /** What its writes must carry in a header: a page of another site can make a browser send the cookie, but not read this. */
  readonly csrf: string
  readonly user: string
}

interface Stored extends KnownSession {
  readonly startedAt: number
  usedAt: number
}

/** When a session ends, in milliseconds. */
export interface SessionTimes {
  /** After its start. Default is 12 hours. */
  readonly absoluteMs?: number
  /** After its last request. Default is 2 hours. */
  readonly idleMs?: number
}

/** Sessions at once. The oldest one ends for a new one. */
const mostSessions = 100

/** The sessions of one server, in memory: all end with it. */
export class Sessions {
  /** By the digest of the id: what a lookup takes tells nothing about ids. */
  readonly #sessions = new Map<string, Stored>()
  readonly #absoluteMs: number
  readonly #idleMs: number

  /** @param now milliseconds, from a clock that only advances */
  constructor(
    private readonly now: () => number,
    { absoluteMs = 12 * 3_600_000, idleMs = 2 * 3_600_000 }: SessionTimes = {},
  ) {
    this.#absoluteMs = absoluteMs
    this.#idleMs = idleMs
  }

  /**
   * Starts a session.
   *
   * @returns its id, for the cookie
   */
  start(user: string): string {
    const id = randomSecret()
    const now = this.now()
    this.#sessions.set(digest(id), { csrf: randomSecret(), user, startedAt: now, usedAt: now })
    const [oldest] = this.#sessions.keys()
    if (this.#sessions.size > mostSessions && oldest !== undefined) this.#sessions.delete(oldest)
    return id
  }

  /** The session with this id, used now; undefined if there is none, or it has expired. */
  use(id: string): KnownSession | undefined {
    const now = this.now()
    for (const [key, session] of this.#sessions) if (this.#isOver(session, now)) this.#sessions.delete(key)
    const found = this.#sessions.get(digest(id))
    if (found !== undefined) found.usedAt = now
    return found
  }

  end(id: string): void {
    this.#sessions.delete(digest(id))
  }

  #isOver({ startedAt, usedAt }: Stored, now: number): boolean {
    return now - startedAt >= this.#absoluteMs || now - usedAt >= this.#idleMs
  }
}

function randomSecret(): string {
  return randomBytes(32).toString('base64url')
}

function digest(id: string): string {
  return createHash('sha256').update(id).digest('base64')
}
