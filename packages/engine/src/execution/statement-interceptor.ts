import type { QueryRunner } from 'typeorm'

import type { Socket, StatementWatch } from '../dialect/roles/running'
import { AludelError } from '../errors'
import { keepBorrowed } from './borrowed'
import { ObservedPromise } from './observed-promise'
import { replaceMethod } from '../dialect/replace-method'
import { sendWatched } from './send-watched'
import { nextTurn } from './turn'
import { savepointIn, shortSql, transactionEffects, type TransactionEffect } from '../sql/text'

/** A statement that failed. */
interface FailedStatement {
  /** 1-based. */
  readonly statement: number
  readonly sql: string
  readonly error: unknown
}

interface StatementInterceptorOptions {
  /** Called before each statement. */
  readonly onStatement?: (statement: number, sql: string) => void
  /** Checked before each statement, and while the revision waits for something that is no statement. */
  readonly signal?: AbortSignal
  /** Lets the process end while no statement is at work; see {@link Socket}. */
  readonly socket?: Socket
  /** Called with calls that are ignored. */
  readonly warn?: (message: string) => void
  /** Called before each statement; it stops the revision by throwing or rejecting. Undefined: go ahead without waiting. */
  readonly permit?: () => Promise<void> | undefined
  /** True when a transaction is open around the work. */
  readonly transactional: boolean
  /** Called before a statement that would end the transaction around the work; may throw to forbid it. */
  readonly onTransactionEnd?: (statement: number, sql: string) => void
  /**
   * Called after a statement failed in a transaction. True if the database had ended the transaction, and it was begun
   * again: the revision can then do nothing more.
   */
  readonly beginAgain?: () => Promise<boolean>
  /** Sees each statement before it is executed. */
  readonly watch?: StatementWatch
  /** Replaces the execution of each statement; `run` executes it. */
  readonly intercept?: (statement: InterceptedStatement, run: () => Promise<unknown>) => Promise<unknown>
}

export interface InterceptedStatement {
  /** 1-based. */
  readonly statement: number
  readonly sql: string
  readonly parameters: readonly unknown[]
  /** What it does to the transaction around it. */
  readonly effects: readonly TransactionEffect[]
  /** For work that records its own progress: returns its result if an earlier run has finished it. */
  readonly whenDone?: () => Promise<unknown>
}

/** Work that counts as one statement, however many it sends; see {@link StatementInterceptor.perform}. */
interface Performance extends Pick<InterceptedStatement, 'sql' | 'parameters'> {
  /** Sends its statements without the interceptor. */
  readonly run: () => Promise<unknown>
  readonly whenDone: () => Promise<unknown>
}

type Query = (sql: string, parameters?: unknown[], ...rest: unknown[]) => Promise<unknown>

/** Thrown into a migration to interrupt it; the run reports `ALUDEL_INTERRUPTED`. */
export class Interruption extends Error {
  override readonly name = 'Interruption'
  constructor() {
    super('interrupted')
  }
}

/**
 * Intercepts every statement that a migration sends through its query runner, including those of TypeORM's own methods
 * (`createTable`, the entity manager, query builders): all of them call `queryRunner.query`.
 *
 * @example
 * const interceptor = new StatementInterceptor(queryRunner, { transactional: true })
 * await interceptor.watch((watched) => migration.up(watched))
 * interceptor.completed // statements the database has accepted
 */
export class StatementInterceptor {
  /** The number of statements begun. */
  started = 0
  /** The number of statements that the database has accepted. */
  completed = 0
  /** Statements that failed, in order; more than one if the migration caught an error and continued. */
  readonly failures: FailedStatement[] = []
  /** The last statement that committed the transaction around the work, if one did. */
  committedBy: number | undefined
  /** The last statement that rolled it back. */
  rolledBackBy: number | undefined
  /** Whether a transaction is open, as far as the statements show. */
  transactionOpen: boolean
  interrupted = false

