import type { QueryRunner } from 'typeorm'

import { type Flight, type Landed, waitingFlight } from '../roles/running'
import { type Client, clientOf } from './client'
import { knowLimits } from './limits'

/** What `pg` answers to a statement without rows. */
const noRows = { command: '', rowCount: 0, oid: null, fields: [], rows: [] }

/**
 * See `RunningRole.flight`. A recent `pg` writes the statements of a flight one after another, in its pipeline mode
 * (https://node-postgres.com/features/pipelining); an earlier one waits for each answer before it sends the next.
 */
export async function flight(queryRunner: QueryRunner): Promise<Flight> {
  // Subscribers see the transaction begin and end, and may read rows then.
  if (queryRunner.connection.subscribers.length > 0) return waitingFlight()
  const client = await clientOf(queryRunner)
  if (client.query === undefined) return waitingFlight()
  await knowLimits(queryRunner)
  return new PostgresFlight(client)
}

class PostgresFlight implements Flight {
  #answers: { readonly label: string; readonly answer: PromiseLike<unknown> }[] = []
  readonly #client: Client
  readonly #pipeline: boolean | undefined
  #corked = false
  /** A failure here, of which the server does not know: nothing more is sent. */
  #failed: Landed | undefined

  constructor(client: Client) {
    this.#client = client
    this.#pipeline = client.pipeline
  }

  /**
   * The statements of `work` are answered at once, with no rows, so that it sends the next one. Their order stays, and so
   * does what TypeORM knows of the transaction.
   */
  async send(label: string, work: () => Promise<unknown>): Promise<void> {
    const client = this.#client
    const { query } = client
    if (this.#failed !== undefined || query === undefined) return
    const isOwn = Object.hasOwn(client, 'query')
    const sending: Client['query'] = (...given) => {
      const answer = query.apply(client, given) as PromiseLike<unknown>
      // It is awaited in `land`.
      answer.then(undefined, () => undefined)
      this.#answers.push({ label, answer })
      return Promise.resolve(noRows)
    }
    if (this.#pipeline !== undefined) client.pipeline = true
    // All statements become one write; a `pg` that waits for answers must write each at once.
    this.#cork()
    client.query = sending
    try {
      await work()
    } catch (error) {
      this.#failed = { label, error }
    } finally {
      if (isOwn) client.query = query
      else delete client.query
    }
  }

  async land(): Promise<Landed | undefined> {
    const sent = this.#answers
    this.#answers = []
    this.#uncork()
    let failed: Landed | undefined
    for (const { label, answer } of sent) {
      try {
        await answer
      } catch (error) {
        failed ??= { label, error }
      }
    }
    if (this.#pipeline !== undefined) this.#client.pipeline = this.#pipeline
    failed ??= this.#failed
    this.#failed = undefined
    return failed
  }

  #cork(): void {
    if (this.#pipeline === undefined || this.#corked) return
    this.#corked = true
    this.#client.connection?.stream?.cork?.()
    // Whatever happens until then, what was sent must not stay here.
    setImmediate(() => this.#uncork())
  }

  #uncork(): void {
    if (!this.#corked) return
    this.#corked = false
    this.#client.connection?.stream?.uncork?.()
  }
}
