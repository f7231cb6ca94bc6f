import { type Client, type Connection, isReadTimeout } from './client'
import { type BatchedStatement, messagesOf } from './messages'

/** Why a batch ended early, and at which of its statements. */
interface BatchFailure {
  readonly at: number
  readonly error: unknown
}

/**
 * Sends statements as one message, whose rows nobody needs: all of them up to one Sync, so that the server answers once, and skips
 * the rest after one that fails. Each is parsed as it is executed, so that nothing is left on the session, and a pooler may be
 * between. Statements must be single ones.
 *
 * @returns undefined when all of them succeeded; never throws
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
export async function sendBatch(
  client: Client,
  statements: readonly BatchedStatement[],
): Promise<BatchFailure | undefined> {
  const { pipeline } = client
  const failure = await new Promise<BatchFailure | undefined>((resolve) => {
    // In its pipeline mode `pg` takes nothing but its own queries.
    if (pipeline === true) client.pipeline = false
    client.query?.(new Batch(statements, resolve))
  })
  if (pipeline === true) client.pipeline = pipeline
  // See `watchSession`.
  if (isReadTimeout(failure?.error)) client.connection?.stream?.destroy()
  return failure
}

/**
 * What `client.query` accepts besides a text, as `pg-cursor` and `pg-query-stream` are: the client calls these methods with the
 * answers of the server.
 * https://github.com/brianc/node-postgres/blob/master/packages/pg-cursor/index.js
 */
class Batch {
  /** `pg` replaces it if there is a `query_timeout`. */
  callback: (error?: unknown) => void
  readonly #statements: readonly BatchedStatement[]
  #completed = 0

  constructor(statements: readonly BatchedStatement[], done: (failure: BatchFailure | undefined) => void) {
    this.#statements = statements
    this.callback = (error) => done(error === undefined ? undefined : { at: this.#completed, error })
  }

  submit(connection: Connection): Error | null {
    const { stream } = connection
    // As `pg` does: the end of the connection is the answer.
    if (stream?.writable === true) stream.write?.(messagesOf(this.#statements))
    return null
  }

  handleCommandComplete(): void {
    this.#completed += 1
  }

  handleError(error: unknown): void {
    this.callback(error)
  }

  handleReadyForQuery(): void {
    this.callback()
  }

  handleDataRow(): void {
    // Nobody needs it.
  }
}
