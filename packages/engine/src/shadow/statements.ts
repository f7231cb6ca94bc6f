import type { MigrationInterface, QueryRunner } from 'typeorm'

import { replaceMethod } from '../dialect/replace-method'

/** A statement that a revision sent. */
export interface SentStatement {
  readonly sql: string
  readonly parameters: readonly unknown[]
  /** True if the revision contains it; false if a method such as `queryRunner.createIndex` built it. */
  readonly written: boolean
}

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

async function watched<T>(
  runner: QueryRunner,
  onStatement: (statement: SentStatement) => void,
  work: (facade: QueryRunner) => Promise<T>,
): Promise<T> {
  const original: Query = (runner as unknown as { query: Query }).query.bind(runner)
  const restore = replaceMethod(runner, 'query', (...call: Parameters<Query>) => {
    onStatement({ sql: call[0], parameters: call[1] ?? [], written: false })
    return original(...call)
  })
  const written: Query = (...call) => {
    onStatement({ sql: call[0], parameters: call[1] ?? [], written: true })
    return original(...call)
  }
  // Methods of the query runner call `query` of the target; only the revision has the facade.
  const facade = new Proxy(runner, {
    get: (object, property) => {
      if (property === 'query') return written
      const value: unknown = Reflect.get(object, property, object)
      return typeof value === 'function' ? (value.bind(object) as unknown) : value
    },
  })
  try {
    return await work(facade)
  } finally {
    restore()
  }
}

/** The statement inside TypeORM's QueryFailedError. */
export function statementOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  return 'query' in error && typeof error.query === 'string' ? error.query : failedStatements.get(error)
}

/** The statements of errors that do not contain them. */
const failedStatements = new WeakMap<object, string>()

/**
 * Notes which statement an error is about, until the returned function is called. TypeORM 0.3 throws the driver's own error for
 * a statement that SQLite cannot compile.
 */
export function noteFailedStatements(runner: QueryRunner): () => void {
  const original = runner.query.bind(runner)
  return replaceMethod(runner, 'query', async (...call: Parameters<QueryRunner['query']>): Promise<unknown> => {
    try {
      return await original(...call)
    } catch (error) {
      if (typeof error === 'object' && error !== null) failedStatements.set(error, call[0])
      throw error
    }
  })
}
