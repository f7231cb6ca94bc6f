import type { MigrationInterface, QueryRunner } from 'typeorm'

import { replaceMethod } from '../dialect/replace-method'

/** A statement that a revision sent. */
export interface SentStatement {
  readonly sql: string
  readonly parameters: readonly unknown[]
  /** True if the revision contains it; false if a method such as `queryRunner.createIndex` built it. */
  readonly written: boolean
}

/** False for a SELECT with which a method of TypeORM reads the catalog: the revision does not contain it. */
export function isOfRevision({ sql, written }: SentStatement): boolean {
  return written || !/^\s*select\b/i.test(sql)
}

/** Sends a statement, or other SQL in its place with the same parameters. */
export type Send = (instead?: string) => Promise<unknown>

type Query = (sql: string, parameters?: unknown[], ...rest: unknown[]) => Promise<unknown>

/**
 * A migration that reports every statement that it sends through the query runner.
 *
 * @param onStatement called before the statement runs
 */
export function observed(
  migration: MigrationInterface,
  onStatement: (statement: SentStatement) => void,
): MigrationInterface {
  return {
    transaction: migration.transaction,
    up: (runner) => watched(runner, onStatement, (facade) => migration.up(facade)),
    down: (runner) => watched(runner, onStatement, (facade) => migration.down(facade)),
  }
}

/**
 * A migration that calls `before` before each statement that it sends, and waits for it. Statements keep their order, also those
 * that the migration sends without waiting for the ones before.
 *
 * @param before gets a query runner whose own statements are not reported
 */
export function interrupted(
  migration: MigrationInterface,
  before: (statement: SentStatement, runner: QueryRunner) => Promise<void>,
): MigrationInterface {
  return surrounded(migration, async (statement, send, runner) => {
    await before(statement, runner)
    return send()
  })
}

/**
 * A migration whose statements are executed by `around`, one after the other, also those that it sends without waiting for the ones
 * before.
 *
 * @param around gets a function that sends the statement, and a query runner whose own statements are not reported
 */
export function surrounded(
  migration: MigrationInterface,
  around: (statement: SentStatement, send: Send, runner: QueryRunner) => Promise<unknown>,
): MigrationInterface {
  const run = (runner: QueryRunner, work: (facade: QueryRunner) => Promise<unknown>): Promise<unknown> => {
    const quiet = withQuery(runner, (runner as unknown as { query: Query }).query.bind(runner))
    let turn: Promise<unknown> = Promise.resolve()
    const inTurn = (statement: SentStatement, send: Send): Promise<unknown> => {
      const done = turn.then(() => around(statement, send, quiet))
      turn = done.catch(() => undefined)
      return done
    }
    return watchedBy(runner, inTurn, work)
  }
  return {
    transaction: migration.transaction,
    up: (runner) => run(runner, (facade) => migration.up(facade)),
    down: (runner) => run(runner, (facade) => migration.down(facade)),
  }
}

function watched<T>(
  runner: QueryRunner,
  onStatement: (statement: SentStatement) => void,
  work: (facade: QueryRunner) => Promise<T>,
): Promise<T> {
  return watchedBy(
    runner,
    (statement, send) => {
      onStatement(statement)
      return send()
    },
    work,
  )
}

/** @param around gets every statement, and a function that sends it */
async function watchedBy<T>(
  runner: QueryRunner,
  around: (statement: SentStatement, send: Send) => Promise<unknown>,
  work: (facade: QueryRunner) => Promise<T>,
): Promise<T> {
  const original: Query = (runner as unknown as { query: Query }).query.bind(runner)
  const query =
    (written: boolean): Query =>
    (sql, ...others) =>
      around({ sql, parameters: others[0] ?? [], written }, (instead = sql) => original(instead, ...others))
  const restore = replaceMethod(runner, 'query', query(false))
  try {
    // Methods of the query runner call `query` of the target; only the revision has the facade.
    return await work(withQuery(runner, query(true)))
  } finally {
    restore()
  }
}

/** The query runner with another `query`, which its own methods do not call. */
function withQuery(runner: QueryRunner, query: Query): QueryRunner {
  return new Proxy(runner, {
    get: (object, property) => {
      if (property === 'query') return query
      const value: unknown = Reflect.get(object, property, object)
      return typeof value === 'function' ? (value.bind(object) as unknown) : value
    },
  })
}

/** The statement inside TypeORM's QueryFailedError. */
export function statementOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  return 'query' in error && typeof error.query === 'string' ? error.query : failedStatements.get(error)
}

/** The statements of errors that do not contain them. */
const failedStatements = new WeakMap<object, string>()

/** A statement that the database refused. */
interface RefusedStatement {
  readonly sql: string
  readonly error: unknown
}

/** The last statement that was refused before a revision threw an error, which may be one of its own. */
const lastRefused = new WeakMap<object, RefusedStatement>()

/** The last statement that was refused before a revision threw `error`, in {@link notingFailures}. */
export function refusedBefore(error: unknown): RefusedStatement | undefined {
  return typeof error === 'object' && error !== null ? lastRefused.get(error) : undefined
}

/**
 * Notes which statements errors are about while a revision runs. TypeORM 0.3 throws the driver's own error for a statement that
 * SQLite cannot compile, and a revision may throw an error of its own.
 *
 * @throws what `work` throws
 */
export async function notingFailures<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  const original = runner.query.bind(runner)
  let last: RefusedStatement | undefined
  const restore = replaceMethod(
    runner,
    'query',
    async (...call: Parameters<QueryRunner['query']>): Promise<unknown> => {
      try {
        return await original(...call)
      } catch (error) {
        noteStatement(error, call[0])
        last = { sql: call[0], error }
        throw error
      }
    },
  )
  try {
    return await work()
  } catch (error) {
    if (last !== undefined && typeof error === 'object' && error !== null) lastRefused.set(error, last)
    throw error
  } finally {
    restore()
  }
}

/** Notes that an error is about a statement, for {@link statementOf}. */
export function noteStatement(error: unknown, sql: string): void {
  if (typeof error === 'object' && error !== null) failedStatements.set(error, sql)
}
