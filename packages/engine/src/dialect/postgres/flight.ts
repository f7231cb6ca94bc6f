import type { QueryRunner } from 'typeorm'

import { type Flight, type Landed, waitingFlight } from '../roles/running'
import { type BatchedStatement, sendBatch } from './batch'
import { type Client, clientOf } from './client'
import { knowLimits } from './limits'

/** What `pg` answers to a statement without rows. */
const noRows = { command: '', rowCount: 0, oid: null, fields: [], rows: [] }

/** See `RunningRole.flight`. The statements of a flight are one message, and one answer. */
export async function flight(queryRunner: QueryRunner): Promise<Flight> {
  // Subscribers see the transaction begin and end, and may read rows then.
  if (queryRunner.connection.subscribers.length > 0) return waitingFlight()
  const client = await clientOf(queryRunner)
  // `pg-native` has no messages.
  if (client.query === undefined || client.connection?.parse === undefined) return waitingFlight()
  await knowLimits(queryRunner)
  return new PostgresFlight(client, queryRunner)
}

class PostgresFlight implements Flight {
  #waiting: (BatchedStatement & { readonly label: string })[] = []
  readonly #client: Client
  readonly #queryRunner: QueryRunner
  /** A failure here, of which the server does not know: nothing more is sent. */
  #failed: Landed | undefined

  constructor(client: Client, queryRunner: QueryRunner) {
    this.#client = client
    this.#queryRunner = queryRunner
  }

  /**
   * The statements of `work` are answered at once, with no rows, so that it goes on to the next one. Their order stays, and
   * so does what TypeORM knows of the transaction.
   */
  async send(label: string, work: () => Promise<unknown>): Promise<void> {
    if (this.#failed !== undefined) return
    const client = this.#client
    const own = Object.getOwnPropertyDescriptor(client, 'query')
    client.query = (text, values) => {
      this.#waiting.push({ label, text: text as string, values: (values ?? []) as readonly unknown[] })
      return Promise.resolve(noRows)
    }
    try {
      await work()
    } catch (error) {
      this.#failed = { label, error }
    } finally {
      if (own === undefined) delete client.query
      else Object.defineProperty(client, 'query', own)
    }
  }

  async land(): Promise<Landed | undefined> {
    const sent = this.#waiting
    const failed = this.#failed
    this.#waiting = []
    this.#failed = undefined
    if (failed !== undefined || sent.length === 0) return failed
    const failure = await sendBatch(this.#client, sent)
    if (failure === undefined) return undefined
    // A COMMIT that the server has skipped would have rolled back, as TypeORM believes.
    if (!this.#queryRunner.isTransactionActive) await this.#rollBack()
    const { at, error } = failure
    return { label: sent[at]?.label ?? '', error }
  }

  async #rollBack(): Promise<void> {
    try {
      await this.#client.query?.('ROLLBACK')
    } catch {
      // The session has ended, and its transaction with it.
    }
  }
}
