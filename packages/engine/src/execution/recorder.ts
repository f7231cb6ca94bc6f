import type { DataSourceOptions, MigrationInterface, QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import { AludelError } from '../errors'
import type { Direction } from '../revision/revision'
import { dataWith, withHook } from '../batches/hook'
import { recordedBatches } from '../batches/recorded'
import { inlined } from '../batches/statements'
import { isSavepoint, trimStatement } from '../sql/text'
import { readsRows, readTest } from './reads'
import { StatementInterceptor } from './statement-interceptor'
import { reopen } from './transaction'
import { untouchable } from './untouchable'

/**
 * A migration used something that needs a database: the result of a query, TypeORM's schema methods, the entity manager.
 * Record it with {@link recordOnDatabase} instead.
 */
export class NeedsDatabase extends Error {
  override readonly name = 'NeedsDatabase'
  constructor(
    /** What it used, for example `queryRunner.manager`. */
    readonly asked: string,
  ) {
    super(`the revision uses ${asked}, which needs a database`)
  }
}

/**
 * The statements of a migration, found without a database: its code runs with a query runner that only records statements.
 * Parameters are inlined.
 *
 * @param driverOptions what the migration sees as `queryRunner.connection.options`
 * @throws NeedsDatabase when that is not enough
 * @throws AludelError `ALUDEL_OFFLINE` when the migration itself throws
 *
 * @example
 * await recordStatements(new AddPriority1763750000000(), 'upgrade', sqlite, { type: 'better-sqlite3', database: '' })
 * // ['ALTER TABLE "workflows" ADD COLUMN "priority" integer']
 */
export async function recordStatements(
  migration: MigrationInterface,
  direction: Direction,
  dialect: Dialect,
  driverOptions: DataSourceOptions,
): Promise<string[]> {
  const statements: string[] = []
  let asked: NeedsDatabase | undefined
  const needs = (what: string): NeedsDatabase => (asked ??= new NeedsDatabase(what))
  const record = (sql: string, parameters?: unknown): Promise<unknown> => {
    if (parameters !== undefined && !Array.isArray(parameters)) throw needs('named parameters')
    const text = inlined(dialect, sql, (parameters as unknown[] | undefined) ?? [])
    if (text === undefined) throw needs('parameters that do not match their placeholders')
    const statement = trimStatement(text)
    if (statement !== '') statements.push(statement)
    return Promise.resolve(untouchable(() => needs('the result of a query')))
  }
  const dataSource = only('queryRunner.connection', needs, {
    options: driverOptions,
    driver: only('queryRunner.connection.driver', needs, { options: driverOptions }),
  })
  const queryRunner = only('queryRunner', needs, {
    query: record,
    connection: dataSource,
    dataSource,
    data: dataWith(recordedBatches(dialect, record, needs)),
    isReleased: false,
    isTransactionActive: true,
    // The script needs them in the same place.
    startTransaction: () => record('BEGIN'),
    commitTransaction: () => record('COMMIT'),
    rollbackTransaction: () => record('ROLLBACK'),
  }) as unknown as QueryRunner
  try {
    await (direction === 'upgrade' ? migration.up(queryRunner) : migration.down(queryRunner))
  } catch (error) {
    // Also if the migration has wrapped it in another error.
    if (asked !== undefined) throw asked
    throw new AludelError('ALUDEL_OFFLINE', `the ${direction} does not run: ${messageLine(error)}`, { cause: error })
  }
  // Also if the migration has caught it.
  if (asked !== undefined) throw asked
  return statements
}

/** The statements of a migration, recorded on a scratch database. */
export interface Recording {
  readonly statements: readonly string[]
  /** The first statement that reads rows of a table: the others may depend on what it finds. */
  readonly rowsRead?: string
}

/**
 * The statements that a migration executes on a scratch database, without those that only read. The database is then ready
 * for the next revision.
 *
 * The caller does what a run does around it: foreign keys, transaction (none for a revision that is not transactional),
 * commit.
 *
 * @param queryRunner of a scratch database at the revision before
 * @throws whatever the migration or the database throws
 */
export async function recordOnDatabase(
  migration: MigrationInterface,
  direction: Direction,
  dialect: Dialect,
  queryRunner: QueryRunner,
): Promise<Recording> {
  const statements: string[] = []
  let rowsRead: string | undefined
  const transactional = queryRunner.isTransactionActive
  const isRead = readTest(dialect)
  const interceptor = new StatementInterceptor(queryRunner, {
    transactional,
    intercept: async ({ sql, parameters }, run) => {
      const result = await run()
      if (isSavepoint(sql)) return result
      if (await isRead(sql)) {
        if (readsRows(sql)) rowsRead ??= trimStatement(sql)
        return result
      }
      const statement = trimStatement(inlined(dialect, sql, parameters) ?? sql)
      if (statement !== '') statements.push(statement)
      return result
    },
  })
  const refuse = (what: string): AludelError =>
    new AludelError('ALUDEL_OFFLINE', `the revision uses ${what}, which a script cannot do`, {
      help: 'Run it with `aludel migrate upgrade`.',
    })
  await interceptor.watch((watched) => {
    const hook = recordedBatches(dialect, (sql, parameters) => watched.query(sql, parameters), refuse)
    return withHook(watched, hook, () => (direction === 'upgrade' ? migration.up(watched) : migration.down(watched)))
  })
  if (transactional && !interceptor.transactionOpen) await reopen(queryRunner)
  return { statements, rowsRead }
}

/** An object with these properties, which throws the error of `needs` for any other. */
function only(name: string, needs: (what: string) => Error, properties: Readonly<Record<string, unknown>>): object {
  return new Proxy(properties, {
    get: (target, property) => {
      if (Object.hasOwn(target, property)) return Reflect.get(target, property) as unknown
      // Promises look for `then`, inspection for symbols.
      if (typeof property === 'symbol' || property === 'then') return undefined
      throw needs(`${name}.${property}`)
    },
    has: (target, property) => Object.hasOwn(target, property),
  })
}

function messageLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ')
}
