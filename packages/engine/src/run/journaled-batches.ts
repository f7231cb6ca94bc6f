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
 * takes, and its cursor lies in the database.
 */
export class JournaledBatches {
  readonly #run: Run
  readonly #step: Step
  readonly #database: Queryable
  readonly #store: BatchStore
  /** Calls so far, by name. */
  readonly #names = new Map<string, number>()
  #fresh: boolean
  #used = false
  #current: { readonly name: string; at: Progressed | undefined } | undefined

  /**
   * @param database the session of the run, not itself watched
   * @param resumed an earlier run has stopped in the middle of the step: then its cursors count
   */
  constructor(run: Run, step: Step, database: Queryable, resumed: boolean) {
    this.#run = run
    this.#step = step
    this.#database = database
    this.#fresh = !resumed
    this.#store = new BatchStore({
      dialect: run.dialect,
      database,
      journalTable: run.history.journalTable,
      revision: step.revision.id,
      direction: step.direction,
      now: run.now,
    })
  }

  /** What stands for `batched` while the interceptor watches over the revision. */
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

  /** What the batches of the call at which a run has stopped have done; undefined when there are none. */
  partial(connected: boolean): string | undefined {
    if (this.#current === undefined) return undefined
    const { name, at } = this.#current
    // Whether the last batch was committed the next run reads from its cursor.
    if (!connected) return `The batches of ${name} that were committed stay, and the next run resumes after them.`
    if (at === undefined || at.batches === 0) return undefined
    const of = at.total === null ? '' : ` of ${String(Math.max(at.total, at.rows))}`
    return `${String(at.rows)}${of} rows of ${name} are done and stay, and the next run resumes after them.`
  }

  /** To be called in the transaction that records the step as done. */
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
    await this.#store.ensure()
    this.#used = true
    // What is left of a run that somebody has finished by hand and stamped is about other rows.
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
        ...{ dialect, name, ownTransactions: true },
        store: {
          ...this.#underLock(cursor),
          read: async () => (current.at = await cursor.read()),
        },
        query: (sql, parameters) => this.#database.query(sql, parameters),
        now: () => now().getTime(),
        sleep: async (ms) => {
          await wait(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
        },
        stopIfAsked: () => {
          if (signal?.aborted === true) throw new Interruption()
        },
        committed: (at) => (current.at = at),
        progress: (progress) => {
          emit({ type: 'batch', step: this.#step, ...progress })
        },
        say: (message, type) => {
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
        await lock.begin(this.#database)
        await cursor.claim(from)
      },
      move: async (to) => {
        if (!inTransaction) await lock.beforeStatement(false)
        await cursor.move(to)
        if (inTransaction) await lock.beforeCommit(this.#database)
        inTransaction = false
      },
    }
  }

  /** What a call has done that an earlier run has finished. */
  async #earlier(name: string, cursor: CursorStore): Promise<BatchedResult> {
    await this.#open()
    const saved = await cursor.read()
    if (saved?.finished === true) return { rows: saved.rows, batches: saved.batches, passes: saved.pass }
    throw new AludelError('ALUDEL_STATEMENT_HALFWAY', `the batches of "${name}" are done, but their cursor is gone`, {
      help: `Put its row back into the table "${this.#store.table}", or finish the revision by hand and record it with \`aludel migrate stamp\`.`,
    })
  }
}
