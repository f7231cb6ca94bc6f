import { setTimeout as wait } from 'node:timers/promises'

import type { Queryable } from '../dialect/queryable'
import { AludelError } from '../errors'
import type { Step } from '../revision/revision'
import type { Run } from './run-values'
import { Interruption, type StatementInterceptor } from '../execution/statement-interceptor'
import type { BatchedHook } from '../batches/hook'
import type { CursorStore, Progressed } from '../batches/host'
import { runBatches } from '../batches/loop'
import { define, type BatchedResult, type Definition } from '../batches/options'
import { BatchStore } from '../batches/store'

/**
 * `batched` in a revision that is not transactional: one call is one statement of the revision, however many batches it
 * takes, and its cursor is kept in the database.
 */
export class JournaledBatches {
  readonly #run: Run
  readonly #step: Step
  readonly #database: Queryable
  readonly #own: Queryable
  readonly #store: BatchStore
  /** Calls so far, by name. */
  readonly #names = new Map<string, number>()
  #fresh: boolean
  #used = false
  #current: { readonly name: string; at: Progressed | undefined } | undefined

  /**
   * @param sessions `database`: the session of the run, without the interceptor; `own`: the same in the role of the run, which
   *   the revision may have left
   * @param resumed whether this run resumes the step from the cursors of an earlier one
   */
  constructor(
    run: Run,
    step: Step,
    { database, own }: { readonly database: Queryable; readonly own: Queryable },
    resumed: boolean,
  ) {
    this.#run = run
    this.#step = step
    this.#database = database
    this.#own = own
    this.#fresh = !resumed
    this.#store = new BatchStore({
      dialect: run.dialect,
      database: own,
      journalTable: run.history.journalTable,
      history: run.history.name,
      revision: step.revision.id,
      direction: step.direction,
      now: run.now,
    })
  }

  /** The implementation of `batched` for a revision under this interceptor. */
  hook(interceptor: StatementInterceptor): BatchedHook {
    return async (options) => {
      const definition = define(options)
      const name = this.#nameOf(definition)
      const cursor = this.#store.cursor(name, definition.hash)
      const result = await interceptor.perform({
        sql: `batched ${name}`,
        parameters: [definition.hash],
        run: () => this.#perform(name, definition, cursor),
        whenDone: () => this.#earlier(name, cursor),
      })
      return result as BatchedResult
    }
  }

  /** What the call that failed has done, as a sentence; undefined if no call failed or no batch was committed. */
  partial(connected: boolean): string | undefined {
    if (this.#current === undefined) return undefined
    const { name, at } = this.#current
    // The cursor shows the next run whether the last batch was committed.
    if (!connected) return `The batches of ${name} that were committed stay, and the next run resumes after them.`
    if (at === undefined || at.batches === 0) return undefined
    const of = at.total === null ? '' : ` of ${String(Math.max(at.total, at.rows))}`
    return `${String(at.rows)}${of} rows of ${name} are done and stay, and the next run resumes after them.`
  }

  /** Deletes the cursors. Call it in the transaction that records the step as done. */
  async forget(): Promise<void> {
    if (this.#used) await this.#store.forget()
  }

  #nameOf({ name, table }: Definition): string {
    const base = name ?? table
    const count = (this.#names.get(base) ?? 0) + 1
    this.#names.set(base, count)
    if (count === 1) return base
    if (name === undefined) return `${base} ${String(count)}`
    throw new AludelError('ALUDEL_BATCHED', `two calls of batched in one revision have the name "${name}"`)
  }

  async #open(): Promise<void> {
    if (this.#used) return
    await this.#store.ensure(!this.#fresh)
    this.#used = true
    // Cursors of a run that was finished by hand and stamped do not fit the rows of today.
    if (this.#fresh) await this.#store.forget()
    this.#fresh = false
  }

  async #perform(name: string, definition: Definition, cursor: CursorStore): Promise<BatchedResult> {
    const { dialect, signal, now, emit } = this.#run
    const current: { name: string; at: Progressed | undefined } = { name, at: undefined }
    this.#current = current
    await this.#open()
    const result = await runBatches(
      {
        dialect,
        name,
        ownTransactions: true,
        store: {
          ...this.#underLock(cursor),
          read: async () => (current.at = await cursor.read()),
        },
        query: (sql, parameters) => this.#database.query(sql, parameters),
        now: () => now().getTime(),
        sleep: async (ms) => {
          await wait(ms, undefined, { signal }).catch(() => undefined)
        },
        stopIfInterrupted: () => {
          if (signal?.aborted === true) throw new Interruption()
        },
        committed: (at) => (current.at = at),
        progress: (progress) => {
          emit({ type: 'batch', step: this.#step, ...progress })
        },
        report: (message, type) => {
          emit({ type, message })
        },
      },
      definition,
    )
    this.#current = undefined
    return result
  }

  /** A batch is committed only while the lock is held. */
  #underLock(cursor: CursorStore): CursorStore {
    const { lock } = this.#run.session
    let inTransaction = false
    return {
      ...cursor,
      claim: async (from) => {
        inTransaction = true
        await lock.begin(this.#own)
        await cursor.claim(from)
      },
      move: async (to) => {
        if (!inTransaction) await lock.beforeStatement(false)
        await cursor.move(to)
        if (inTransaction) await lock.beforeCommit(this.#own)
        inTransaction = false
      },
    }
  }

  /** The result of a call that an earlier run has finished. */
  async #earlier(name: string, cursor: CursorStore): Promise<BatchedResult> {
    await this.#open()
    const saved = await cursor.read()
    if (saved?.finished === true) return { rows: saved.rows, batches: saved.batches, passes: saved.pass }
    throw new AludelError(
      'ALUDEL_STATEMENT_HALFWAY',
      `the batches of "${name}" are done, but their cursor is missing`,
      {
        help: `Put its row back into the table "${this.#store.table}", or finish the revision by hand and record it with \`aludel migrate stamp\`.`,
      },
    )
  }
}
