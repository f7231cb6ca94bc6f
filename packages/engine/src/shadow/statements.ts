import type { MigrationInterface, QueryRunner } from 'typeorm'

/** A statement that a revision sent. */
export interface SentStatement {
  readonly sql: string
  readonly parameters: readonly unknown[]
  /** Written in the revision; false for what a method such as `queryRunner.createIndex` made of its arguments. */
  readonly written: boolean
}

type Query = (sql: string, parameters?: unknown[], ...rest: unknown[]) => Promise<unknown>

/**
 * The migration, reporting every statement that it sends through the query runner.
 *
 * @param onStatement called before the statement runs
 */
export function observed(
  migration: MigrationInterface,
  onStatement: (statement: SentStatement) => void,
): MigrationInterface {
  return {
    ...(migration.transaction === undefined ? {} : { transaction: migration.transaction }),
    up: (runner) => watched(runner, onStatement, (facade) => migration.up(facade)),
    down: (runner) => watched(runner, onStatement, (facade) => migration.down(facade)),
  }
}

async function watched<T>(
  runner: QueryRunner,
  onStatement: (statement: SentStatement) => void,
  work: (facade: QueryRunner) => Promise<T>,
): Promise<T> {
  const target = runner as unknown as { query: Query }
  const own = Object.getOwnPropertyDescriptor(target, 'query')
  const original = target.query.bind(target)
  target.query = (...call) => {
    onStatement({ sql: call[0], parameters: call[1] ?? [], written: false })
    return original(...call)
  }
  const written: Query = (...call) => {
    onStatement({ sql: call[0], parameters: call[1] ?? [], written: true })
    return original(...call)
  }
  // Methods of the query runner call `this.query`, which is the target's; only the revision itself has the facade.
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
    if (own === undefined) Reflect.deleteProperty(target, 'query')
    else Object.defineProperty(target, 'query', own)
  }
}
