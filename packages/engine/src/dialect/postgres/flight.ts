import type { QueryRunner } from 'typeorm'

import { replaceMethod } from '../replace-method'
import { type Flight, type Landed, waitingFlight } from '../roles/running'
import { firstWords } from '../../sql/text'
import { sendBatch } from './batch'
import { type Client, clientOf } from './client'
import { knowLimits } from './limits'
import type { BatchedStatement } from './messages'

/** What `pg` answers to a statement without rows. */
export const noRows = { command: '', rowCount: 0, oid: null, fields: [], rows: [] }

/** See `RunningRole.flight`. The statements of a flight are one message, and one answer. */
export async function flight(queryRunner: QueryRunner): Promise<Flight> {
  // Subscribers see the transaction begin and end, and may read rows then.
  if (queryRunner.connection.subscribers.length > 0) return waitingFlight()
  const client = await clientOf(queryRunner)
  // `pg-native` has no messages.
  if (client.query === undefined || client.connection?.stream?.write === undefined) return waitingFlight()
  await knowLimits(queryRunner)
  return new PostgresFlight(client, queryRunner)
}

interface Waiting extends BatchedStatement {
  readonly label: string
}

/** The label of a statement whose answer is waited for by whoever sent it. */
const joined = ''

/** True for one statement that has no parameters and returns no rows, also where nobody would expect them. */
export function canJoin(text: string, values: readonly unknown[] | undefined): boolean {
  if ((values?.length ?? 0) > 0 || text.includes(';')) return false
  return ['CREATE', 'ALTER', 'DROP', 'COMMENT'].includes(firstWords(text, 1)[0] ?? '')
}

/** Whether the server has sent this error. */
function isAnswer(error: unknown): boolean {
  return ((error ?? {}) as { readonly severity?: unknown }).severity !== undefined
}

class PostgresFlight implements Flight {
  #waiting: Waiting[] = []
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
    const restore = replaceMethod(this.#client, 'query', (text: string, values: readonly unknown[] = []) => {
      this.#waiting.push({ label, text, values })
      return Promise.resolve(noRows)
    })
    try {
      await work()
    } catch (error) {
      this.#failed = { label, error }
    } finally {
      restore()
    }
  }

  async takeAlong<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#failed !== undefined) throw this.#failed.error
    const client = this.#client
    const { query } = client
    let isFirst = true
    const restore = replaceMethod(client, 'query', (text: string, values?: readonly unknown[]) => {
      isFirst = false
      restore()
      const next = { label: joined, text, values: [] }
      return canJoin(text, values)
        ? this.#depart([next]).then(() => noRows)
        : this.#depart([]).then(() => query?.call(client, text, values))
    })
    try {
      return await work()
    } finally {
      if (isFirst) restore()
    }
  }

  async land(): Promise<Landed | undefined> {
    if (this.#failed === undefined) await this.#depart([]).catch(() => undefined)
    const failed = this.#failed
    this.#failed = undefined
    this.#waiting = []
    return failed
  }

  /**
   * Sends what waits, and then these, in one message.
   *
   * @throws the first failure; it is kept for {@link land}, unless it is one of `more`
   */
  async #depart(more: readonly Waiting[]): Promise<void> {
    const sent = [...this.#waiting, ...more]
    this.#waiting = []
    if (sent.length === 0) return
    const failure = await sendBatch(this.#client, sent)
    if (failure === undefined) return
    // A COMMIT that the server has skipped would have rolled back, as TypeORM believes.
    if (!this.#queryRunner.isTransactionActive) await this.#rollBack()
    const { at, error } = failure
    // A connection that broke does not tell where: the statement of the revision takes longest.
    const label = more.length > 0 && !isAnswer(error) ? joined : (sent[at]?.label ?? '')
    if (label !== joined) this.#failed = { label, error }
    throw error
  }

  async #rollBack(): Promise<void> {
    try {
      await this.#client.query?.('ROLLBACK')
    } catch {
      // The session has ended, and its transaction with it.
    }
  }
}