  readonly #queryRunner: QueryRunner
  readonly #options: StatementInterceptorOptions
  readonly #pending = new Set<Promise<unknown>>()
  /** Failures, with what the revision got for the statement. */
  readonly #rejected: { readonly answer: ObservedPromise<unknown>; readonly error: unknown }[] = []
  /** The work that is being performed, with exclusive use of the session. */
  #performing: string | undefined
  /** The savepoint that began the open transaction, if a savepoint did. */
  #outermost: string | undefined
  /** The failure with which the database ended the transaction: nothing of the revision remains, so it cannot continue. */
  #ended: FailedStatement | undefined
  #closed = false
  /** The end of the statements that a watch may change, one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(queryRunner: QueryRunner, options: StatementInterceptorOptions) {
    this.#queryRunner = queryRunner
    this.#options = options
    this.transactionOpen = options.transactional
  }

  /**
   * Runs `work` and waits for every statement it has sent, also for those that it did not await: they belong to the same
   * transaction, and COMMIT or ROLLBACK must not overtake them. A failure that `work` did not wait for fails the work. The query runner that `work` gets refuses later statements,
   * for example from code that ran in parallel to a failing statement.
   */
  async watch<Result>(work: (queryRunner: QueryRunner) => Promise<Result>): Promise<Result> {
    const original: Query = (this.#queryRunner as unknown as { query: Query }).query.bind(this.#queryRunner)
    const restore = replaceMethod(this.#queryRunner, 'query', (...call: Parameters<Query>) =>
      this.#remember(this.#query(original, call)),
    )
    const giveBack = keepBorrowed(this.#queryRunner, this.#options.warn ?? (() => undefined))
    const interruption = this.#interruption()
    this.#options.socket?.unref()
    try {
      const result = await Promise.race([work(this.#facade()), interruption.rejects])
      const failuresBefore = this.failures.length
      await this.#drain()
      const late =
        this.#ended ?? this.#rejected.find(({ answer }) => !answer.isObserved) ?? this.failures[failuresBefore]
      if (late !== undefined) throw late.error
      if (this.interrupted) throw new Interruption()
      // The revision has ended: what is waited for now are queries of the run, during which the process must not end.
      this.#options.socket?.ref()
      await this.#options.watch?.finish()
      return result
    } catch (error) {
      this.#closed = true
      await this.#drain()
      throw error
    } finally {
      this.#closed = true
      this.#options.socket?.ref()
      interruption.forget()
      giveBack()
      restore()
    }
  }

  /**
   * Runs work that counts as one statement. It may begin and end transactions, so it has exclusive use of the session: it
   * waits for statements that were sent before, and those that are sent meanwhile are refused.
   *
   * @throws AludelError `ALUDEL_TRANSACTION_MODE` inside a transaction, `ALUDEL_STATEMENT` while other work is performed
   */
  perform(performance: Performance): Promise<unknown> {
    return this.#remember(this.#perform(performance))
  }

  /** Rejects when the run is to stop and the revision waits for something that is no statement: a timer, a server. */
  #interruption(): { readonly rejects: Promise<never>; readonly forget: () => void } {
    const { signal } = this.#options
    let forget = (): void => undefined
    const rejects = new Promise<never>((_resolve, reject) => {
      const onAbort = (): void => {
        void this.#untilIdle().then(() => {
          if (this.#closed) return
          this.interrupted = true
          reject(new Interruption())
        })
      }
      // It may have come after the run looked for the last time.
      if (signal?.aborted === true) onAbort()
      else signal?.addEventListener('abort', onAbort, { once: true })
      forget = () => signal?.removeEventListener('abort', onAbort)
    })
    return { rejects, forget }
  }

  /** When every statement is done, and what waits for it has had its turn to send the next one or to end. */
  async #untilIdle(): Promise<void> {
    do {
      await Promise.allSettled([...this.#pending])
      await nextTurn()
    } while (this.#pending.size > 0)
  }

  #remember(promise: Promise<unknown>): Promise<unknown> {
    if (this.#pending.size === 0) this.#options.socket?.ref()
    this.#pending.add(promise)
    const forget = (): void => {
      this.#pending.delete(promise)
      if (this.#pending.size === 0 && !this.#closed) this.#options.socket?.unref()
    }
    const answer = ObservedPromise.of(promise)
    promise.then(forget, (error: unknown) => {
      forget()
      this.#rejected.push({ answer, error })
    })
    return answer
  }

  /** The query runner, until the work is over. */
  #facade(): QueryRunner {
    return new Proxy(this.#queryRunner, {
      get: (target, property, receiver) => {
        if (property === 'query' && this.#closed) return () => Promise.reject(closedError())
        return Reflect.get(target, property, receiver) as unknown
      },
    })
  }

  async #perform({ sql, parameters, run, whenDone }: Performance): Promise<unknown> {
    this.#refuse(sql)
    this.#performing = sql
    try {
      await Promise.allSettled([...this.#pending])
      if (this.transactionOpen) throw insideError(sql)
      this.started += 1
      const statement = this.started
      this.#options.onStatement?.(statement, sql)
      const result = await this.#execute({ statement, sql, parameters, effects: [], whenDone }, run)
      this.completed += 1
      return result
    } finally {
      this.#performing = undefined
    }
  }

  async #query(original: Query, call: Parameters<Query>): Promise<unknown> {
    const [sql, ...rest] = call
    const [parameters] = rest
    this.#refuse(sql)
    this.started += 1
    const statement = this.started
    const effects = this.#effectsOf(sql)
    const ends = this.#followTransaction(statement, sql, effects)
    this.#options.onStatement?.(statement, sql)
    let sent = false
    const send = async (instead = sql): Promise<unknown> => {
      const result = await original(instead, ...rest)
      ends?.()
      return result
    }
    const work = async (): Promise<unknown> => {
      sent = true
      // Awaiting only what is a promise keeps the order of statements that are not awaited.
      const permitted = this.#options.permit?.()
      if (permitted !== undefined) await permitted
      return sendWatched(this.#options.watch, sql, send)
    }
    const run = (): Promise<unknown> => this.#inTurn(work)
    const result = await this.#execute({ statement, sql, parameters: parameters ?? [], effects }, run)
    if (!sent) ends?.()
    this.completed += 1
    return result
  }

  /**
   * A watch that changes statements sends others around each of them, also around those that the revision does not await: they must
   * not mix with the next one.
   */
  #inTurn(work: () => Promise<unknown>): Promise<unknown> {
    if (this.#options.watch?.instead === undefined) return work()
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  #refuse(sql: string): void {
    if (this.#closed) throw closedError()
    if (this.#ended !== undefined) throw this.#ended.error
    if (this.#performing !== undefined) throw meanwhileError(this.#performing, sql)
    if (this.#options.signal?.aborted === true) {
      this.interrupted = true
      throw new Interruption()
    }
  }

  #execute(intercepted: InterceptedStatement, send: () => Promise<unknown>): Promise<unknown> {
    const { statement, sql } = intercepted
    const run = async (): Promise<unknown> => {
      try {
        return await send()
      } catch (error) {
        const failed = { statement, sql, error }
        this.failures.push(failed)
        if (this.transactionOpen && (await this.#options.beginAgain?.()) === true) this.#ended ??= failed
        throw error
      }
    }
    return this.#options.intercept?.(intercepted, run) ?? run()
  }

  /** What to do once `sql` has been executed, if it begins or ends transactions. */
  #followTransaction(statement: number, sql: string, effects: readonly TransactionEffect[]): (() => void) | undefined {
    if (effects.length === 0) return undefined
    if (this.#options.transactional && effects.some((effect) => effect !== 'begin')) {
      this.#options.onTransactionEnd?.(statement, sql)
    }
    return () => {
      for (const effect of effects) {
        if (effect === 'commit') this.committedBy = statement
        if (effect === 'rollback') this.rolledBackBy = statement
        this.transactionOpen = effect === 'begin'
        this.#outermost = effect === 'begin' ? savepointIn(sql)?.name : undefined
      }
    }
  }

  /** A savepoint outside a transaction begins one, and its release commits it. */
  #effectsOf(sql: string): readonly TransactionEffect[] {
    const savepoint = savepointIn(sql)
    if (savepoint === undefined) return transactionEffects(sql)
    if (savepoint.kind === 'savepoint') return this.transactionOpen ? [] : ['begin']
    return this.transactionOpen && savepoint.name === this.#outermost ? ['commit'] : []
  }

  async #drain(): Promise<void> {
    if (this.#pending.size === 0 && !this.#closed) return
    // Code that runs in parallel to a failed statement continues here, and its next statement is refused.
    await this.#untilIdle()
  }
}

function closedError(): AludelError {
  return new AludelError('ALUDEL_STATEMENT', 'query sent after the revision finished; it was not executed', {
    help: 'Its up() or down() has a promise that it does not await.',
  })
}

function meanwhileError(performing: string, sql: string): AludelError {
  return new AludelError(
    'ALUDEL_STATEMENT',
    `a statement was sent while "${performing}" was running: ${shortSql(sql)}`,
    {
      help: 'Await it before the next statement; in a function of batched, use the query that it is given.',
    },
  )
}

function insideError(performing: string): AludelError {
  return new AludelError('ALUDEL_TRANSACTION_MODE', `"${performing}" was called inside a transaction`, {
    help: 'It commits each batch. Commit before it, or begin the transaction after it.',
  })
}
