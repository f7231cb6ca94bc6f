import type { QueryRunner } from 'typeorm'

import type { StatementWatch } from '../dialect/dialect'
import { AludelError } from '../errors'
import { savepointIn, transactionEffects, type TransactionEffect } from './sql-text'

/** A statement that the database refused. */
export interface FailedStatement {
  /** 1-based. */
  readonly statement: number
  readonly sql: string
  readonly error: unknown
}

export interface StatementCounterOptions {
  /** Told before each statement. */
  readonly onStatement?: (statement: number, sql: string) => void
  /** Looked at before each statement. */
  readonly signal?: AbortSignal
  /** True when a transaction is open around the work. */
  readonly transactional: boolean
  /** Called before a statement that would end the transaction around the work; may throw to forbid it. */
  readonly onTransactionEnd?: (statement: number, sql: string) => void
  /** Sees each statement before it is executed. */
  readonly watch?: StatementWatch
  /** Stands between the counter and the database; `run` executes the statement. */
  readonly intercept?: (statement: CountedStatement, run: () => Promise<unknown>) => Promise<unknown>
}

export interface CountedStatement {
  /** 1-based. */
  readonly statement: number
  readonly sql: string
  readonly parameters: readonly unknown[]
  /** What it does to the transaction around it. */
  readonly effects: readonly TransactionEffect[]
}

type Query = (sql: string, parameters?: unknown[], ...rest: unknown[]) => Promise<unknown>

/** Thrown into a migration when the run is to stop; the executor turns it into `ALUDEL_INTERRUPTED`. */
export class Interruption extends Error {
  override readonly name = 'Interruption'
  constructor() {
    super('interrupted')
  }
}

/**
 * Sits on a query runner while a migration works with it, and sees every statement, those that TypeORM's own methods
 * (`createTable`, the entity manager, query builders) send as well: they all go through `queryRunner.query`.
 *
 * @example
 * const counter = new StatementCounter(queryRunner, { transactional: true })
 * await counter.watch((watched) => migration.up(watched))
 * counter.completed // statements the database has accepted
 */
export class StatementCounter {
  /** Statements begun. */
  started = 0
  /** Statements that the database has accepted. */
  completed = 0
  /** Statements that failed, in order; more than one when the migration caught an error and went on. */
  readonly failures: FailedStatement[] = []
  /** The last statement that committed the transaction around the work, if one did. */
  committedBy: number | undefined
  /** The last statement that rolled it back. */
  rolledBackBy: number | undefined
  /** Whether a transaction is open, going by the statements seen. */
  transactionOpen: boolean
  interrupted = false

  readonly #queryRunner: QueryRunner
  readonly #options: StatementCounterOptions
  readonly #pending = new Set<Promise<unknown>>()
  /** The savepoint that began the transaction which is open, where none was. */
  #outermost: string | undefined
  #closed = false

  constructor(queryRunner: QueryRunner, options: StatementCounterOptions) {
    this.#queryRunner = queryRunner
    this.#options = options
    this.transactionOpen = options.transactional
  }

  /**
   * Runs `work` and waits for every statement it has sent, also for those it forgot to await: they belong to the same
   * transaction, and what follows (COMMIT or ROLLBACK) must not overtake them. The query runner that `work` gets refuses
   * statements that come later still, for example from code that ran beside a failing statement.
   */
  async watch<Result>(work: (queryRunner: QueryRunner) => Promise<Result>): Promise<Result> {
    const target = this.#queryRunner as unknown as { query: Query }
    const own = Object.getOwnPropertyDescriptor(target, 'query')
    const original = target.query.bind(target)
    target.query = (...call) => {
      const promise = this.#query(original, call)
      this.#pending.add(promise)
      const forget = (): void => void this.#pending.delete(promise)
      // Also keeps a rejection that nobody awaits from ending the process; `watch` reports it.
      promise.then(forget, forget)
      return promise
    }
    try {
      const result = await work(this.#facade())
      const failuresBefore = this.failures.length
      await this.#drain()
      const late = this.failures[failuresBefore]
      if (late !== undefined) throw late.error
      if (this.interrupted) throw new Interruption()
      await this.#options.watch?.finish()
      return result
    } catch (error) {
      this.#closed = true
      await this.#drain()
      throw error
    } finally {
      this.#closed = true
      if (own === undefined) Reflect.deleteProperty(target, 'query')
      else Object.defineProperty(target, 'query', own)
    }
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

  async #query(original: Query, call: Parameters<Query>): Promise<unknown> {
    if (this.#closed) throw closedError()
    if (this.#options.signal?.aborted === true) {
      this.interrupted = true
      throw new Interruption()
    }
    const [sql, parameters] = call
    this.started += 1
    const statement = this.started
    const effects = this.#effectsOf(sql)
    const ends = this.#followTransaction(statement, sql, effects)
    this.#options.onStatement?.(statement, sql)
    let sent = false
    const run = async (): Promise<unknown> => {
      sent = true
      try {
        // Statements that are not awaited keep their order: only one that is watched waits.
        const watched = this.#options.watch?.before(sql)
        if (watched !== undefined) await watched
        const result = await original(...call)
        ends?.()
        return result
      } catch (error) {
        this.failures.push({ statement, sql, error })
        throw error
      }
    }
    const result = await (this.#options.intercept?.({ statement, sql, parameters: parameters ?? [], effects }, run) ??
      run())
    if (!sent) ends?.()
    this.completed += 1
    return result
  }

  /** What is to be noted once `sql` has been executed, when it begins or ends transactions. */
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

  /** A savepoint outside a transaction is one, until it is released. */
  #effectsOf(sql: string): readonly TransactionEffect[] {
    const savepoint = savepointIn(sql)
    if (savepoint === undefined) return transactionEffects(sql)
    if (savepoint.kind === 'savepoint') return this.transactionOpen ? [] : ['begin']
    return this.transactionOpen && savepoint.name === this.#outermost ? ['commit'] : []
  }

  async #drain(): Promise<void> {
    if (this.#pending.size === 0 && !this.#closed) return
    do {
      await Promise.allSettled([...this.#pending])
      // A chain of statements running beside the one that failed gets its turn here and is refused its next one.
      await new Promise((resolve) => setImmediate(resolve))
    } while (this.#pending.size > 0)
  }
}

function closedError(): AludelError {
  return new AludelError('ALUDEL_STATEMENT', 'the revision is over: a statement that it sends now is not executed', {
    help: 'Its up() or down() has a promise that it does not await.',
  })
}
