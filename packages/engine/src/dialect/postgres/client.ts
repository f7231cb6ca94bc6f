import type { QueryRunner } from 'typeorm'

import { messageOf } from '../../errors'
import type { Socket } from '../roles/running'

/** A client of `pg`. The server reports `processID` when the connection is made; absent with `pg-native`. */
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

/** The message of `pg` when `query_timeout` has passed without an answer. The error has no code. */
const readTimeout = 'Query read timeout'

/** Stops the watch of a query runner. */
const watched = new WeakMap<QueryRunner, () => void>()

/** True for the error that the driver throws when `query_timeout` has passed. */
export function isReadTimeout(error: unknown): boolean {
  return messageOf(error) === readTimeout
}

/**
 * Closes the connection of a query runner when the server has not answered within `query_timeout`, until
 * {@link stopWatching}. The driver alone only abandons the statement: each of the dozen queries that a failing run still
 * sends would wait as long again. The server rolls back the open transaction when the connection ends.
 */
export async function closeOnReadTimeout(queryRunner: QueryRunner): Promise<void> {
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
        if (isReadTimeout(error)) stream.destroy()
      })
    }
    return answer
  }
  client.query = watching
  watched.set(queryRunner, () => {
    // Keeps the instrumentation of others, installed before or after this one.
    if (client.query !== watching) return
    if (isOwn) client.query = query
    else delete client.query
  })
}

/** The driver may use another implementation of promises. */
function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return typeof answer === 'object' && answer !== null && 'then' in answer && typeof answer.then === 'function'
}

/** Undoes {@link closeOnReadTimeout}: the connection may be the application's. */
export function stopWatching(queryRunner: QueryRunner | undefined): void {
  if (queryRunner === undefined) return
  watched.get(queryRunner)?.()
  watched.delete(queryRunner)
}
