import type { QueryRunner } from 'typeorm'

import { messageOf } from '../../errors'
import type { Socket } from '../roles/running'

/** What `pg` says of a connection; `processID` is what the server named when it was made, absent with `pg-native`. */
export interface Client {
  readonly processID?: number
  on?(event: 'error' | 'end', listener: () => void): void
  off?(event: 'error' | 'end', listener: () => void): void
  query?: (...given: unknown[]) => unknown
  /** Absent with `pg-native`. */
  ref?(): void
  unref?(): void
  readonly connection?: { readonly stream?: { destroy(): void } }
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

/** What `pg` says when nothing has come back for as long as `query_timeout` allows. It has no code. */
const readTimeout = 'Query read timeout'

/** What ends the watch over a query runner. */
const watched = new WeakMap<QueryRunner, () => void>()

/** True for what the driver throws when the deadline of `query_timeout` has passed. */
export function isSilence(error: unknown): boolean {
  return messageOf(error) === readTimeout
}

/**
 * Closes the connection of a query runner when the server has not answered in the time of `query_timeout`, until
 * {@link leaveToItself}. The driver only gives the statement up: whatever is sent next would wait behind it for as long
 * again, and a run has a dozen things to say when it fails. The server rolls back what is open when it hears of the end.
 */
export async function endWhenSilent(queryRunner: QueryRunner): Promise<void> {
  const client = await clientOf(queryRunner)
  const { query } = client
  const stream = client.connection?.stream
  // `pg-native` has neither a deadline nor a stream.
  if (query === undefined || stream === undefined || watched.has(queryRunner)) return
  const isOwn = Object.hasOwn(client, 'query')
  const watching: Client['query'] = (...given) => {
    const answer = query.apply(client, given)
    if (isThenable(answer)) {
      answer.then(undefined, (error: unknown) => {
        if (isSilence(error)) stream.destroy()
      })
    }
    return answer
  }
  client.query = watching
  watched.set(queryRunner, () => {
    // Somebody else's instrumentation stays, on top of this or below.
    if (client.query !== watching) return
    if (isOwn) client.query = query
    else delete client.query
  })
}

/** The driver may have been given promises of another kind. */
function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return typeof answer === 'object' && answer !== null && 'then' in answer && typeof answer.then === 'function'
}

/** Gives the connection back as it was: it may be the application's. */
export function leaveToItself(queryRunner: QueryRunner | undefined): void {
  if (queryRunner === undefined) return
  watched.get(queryRunner)?.()
  watched.delete(queryRunner)
}
