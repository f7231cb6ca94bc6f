import type { QueryRunner } from 'typeorm'

import { messageOf } from '../../errors'
import type { Socket } from '../roles/running'

/** A client of `pg`. The server reports `processID` when the connection is made; absent with `pg-native`. */
export interface Client {
  readonly processID?: number
  on?(event: 'error' | 'end', listener: (error?: unknown) => void): void
  off?(event: 'error' | 'end', listener: (error?: unknown) => void): void
  query?: (...given: unknown[]) => unknown
  /** Whether a statement is sent before the one before it is answered; absent in a `pg` that cannot do that. */
  pipeline?: boolean
  /** Absent with `pg-native`. */
  ref?(): void
  unref?(): void
  readonly connection?: Connection
}

/** The connection of a client, to which messages of the protocol are written. */
export interface Connection {
  readonly stream?: { readonly writable?: boolean; write?(bytes: Uint8Array): void; destroy(): void }
}

/** The connection under a query runner. */
export async function clientOf(queryRunner: QueryRunner): Promise<Client> {
  return (await queryRunner.connect()) as Client
}

/** See `RunningRole.socket`. */
export async function socket(queryRunner: QueryRunner): Promise<Socket> {
  const client = await clientOf(queryRunner)
  return { ref: () => client.ref?.(), unref: () => client.unref?.() }
}

/** The message of `pg` when `query_timeout` has passed without an answer. The error has no code. */
const readTimeout = 'Query read timeout'

/** Stops the watches of a query runner. */
const watched = new WeakMap<QueryRunner, () => void>()

/** True for the error that the driver throws when `query_timeout` has passed. */
export function isReadTimeout(error: unknown): boolean {
  return messageOf(error) === readTimeout
}

/**
 * Watches the session of a query runner until {@link stopWatching}: see {@link closeOnReadTimeout} and {@link keepLastWords}.
 */
export async function watchSession(queryRunner: QueryRunner): Promise<void> {
  if (watched.has(queryRunner)) return
  const client = await clientOf(queryRunner)
  const stops = [closeOnReadTimeout(client), keepLastWords(queryRunner, client)]
  watched.set(queryRunner, () => {
    for (const stop of stops) stop?.()
  })
}

/** What TypeORM and `pg` throw for a query on a session that has ended; none of it says why. */
const endedWords =
  /^QueryRunnerAlreadyReleasedError|^Query runner already released|Connection terminated|connection error and is not queryable/

/**
 * Makes later queries of a session that the server ended fail with the server's own words (`terminating connection due to
 * administrator command`). Where it ends between two queries, the driver only emits them as an event, TypeORM gives the
 * connection back, and the next query fails with "Query runner already released".
 */
function keepLastWords(queryRunner: QueryRunner, client: Client): () => void {
  let lastWords: unknown
  const onError = (error?: unknown): void => {
    lastWords ??= error
  }
  client.on?.('error', onError)
  const own = Object.getOwnPropertyDescriptor(queryRunner, 'query')
  const query = queryRunner.query.bind(queryRunner) as (...given: unknown[]) => Promise<unknown>
  const watching = async (...given: unknown[]): Promise<unknown> => {
    try {
      return await query(...given)
    } catch (error) {
      if (isFatal(error)) lastWords ??= error
      throw lastWords !== undefined && endedWords.test(`${nameOf(error)}${messageOf(error)}`) ? lastWords : error
    }
  }
  Object.defineProperty(queryRunner, 'query', { value: watching, configurable: true, enumerable: true, writable: true })
  return () => {
    client.off?.('error', onError)
    // Keeps what others have put around it since.
    if ((queryRunner as { query: unknown }).query !== watching) return
    if (own === undefined) Reflect.deleteProperty(queryRunner, 'query')
    else Object.defineProperty(queryRunner, 'query', own)
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error && error.name === 'QueryRunnerAlreadyReleasedError' ? error.name : ''
}

/** After an error of this severity the server ends the session. */
function isFatal(error: unknown): boolean {
  const { driverError = error } = (error ?? {}) as { readonly driverError?: unknown }
  return ((driverError ?? {}) as { readonly severity?: unknown }).severity === 'FATAL'
}

/**
 * Closes the connection of a query runner when the server has not answered within `query_timeout`. The driver alone only abandons the statement: each of the dozen queries that a failing run still
 * sends would wait as long again. The server rolls back the open transaction when the connection ends.
 */
function closeOnReadTimeout(client: Client): (() => void) | undefined {
  const { query } = client
  const stream = client.connection?.stream
  // `pg-native` has neither a deadline nor a stream.
  if (query === undefined || stream === undefined) return undefined
  const isOwn = Object.hasOwn(client, 'query')
  const watching: Client['query'] = (...given) => {
    const answer = query.apply(client, given)
    if (isThenable(answer)) {
      answer.then(undefined, (error: unknown) => {
        if (isReadTimeout(error)) stream.destroy()
      })
    }
    return answer
  }
  client.query = watching
  return () => {
    // Keeps the instrumentation of others, installed before or after this one.
    if (client.query !== watching) return
    if (isOwn) client.query = query
    else delete client.query
  }
}

/** The driver may use another implementation of promises. */
function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return typeof answer === 'object' && answer !== null && 'then' in answer && typeof answer.then === 'function'
}

/** Undoes {@link watchSession}: the connection may be the application's. */
export function stopWatching(queryRunner: QueryRunner | undefined): void {
  if (queryRunner === undefined) return
  watched.get(queryRunner)?.()
  watched.delete(queryRunner)
}
